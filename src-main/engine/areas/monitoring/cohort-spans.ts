/** Sums over several windows together, which a point of a series stands for. */
import type { Database } from '../../data/database.ts';
import {
  addWindow,
  type CohortRange,
  type CohortWindow,
  newestWindow,
  readScores,
  readWindows,
  type ScoreWindow,
} from './cohort-read.ts';
import { type CohortSums, type DetailOf, emptyCohort } from './cohorts.rules.ts';

/** What windows are taken together: `span` of `sizeMs` each, the point's own the last. */
export type SpanRange = CohortRange & { sizeMs: number; span: number };
export type Age = { nowMs: number; p90Ms: number | null };

/** Sums of the span that ends with each window that has rows; the windows themselves are by version. */
export function* spans(
  db: Database,
  range: SpanRange,
  detail: DetailOf,
): Generator<{ windowMs: number; complete: boolean; byVersion: ReadonlyMap<string, CohortSums> }> {
  const windows = readWindows(db, withReach(range, detail));
  const byVersion = new Map<string, CohortSums>();
  let [first, next] = [0, 0];
  for (const { from, to, ...point } of stretches(db, range, windows)) {
    for (; next < to; next++) {
      const window = windows[next] as CohortWindow;
      const sum = byVersion.get(window.version) ?? emptyCohort(detail);
      addWindow(sum, window);
      byVersion.set(window.version, sum);
    }
    for (; first < from; first++) {
      const window = windows[first] as CohortWindow;
      const sum = byVersion.get(window.version) as CohortSums;
      addWindow(sum, window, -1);
      if (sum.predictions === 0 && sum.labelled === 0) byVersion.delete(window.version);
    }
    yield { ...point, byVersion };
  }
}

/** The scores alone of all windows, and which of them each point stands for. */
export function scoreSpans(
  db: Database,
  range: SpanRange,
): { windows: readonly ScoreWindow[]; points: Generator<Stretch> } {
  const windows = readScores(db, withReach(range, 'all'));
  return { windows, points: stretches(db, range, windows) };
}

/** The windows [from, to) of a list by time. */
type Stretch = { windowMs: number; complete: boolean; from: number; to: number };

const reachOf = ({ sizeMs, span }: SpanRange): number => (span - 1) * sizeMs;
/** A point's span begins before the range. */
const withReach = (range: SpanRange, detail: DetailOf) => ({
  ...range,
  ...{ fromMs: Math.max(0, range.fromMs - reachOf(range)), detail },
});

/** The span that ends with each window. */
function* stretches(
  db: Database,
  range: SpanRange,
  windows: readonly { windowMs: number }[],
): Generator<Stretch> {
  const newestMs = newestWindow(db, range.endpointId) ?? 0;
  const reach = reachOf(range);
  for (let from = 0, to = 0; to < windows.length; ) {
    const { windowMs } = windows[to] as { windowMs: number };
    while (windows[to]?.windowMs === windowMs) to += 1;
    while ((windows[from]?.windowMs ?? windowMs) < windowMs - reach) from += 1;
    if (windowMs >= range.fromMs) yield { windowMs, complete: windowMs + range.sizeMs <= newestMs, from, to };
  }
}
