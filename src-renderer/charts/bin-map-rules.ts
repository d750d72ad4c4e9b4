/** Columns of a picture of distributions: where windows are narrower than a pixel, those of a pixel are taken together. Pure. */

type Window = { windowMs: number; n: number; shares: readonly number[] };
type PixelColumn = { x: number; shares: number[] };

/** `scale` is pixels per millisecond, `cell` the width of a window in pixels. Shares of a pixel are weighted by rows. */
export function columnsPerPixel(
  windows: readonly Window[],
  from: number,
  scale: number,
  cell: number,
): PixelColumn[] {
  if (cell >= 1)
    return windows.map(({ windowMs, shares }) => ({ x: (windowMs - from) * scale, shares: [...shares] }));
  const pixels = new Map<number, { n: number; sums: number[] }>();
  for (const { windowMs, n, shares } of windows) {
    const x = Math.floor((windowMs - from) * scale);
    const known = pixels.get(x) ?? { n: 0, sums: shares.map(() => 0) };
    known.n += n;
    shares.forEach((share, i) => {
      known.sums[i] = (known.sums[i] ?? 0) + share * n;
    });
    pixels.set(x, known);
  }
  return [...pixels].map(([x, { n, sums }]) => ({ x, shares: sums.map((sum) => (n > 0 ? sum / n : 0)) }));
}
