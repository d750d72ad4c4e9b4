import { describe, expect, it } from 'vitest';
import { ExactMethod } from '../../../contract/drift-reports.ts';
import { MONITORING_METHODS, methodOfSeries } from '../../../contract/monitoring-methods.ts';
import {
  EstimatedMetric,
  FrozenMethod,
  PerformanceMetric,
  QualityMeasure,
  type SeriesRef,
} from '../../../contract/monitoring-series.ts';

describe('the catalogue of methods', () => {
  it('explains every series and every exact method', () => {
    const series: SeriesRef[] = [
      ...FrozenMethod.options.map((method) => ({ of: 'drift', feature: 'x', method }) as const),
      ...QualityMeasure.options.map((measure) => ({ of: 'quality', feature: 'x', measure }) as const),
      ...PerformanceMetric.options.map((metric) => ({ of: 'performance', metric }) as const),
      ...EstimatedMetric.options.map((metric) => ({ of: 'estimated', metric }) as const),
      { of: 'drifted-share' },
      { of: 'mean', feature: 'x' },
      { of: 'volume' },
      { of: 'business', metric: 'revenue' },
    ];
    const ids = [...series.map(methodOfSeries), ...ExactMethod.options];
    const known = Object.keys(MONITORING_METHODS);
    expect(ids.filter((id) => !known.includes(id))).toEqual([]);
    const others = known.filter((id) => !(ids as string[]).includes(id));
    expect(others).toEqual(['dataset-drift', 'ranking', 'positive-rate', 'correlation']);
  });

  it('leaves no part of an explanation empty', () => {
    for (const [id, { limits, ...texts }] of Object.entries(MONITORING_METHODS))
      for (const text of [...Object.values(texts), ...limits]) expect(text.trim(), id).not.toBe('');
  });
});
