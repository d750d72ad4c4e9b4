/** What a word-sized line draws, and what it says of the rows behind it. Pure. */
import { formatCount } from '../lib/format.ts';

/** What stands behind a value. */
export type Behind = {
  n: number;
  /** Too few rows, or not final: faint and hollow. */
  weak: boolean;
  low?: number | null;
  high?: number | null;
};

export type Spark = { value: number | null; behind: Behind | null };

export const isDrawn = ({ value }: Spark): boolean => value !== null && Number.isFinite(value);

/** Lowest and highest of what can be relied on; of all, where nothing can. */
export function sparkExtent(points: readonly Spark[]): [number, number] | null {
  const drawn = points.filter(isDrawn);
  const strong = drawn.filter(({ behind }) => !behind?.weak);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { value, behind } of strong.length > 0 ? strong : drawn)
    for (const one of [value, behind?.low, behind?.high]) {
      if (one == null || !Number.isFinite(one)) continue;
      low = Math.min(low, one);
      high = Math.max(high, one);
    }
  return low > high ? null : [low, high];
}

/** Runs of neighbours that are drawn alike, by their places; a step with a weak end is weak. */
export function sparkStrokes(points: readonly Spark[]): { weak: boolean; places: number[] }[] {
  const strokes: { weak: boolean; places: number[] }[] = [];
  for (let at = 1; at < points.length; at++) {
    const [one, two] = [points[at - 1] as Spark, points[at] as Spark];
    if (!isDrawn(one) || !isDrawn(two)) continue;
    const weak = Boolean(one.behind?.weak || two.behind?.weak);
    const last = strokes.at(-1);
    if (last && last.weak === weak && last.places.at(-1) === at - 1) last.places.push(at);
    else strokes.push({ weak, places: [at - 1, at] });
  }
  return strokes;
}

/** "n 120 to 1,500 rows a point; 3 of 30 faint: too few rows, or not final"; empty where no rows are known. */
export function rowsWords(points: readonly Spark[]): string {
  const behind = points.filter(isDrawn).flatMap((point) => point.behind ?? []);
  if (behind.length === 0) return '';
  const least = behind.reduce((low, { n }) => Math.min(low, n), Number.POSITIVE_INFINITY);
  const most = behind.reduce((high, { n }) => Math.max(high, n), 0);
  const weak = behind.filter((one) => one.weak).length;
  const range = least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`;
  const faint = weak === 0 ? '' : `; ${weak} of ${behind.length} faint: too few rows, or not final`;
  return `n ${range} rows a point${faint}`;
}
