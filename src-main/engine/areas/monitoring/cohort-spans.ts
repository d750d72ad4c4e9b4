/** Sums over several windows together, which a point of a series stands for. */
import type { Database } from '../../data/database.ts';
import { addWindow, type CohortRange, type CohortWindow, newestWindow, readWindows } from './cohort-read.ts';
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
  const { sizeMs, span } = range;
  const reach = (span - 1) * sizeMs;
  const windows = readWindows(db, { ...range, fromMs: Math.max(0, range.fromMs - reach), detail });
  const newestMs = newestWindow(db, range.endpointId) ?? 0;
  const byVersion = new Map<string, CohortSums>();
  let first = 0;
  for (let at = 0; at < windows.length; ) {
    const { windowMs } = windows[at] as CohortWindow;
    for (; windows[at]?.windowMs === windowMs; at++) {
      const window = windows[at] as CohortWindow;
      const sum = byVersion.get(window.version) ?? emptyCohort(detail);
      addWindow(sum, window);
      byVersion.set(window.version, sum);
    }
    for (; (windows[first]?.windowMs ?? windowMs) < windowMs - reach; first++) {
      const window = windows[first] as CohortWindow;
      const sum = byVersion.get(window.version) as CohortSums;
      addWindow(sum, window, -1);
      if (sum.predictions === 0 && sum.labelled === 0) byVersion.delete(window.version);
    }
    if (windowMs >= range.fromMs) yield { windowMs, complete: windowMs + sizeMs <= newestMs, byVersion };
  }
}
