/** Sums over several windows together, which a point of a series stands for. */
import type { Database } from '../../data/database.ts';
import { addWindow, type CohortRange, type CohortWindow, newestWindow, readWindows } from './cohort-read.ts';
import { addCohort, type CohortSums, clearCohort, type DetailOf, emptyCohort } from './cohorts.rules.ts';

/** What windows are taken together: `span` of `sizeMs` each, the point's own the last. */
export type SpanRange = CohortRange & { sizeMs: number; span: number };
export type Age = { nowMs: number; p90Ms: number | null };

/** Sums of the span that ends with each window that has rows; the windows themselves are by version. */
export function* spans(
  db: Database,
  range: SpanRange,
  detail: DetailOf,
): Generator<{ windowMs: number; complete: boolean; byVersion: ReadonlyMap<string, CohortSums> }> {
  const { sizeMs, span } = range;
  const reach = (span - 1) * sizeMs;
  const windows = readWindows(db, { ...range, fromMs: Math.max(0, range.fromMs - reach), detail });
  const newestMs = newestWindow(db, range.endpointId) ?? 0;
  const byVersion = new Map<string, CohortSums>();
  /** Windows of the span that are unpacked, to be taken away again, and what is free to unpack into. */
  const inside: CohortSums[] = [];
  const free: CohortSums[] = [];
  let first = 0;
  for (let at = 0; at < windows.length; ) {
    const { windowMs } = windows[at] as CohortWindow;
    for (; windows[at]?.windowMs === windowMs; at++) {
      const window = windows[at] as CohortWindow;
      const unpacked = free.pop() ?? emptyCohort(detail);
      addWindow(unpacked, window);
      inside.push(unpacked);
      const sum = byVersion.get(window.version) ?? emptyCohort(detail);
      addCohort(sum, unpacked);
      byVersion.set(window.version, sum);
    }
    for (; (windows[first]?.windowMs ?? windowMs) < windowMs - reach; first++) {
      const { version } = windows[first] as CohortWindow;
      const unpacked = inside.shift() as CohortSums;
      const sum = byVersion.get(version) as CohortSums;
      addCohort(sum, unpacked, -1);
      if (sum.predictions === 0 && sum.labelled === 0) byVersion.delete(version);
      clearCohort(unpacked);
      free.push(unpacked);
    }
    if (windowMs >= range.fromMs) yield { windowMs, complete: windowMs + sizeMs <= newestMs, byVersion };
  }
}
