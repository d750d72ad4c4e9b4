/** Ranks features by how their drift went along with quality, window by window. */
import type { RankedFeature } from '../../../contract/monitoring.ts';
import type {
  EstimatedMetric,
  PerformanceMetric,
  Series,
  SeriesQuery,
  WindowSize,
} from '../../../contract/monitoring-series.ts';
import { PSI_METHOD } from './drift.rules.ts';
import { scoresBy } from './drift.ts';
import { rankFeatures } from './ranking.rules.ts';
import type { createTimelines } from './timelines.ts';
import type { Sight } from './views.ts';

type Timelines = ReturnType<typeof createTimelines>;

export type RankingWanted = {
  endpoint: string;
  per?: WindowSize | undefined;
  metric?: PerformanceMetric | EstimatedMetric | undefined;
};

/** Windows in which the quality is final, or an estimate, are looked at; both series are by the same windows. */
export async function ranking(
  read: (query: SeriesQuery) => Promise<Series>,
  timelines: Timelines,
  seen: Sight,
  { endpoint, per = 'day', metric = 'accuracy' }: RankingWanted,
): Promise<RankedFeature[]> {
  const inputs = seen.view.features.filter(({ kind }) => kind !== 'prediction');
  // All inputs in one reading: one by one, most of the time would go into asking.
  const [realised, drifts] = await Promise.all([
    read({ endpoint, per, series: { of: 'performance', metric } }),
    scoresBy(timelines, seen, inputs, seen.windows, PSI_METHOD),
  ]);
  const points = realised.points.filter(
    ({ complete, mature, value }) => complete && mature && value !== null,
  );
  const quality = new Map(points.map(({ windowMs, value }) => [windowMs, value]));
  const windows = [...quality.keys()].sort((a, b) => a - b);
  const placeOf = new Map(seen.windows.map((windowMs, at) => [windowMs, at]));
  const places = windows.map((windowMs) => placeOf.get(windowMs));
  const histories = inputs.map(({ name }, index) => {
    const own = places.map((place) => (place === undefined ? null : (drifts[index]?.[place] ?? null)));
    return {
      feature: name,
      scores: own.map((score) => (score && score.level !== 'too-few' ? score.value : null)),
      levels: own.map((score) => score?.level ?? null),
    };
  });
  return rankFeatures(
    histories,
    windows.map((windowMs) => quality.get(windowMs) ?? null),
    realised.reference,
  );
}
