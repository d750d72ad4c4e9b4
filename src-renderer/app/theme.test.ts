/** The promises docs/design.md makes about contrast, computed from the tokens themselves. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Theme = 'light' | 'dark';
type Rgb = [number, number, number];

const css = readFileSync(new URL('./theme.css', import.meta.url), 'utf8');
const root = css.slice(css.indexOf(':root {'), css.indexOf('\n}\n'));
const tokens = new Map([...root.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]));

/** A token's colour in a theme as linear sRGB, following var() and light-dark(). */
function color(name: string, theme: Theme): Rgb {
  const value = tokens.get(name);
  const alias = value && /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (alias) return color(alias, theme);
  const parts = [...(value ?? '').matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)|oklch\(([\d.]+) 0 0\)/g)];
  const found = parts[theme === 'dark' ? parts.length - 1 : 0];
  if (!found) throw new Error(`--${name} is not a plain colour: ${value}`);
  return toLinear(Number(found[1]), Number(found[2]), Number(found[3]));
}

/** OKLCH to linear sRGB, https://bottosson.github.io/posts/oklab/; out-of-gamut parts are cut off. */
function toLinear(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** WCAG 2 contrast ratio. */
function contrast(front: string, back: string, theme: Theme): number {
  const luminance = (name: string) => {
    const [r, g, b] = color(name, theme);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [luminance(front), luminance(back)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const THEMES: Theme[] = ['light', 'dark'];
const SURFACES = ['canvas', 'surface', 'raised', 'inset', 'field'];

function pairs(fronts: string[], backs: string[]): [Theme, string, string][] {
  return THEMES.flatMap((theme) =>
    fronts.flatMap((f) => backs.map((b): [Theme, string, string] => [theme, f, b])),
  );
}

test.each(pairs(['ink', 'ink-2'], SURFACES))('%s: %s on %s reaches 7:1', (theme, front, back) => {
  expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(7);
});

test.each(pairs(['ink-3', 'accent', 'ok', 'warn', 'bad', 'info'], SURFACES))(
  '%s: %s on %s reaches 4.5:1',
  (theme, front, back) => expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5),
);

test.each(
  THEMES.flatMap((theme) =>
    ['accent', 'ok', 'warn', 'bad', 'info'].map((tone): [Theme, string] => [theme, tone]),
  ),
)('%s: %s and plain text can be read on its soft ground', (theme, tone) => {
  expect(contrast(tone, `${tone}-soft`, theme)).toBeGreaterThanOrEqual(4.5);
  expect(contrast('ink-2', `${tone}-soft`, theme)).toBeGreaterThanOrEqual(4.5);
});

test.each(pairs(['on-solid'], ['accent-solid', 'accent-solid-hover', 'bad-solid']))(
  '%s: %s on %s reaches 4.5:1',
  (theme, front, back) => expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5),
);

const MARKS = ['line-strong', 'focus', 'ok-fill', 'warn-fill', 'bad-fill', 'chart-reference'];
const SERIES = Array.from({ length: 8 }, (_, at) => `chart-${at + 1}`);
const RAMP = Array.from({ length: 5 }, (_, at) => `ramp-${at + 1}`);

test.each(pairs([...MARKS, ...SERIES, ...RAMP], ['surface', 'canvas']))(
  '%s: %s stands out from %s at 3:1',
  (theme, front, back) => expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(3),
);

/** How the cones of a deuteranope and a protanope see linear RGB: Viénot, Brettel and Mollon 1999. */
const BLIND: Record<string, Rgb[]> = {
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
};

/** Distance in OKLab of two linear colours; 0.02 is about what can just be told apart side by side. */
function distance(one: Rgb, other: Rgb): number {
  const lab = ([r, g, b]: Rgb) => {
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
}

const asSeen = (seen: Rgb[], rgb: Rgb): Rgb =>
  seen.map((row) =>
    Math.max(
      0,
      row.reduce((sum, value, at) => sum + value * (rgb[at] ?? 0), 0),
    ),
  ) as Rgb;

test.each(THEMES.flatMap((theme) => Object.keys(BLIND).map((kind): [Theme, string] => [theme, kind])))(
  '%s: any two series can be told apart with %s',
  (theme, kind) => {
    const colors = SERIES.map((name) => asSeen(BLIND[kind] as Rgb[], color(name, theme)));
    const close = colors.flatMap((one, i) =>
      colors
        .slice(i + 1)
        .map((other, j) => ({ pair: `${i + 1}/${i + j + 2}`, apart: distance(one, other) }))
        .filter(({ apart }) => apart < 0.05),
    );
    expect(close).toEqual([]);
  },
);

test.each(THEMES.flatMap((theme) => Object.keys(BLIND).map((kind): [Theme, string] => [theme, kind])))(
  '%s: the colours of a number go one way in lightness and stay apart with %s',
  (theme, kind) => {
    const luminance = RAMP.map((name) => {
      const [r, g, b] = color(name, theme);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    const ordered = [...luminance].sort((a, b) => (theme === 'dark' ? a - b : b - a));
    expect(luminance).toEqual(ordered);
    const seen = RAMP.map((name) => asSeen(BLIND[kind] as Rgb[], color(name, theme)));
    for (let at = 1; at < seen.length; at++)
      expect(distance(seen[at - 1] as Rgb, seen[at] as Rgb)).toBeGreaterThan(0.06);
  },
);
