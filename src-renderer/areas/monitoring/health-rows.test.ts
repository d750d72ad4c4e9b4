import { expect, test } from 'vitest';
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import type { Series } from '../../../src-main/contract/monitoring-series.ts';
import type { HealthLines } from './health-data.ts';
import { healthRows } from './health-rows.ts';

const HOUR = 3_600_000;
const range = { fromMs: 0, toMs: 720 * HOUR };
const lines: HealthLines = {
  ...{ share: null, mean: null, performance: [], title: 'Accuracy', performanceUnit: 'share', business: [] },
  volume: {
    ...{ id: 'volume', label: 'rows', color: 'reference' },
    points: [{ x: 2 * HOUR, y: 7, low: null, high: null, n: 7, open: false, weak: false }],
  },
};
const input: FeatureDrift = {
  ...{ feature: 'temp', kind: 'numeric', latest: null, latestWindowMs: null },
  ...{ missingShare: 0, referenceMissingShare: 0 },
  trend: [{ windowMs: 2 * HOUR, value: 0.4, n: 900, level: 'large' }],
};
const prediction: Series = {
  series: { of: 'drift', feature: '$prediction', method: 'lathe.psi.frozen@1' },
  ...{ per: 'hour', span: 24, unit: 'score', good: 'lower', reference: 0, minN: 100 },
  ...{ warnAt: 0.1, alertAt: 0.25, version: '1', notes: [] },
  points: [
    {
      ...{ windowMs: 2 * HOUR, value: 0.2, n: 1_500, low: null, high: null, level: 'moderate' },
      ...{ complete: true, mature: true },
    },
  ],
};
const event = (eventMs: number | null, title: string): ChangeEvent => ({
  ...{ atMs: 0, eventMs, kind: 'route', title, detail: '', href: null },
});

test('a row has the drift of the score and what happened, in the window that it happened in', () => {
  const events = [
    event(5 * HOUR + 7, 'Route: b 50 %'),
    event(2 * HOUR + 9, 'Version 2'),
    event(2 * HOUR + 1, 'Replay'),
    event(null, 'nowhere'),
    event(900 * HOUR, 'later'),
  ];
  const table = healthRows({ lines, inputs: [input], prediction, events, per: 'hour', range });
  expect(table.columns).toEqual(['Window', 'Worst input', 'Drift of the score', 'Rows', 'Events']);
  // Newest first; an hour without rows in which something happened has a row of its own.
  expect(table.rows.map((row) => row.slice(1))).toEqual([
    ['–', '–', '–', 'Route: b 50 %'],
    ['temp 0.4, large', '0.2, moderate, n 1,500', '7', 'Replay; Version 2'],
  ]);
});

test('a model without a score has no column of its drift', () => {
  const table = healthRows({ lines, inputs: [], prediction: null, events: [], per: 'hour', range });
  expect(table.columns).toEqual(['Window', 'Worst input', 'Rows', 'Events']);
  expect(table.rows).toHaveLength(1);
});
