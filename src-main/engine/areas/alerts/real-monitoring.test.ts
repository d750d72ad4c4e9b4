/** The rules that an endpoint begins with, on the sample's flights through real monitoring. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noRawLog, openTestContext, type TestContext } from '../../testing.ts';
import { createMonitoringArea } from '../monitoring/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { createAlertsArea } from './index.ts';
import { flightFacts, flights } from './testing-flights.ts';

const ENDPOINT = 'flight-delay';
/** About eighteen days of flights, of which the last ten lose a column. */
const ROWS = 16_000;
const WHOLE = 7_000;

const record = {
  ...{ id: 1, name: ENDPOINT, model: ENDPOINT, salt: 's', revision: 1, logging: true, enabled: true },
  arms: [
    { key: 'champion', version: '1', weight: 8_000 },
    { key: 'challenger', version: '1', weight: 2_000 },
  ],
  ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null, canary: null, former: null },
  ...{ createdMs: 0, updatedMs: 0 },
} as EndpointRecord;

let context: TestContext;
let monitoring: ReturnType<typeof createMonitoringArea>;
let area: ReturnType<typeof createAlertsArea>;

beforeEach(async () => {
  context = await openTestContext();
  const facts = flightFacts();
  monitoring = createMonitoringArea(context, {
    endpoints: () => [record],
    version: () => facts,
    grid: () => JSON.stringify(facts.reference),
    reference: () => null,
    rawLog: noRawLog,
    retentionDays: () => 30,
  });
  const service = monitoring.monitoring;
  area = createAlertsArea(context, {
    endpoints: () => [record],
    ...{ series: service.series, drift: service.drift, feature: service.feature },
    ...{
      sliceRows: async () => [],
      sliceEstimates: async () => [],
      sliceScores: async () => null,
      sliceName: async () => null,
      isRegression: () => false,
    },
    ...{ history: () => [], versions: () => [], references: () => [], activities: () => [] },
  });
});
afterEach(async () => {
  await area.close();
  monitoring.close();
  await context.close();
});

it('a column that is gone is one alert that people are told of, and the drift that it makes is explained by it', async () => {
  const rows = await flights(ROWS);
  for (const row of rows.slice(WHOLE)) row.features = { ...row.features, carrier: null };
  await monitoring.monitoring.ingest(rows.slice(0, WHOLE));
  await area.judge();
  const before = area.alerts.list({ state: 'open', limit: 100 }).alerts;
  expect(before.filter(({ series }) => series.of === 'quality')).toEqual([]);

  for (let from = WHOLE; from < ROWS; from += 1_000) {
    await monitoring.monitoring.ingest(rows.slice(from, from + 1_000));
    await area.judge();
  }
  const open = area.alerts.list({ state: 'open', limit: 100 }).alerts;
  const missing = open.filter(({ series }) => series.of === 'quality');
  expect(missing).toMatchObject([
    { series: { feature: 'carrier', measure: 'missing' }, version: '1', explainedBy: null },
  ]);
  const drift = open.find(({ series }) => series.of === 'drift' && series.feature === 'carrier');
  expect(drift).toMatchObject({ explainedBy: missing[0]?.id });
  const { evidence, rule } = await area.alerts.get(drift?.id as string);
  expect(rule).toMatchObject({ preset: true, state: 'firing', problem: null });
  expect(evidence.features[0]).toMatchObject({ feature: 'carrier', level: 'large' });
  const [bin] = evidence.features[0]?.bins.filter(({ label }) => label.startsWith('missing')) ?? [];
  expect(bin?.current).toBeGreaterThan(bin?.reference as number);
  expect(evidence.arms.map(({ arm }) => arm)).toEqual(['champion', 'challenger']);
  expect(evidence.points.length).toBeGreaterThan(1);

  // Judged again, nothing is told twice.
  const all = area.alerts.list({ state: 'all', limit: 500 }).alerts.length;
  await area.judge();
  expect(area.alerts.list({ state: 'all', limit: 500 }).alerts).toHaveLength(all);
}, 60_000);
