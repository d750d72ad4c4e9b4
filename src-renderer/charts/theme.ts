/** The one chart theme: colours and font taken from the tokens of app/theme.css, anew when they change. */
import { useMemo } from 'react';
import { tokenColor, useDark } from '../lib/theme.ts';

const TOKENS = {
  1: '--chart-1',
  2: '--chart-2',
  3: '--chart-3',
  4: '--chart-4',
  5: '--chart-5',
  6: '--chart-6',
  7: '--chart-7',
  8: '--chart-8',
  champion: '--arm-champion',
  challenger: '--arm-challenger',
  reference: '--chart-reference',
  ok: '--ok',
  warn: '--warn',
  bad: '--bad',
  muted: '--ink-3',
} as const;

/** A colour by its role; numbers are places in the eight-colour series palette. */
export type ChartColor = keyof typeof TOKENS;

export type ChartTheme = {
  color: (color: ChartColor) => string;
  /** The same colour, see-through enough to lie under lines. */
  wash: (color: ChartColor) => string;
  grid: string;
  axis: string;
  surface: string;
  fontFamily: string;
};

/** For SVG and HTML charts, which follow the theme by themselves. */
export const cssColor = (color: ChartColor): string => `var(${TOKENS[color]})`;

/** The palette place of the n-th series (from 0); wraps after eight. */
export const seriesColor = (index: number): ChartColor => ((index % 8) + 1) as ChartColor;

/** An arm's colour: the two well-known ones by name, others by their place. */
export function armColor(key: string, index: number): ChartColor {
  if (key === 'champion' || key === 'challenger') return key;
  return seriesColor(index);
}

export function useChartTheme(): ChartTheme {
  const dark = useDark();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tokens' values change with the theme.
  return useMemo(readTheme, [dark]);
}

function readTheme(): ChartTheme {
  const solid = new Map<ChartColor, string>();
  const color = (name: ChartColor): string => {
    const known = solid.get(name) ?? tokenColor(TOKENS[name]);
    solid.set(name, known);
    return known;
  };
  return {
    color,
    wash: (name) => seeThrough(color(name), 0.16),
    grid: tokenColor('--chart-grid'),
    axis: tokenColor('--chart-axis'),
    surface: tokenColor('--surface'),
    fontFamily: getComputedStyle(document.body).fontFamily,
  };
}

/** The browser resolves tokens to `oklch(l c h)` or `rgb(r, g, b)`; both take an alpha at the end. */
const seeThrough = (color: string, alpha: number): string =>
  color.startsWith('rgb(')
    ? color.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`)
    : color.replace(')', ` / ${alpha})`);
