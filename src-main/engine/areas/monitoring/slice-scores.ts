/** One feature by slice over a span, from the raw log: counts are not kept by slice. Bounded in rows and in time. */
import { LatheError } from '../../../contract/errors.ts';
import { SPANS, WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import { jobUrl } from '../../analysis/index.ts';
import type { AreaContext } from '../../context.ts';
import type { RawLog } from '../raw-log/index.ts';
import type { SlicedSeries, SliceScore, SliceScoresInput } from './slice-scores-job.ts';
import { featureOf, type Sight, type Wanted } from './views.ts';

export type SliceScoresWanted = {
  endpoint: string;
  series: SlicedSeries;
  per: WindowSize;
  /** The span ends with it. */
  windowMs: number;
  arm: string | null;
  slices: readonly { name: string; conditions: SliceCondition[] }[];
  queryOf: RawLog['queryOf'];
  /** Only tests change it. */
  limitMs?: number;
};

/** The start of the analysis process is part of it. */
const LIMIT_MS = 10_000;
/** So long nothing is asked after it took too long: many alerts at once would wait one after the other. */
const REST_MS = 60_000;

export function createSliceScores(
  { analysis, clock, paths }: Pick<AreaContext, 'analysis' | 'clock' | 'paths'>,
  sight: (wanted: Wanted) => Promise<Sight>,
) {
  const job = jobUrl(import.meta.url, 'slice-scores-job', paths.bundles);
  let notBefore = Number.NEGATIVE_INFINITY;

  /** Null where no row of the span is logged with that feature. */
  return async (wanted: SliceScoresWanted): Promise<SliceScore[] | null> => {
    const { endpoint, series, per, windowMs, arm, slices } = wanted;
    if (clock.monotonic() < notBefore) throw new LatheError('LATHE_INTERNAL', { reason: 'the log is busy' });
    const size = WINDOW_SIZE_MS[per];
    const seen = await sight({ endpoint, per, ...(arm === null ? {} : { arm }) });
    const { profile, reference, grid, versions } = featureOf(seen, series.feature);
    const input: SliceScoresInput = {
      log: wanted.queryOf(seen.view.endpointId, {
        fromMs: Math.max(0, windowMs - (SPANS[per] - 1) * size),
        toMs: windowMs + size,
        ...(arm === null ? {} : { arm }),
      }),
      ...{ series, profile, reference, versions },
      slices: slices.map(({ name, conditions }) => ({ name, conditions })),
      single: grid.kind === 'numeric' && grid.single,
    };
    const signal = AbortSignal.timeout(wanted.limitMs ?? LIMIT_MS);
    try {
      return (await analysis.run<SliceScore[] | null>(job, input, { signal })).result;
    } catch (thrown) {
      if (signal.aborted) notBefore = clock.monotonic() + REST_MS;
      throw thrown;
    }
  };
}
