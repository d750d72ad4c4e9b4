/** From the engine's lines to curves that can be drawn: smoothed, or one for each group of runs. Pure. */
import type { Line } from '../../../src-main/contract/explore-lines.ts';
import { type Curve, type Range, smoothEma, smoothingUnit, spanOf } from '../../charts/curve.ts';
import { aggregateCurves, commonGrid, type GroupBand, type GroupLine } from '../../charts/curve-groups.ts';
import type { ChartColor } from '../../charts/theme.ts';

/** One engine's answer, and the metric that it is of. */
export type LinesOfKey = { key: string; lines: readonly Line[] };

const MOST_POINTS = 150_000;
const STEPS = [2000, 1000, 500, 250, 120];

/** As many points as there are pixels, and fewer of each where there are very many runs. */
export function bucketsFor(width: number, runs: number): number {
  const most = Math.min(width, MOST_POINTS / Math.max(1, runs));
  return STEPS.find((step) => step <= most) ?? 120;
}

/** One answer holds so many points. */
const MOST_IN_ANSWER = 50_000;

export function inAnswers(
  runIds: readonly string[],
  width: number,
): { runIds: readonly string[]; buckets: number }[] {
  const buckets = bucketsFor(width, runIds.length);
  const most = Math.min(100, Math.floor(MOST_IN_ANSWER / buckets));
  return Array.from({ length: Math.ceil(runIds.length / most) }, (_, at) => ({
    runIds: runIds.slice(at * most, (at + 1) * most),
    buckets,
  }));
}

/** The stretch that is asked for: more than is shown, so that lines run off the edge and smoothing has a past. */
export const paddedZoom = ([from, to]: Range): Range => [from - (to - from) * 0.25, to + (to - from) * 0.05];

export type Look = { label: string; color: ChartColor; dashed: boolean };

/** One curve for each run and metric. `lookOf` gives null for what is not to be drawn. */
export function runCurves(
  parts: readonly LinesOfKey[],
  lookOf: (runId: string, key: string) => (Look & { id: string }) | null,
  smoothing: number,
  unit: number,
): Curve[] {
  return parts.flatMap(({ key, lines }) =>
    lines.flatMap((line) => {
      const look = line.x.length > 0 ? lookOf(line.runId, key) : null;
      if (!look) return [];
      const smooth = smoothing > 0 && line.x.length > 1;
      return [
        {
          ...look,
          points: {
            x: line.x,
            y: smooth ? smoothEma(line.x, line.last, smoothing, unit) : line.last,
            low: line.min,
            high: line.max,
          },
          ghost: smooth ? line.last : null,
          logged: line.logged,
          notFinite: line.notFinite,
        },
      ];
    }),
  );
}

export type RunGroup = Look & { id: string; runIds: ReadonlySet<string> };

/** One curve for each group that has a run with the metric. */
export function groupCurves(
  parts: readonly LinesOfKey[],
  groups: readonly RunGroup[],
  options: { line: GroupLine; band: GroupBand; smoothing: number; unit: number },
): Curve[] {
  const all = parts.flatMap(({ lines }) => lines).filter(({ x }) => x.length > 0);
  return groups.flatMap(({ runIds, ...look }) => {
    const members = all.filter(({ runId }) => runIds.has(runId));
    if (members.length === 0) return [];
    const columns = members.map(({ x, last, min, max }) => ({
      x,
      y: smoothEma(x, last, options.smoothing, options.unit),
      low: min,
      high: max,
    }));
    return [
      {
        ...look,
        label: `${look.label} (${members.length})`,
        points: aggregateCurves(columns, commonGrid(columns), options.line, options.band),
        ghost: null,
        logged: members.reduce((sum, { logged }) => sum + logged, 0),
        notFinite: members.reduce((sum, { notFinite }) => sum + notFinite, 0),
      },
    ];
  });
}

/** The unit of x by which all curves of these answers are smoothed. `whole` is the range before any zoom. */
export const unitOf = (parts: readonly LinesOfKey[], whole: number | null): number => {
  const lines = parts.flatMap((part) => part.lines);
  return smoothingUnit(lines, whole ?? spanOf(lines));
};
