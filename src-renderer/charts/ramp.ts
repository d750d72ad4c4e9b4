/** Colours for the size of a number: from close to the ground to far from it, lightness rising or falling all the way. */
import { useMemo } from 'react';
import { tokenColor, useDark } from '../lib/theme.ts';

const TOKENS = ['--ramp-1', '--ramp-2', '--ramp-3', '--ramp-4', '--ramp-5'] as const;
/** Steps that a picture uses; more could not be told apart. */
export const RAMP_STEPS = 24;

type Oklch = [lightness: number, chroma: number, hue: number];

/** Between colours written as `oklch(l c h)`, hues the short way round. Pure. */
export function blend(stops: readonly string[], share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const [from, to] = [read(stops[Math.floor(at)] ?? ''), read(stops[Math.ceil(at)] ?? '')];
  const part = at - Math.floor(at);
  const turn = ((to[2] - from[2] + 540) % 360) - 180;
  const mixed = [
    from[0] + (to[0] - from[0]) * part,
    from[1] + (to[1] - from[1]) * part,
    (from[2] + turn * part + 360) % 360,
  ];
  return `oklch(${mixed.map((value) => value.toFixed(4)).join(' ')})`;
}

function read(color: string): Oklch {
  const [l = 0.5, c = 0, h = 0] = (/^oklch\(([^)]*)\)/.exec(color)?.[1] ?? '').split(/[\s/]+/).map(Number);
  return [l, c, h];
}

/** The palette of the present theme, low to high. */
export function useRamp(): readonly string[] {
  const dark = useDark();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens' values change with the theme.
  return useMemo(() => {
    const stops = TOKENS.map(tokenColor);
    return Array.from({ length: RAMP_STEPS }, (_, at) => blend(stops, at / (RAMP_STEPS - 1)));
  }, [dark]);
}

/** Places in the palette for shares of a range; what lies below zero has no value and gets `none`. Pure. */
export const rampPlaces = (shares: Float32Array, none: number): Uint8Array =>
  Uint8Array.from(shares, (share) =>
    share < -1e-6 ? none : Math.min(RAMP_STEPS - 1, Math.max(0, Math.floor(share * RAMP_STEPS))),
  );

/** The palette as a CSS gradient, for a legend that follows the theme. */
export const RAMP_GRADIENT = `linear-gradient(to right in oklch, ${TOKENS.map((token) => `var(${token})`).join(', ')})`;
