/** Ranks features by how their drift went along with quality, window by window. */
import type { RankedFeature } from '../../../contract/monitoring.ts';
import type {
  EstimatedMetric,
  PerformanceMetric,
  Series,
  SeriesQuery,
  WindowSize,
} from '../../../contract/monitoring-series.ts';
import { rankFeatures } from './ranking.rules.ts';

export type RankingWanted = {
  endpoint: string;
  per?: WindowSize | undefined;
  metric?: PerformanceMetric | EstimatedMetric | undefined;
};

/** Windows in which the quality is final, or an estimate, are looked at; both series are by the same windows. */
export async function ranking(
  read: (query: SeriesQuery) => Promise<Series>,
  features: readonly string[],
  { endpoint, per = 'day', metric = 'accuracy' }: RankingWanted,
): Promise<RankedFeature[]> {
  const realised = await read({ endpoint, per, series: { of: 'performance', metric } });
  const points = realised.points.filter(
    ({ complete, mature, value }) => complete && mature && value !== null,
  );
  const quality = new Map(points.map(({ windowMs, value }) => [windowMs, value]));
  const windows = [...quality.keys()].sort((a, b) => a - b);
  const histories = [];
  for (const feature of features) {
    const drift = await read({
      endpoint,
      per,
      series: { of: 'drift', feature, method: 'lathe.psi.frozen@1' },
    });
    const byWindow = new Map(drift.points.map((point) => [point.windowMs, point]));
    const own = windows.map((windowMs) => byWindow.get(windowMs));
    histories.push({
      feature,
      scores: own.map((point) => (point && point.level !== 'too-few' ? point.value : null)),
      levels: own.map((point) => point?.level ?? null),
    });
  }
  return rankFeatures(
    histories,
    windows.map((windowMs) => quality.get(windowMs) ?? null),
    realised.reference,
  );
}
