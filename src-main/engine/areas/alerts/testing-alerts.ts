/**
 * For tests only: the alerts area on a real workspace. Series, drift and slices are hand-made and say so; rules, state,
 * alerts, messages and webhooks are real.
 */
import type { Activity } from '../../../contract/activity.ts';
import { AlertRuleInput } from '../../../contract/alerts.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { FeatureDetail, FeatureDrift } from '../../../contract/monitoring.ts';
import type { Series, SeriesPoint, SeriesQuery } from '../../../contract/monitoring-series.ts';
import type { Route, RouteChange } from '../../../contract/serving-route.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { type AlertsDeps, createAlertsArea } from './index.ts';

export const DAY = 86_400_000;
export const T0 = Date.UTC(2026, 0, 1);
export const ENDPOINT = 'flight-delay';

/** A point of the n-th day. */
export const day = (at: number, value: number | null, part: Partial<SeriesPoint> = {}): SeriesPoint => ({
  ...{ windowMs: T0 + at * DAY, value, n: 1_000, low: null, high: null, level: null },
  ...{ complete: true, mature: true, ...part },
});

/** Days in a row; null is a day without rows. */
export const days = (...values: (number | null)[]): SeriesPoint[] =>
  values.flatMap((value, at) => (value === null ? [] : [day(at, value)]));

export const series = (points: SeriesPoint[], part: Partial<Series> = {}): Series => ({
  ...{ series: { of: 'volume' }, per: 'day', span: 1, unit: 'score', good: 'lower', reference: 0.1 },
  ...{ minN: 1, warnAt: null, alertAt: null, version: '1', notes: [], points, ...part },
});

export const rule = (part: Partial<Record<keyof AlertRuleInput, unknown>> = {}): AlertRuleInput =>
  AlertRuleInput.parse({
    ...{ endpoint: ENDPOINT, name: 'a rule', series: { of: 'drift', feature: 'carrier' } },
    condition: { kind: 'threshold', direction: 'above', value: 0.25 },
    ...part,
  });

const ON = { enabled: true, logging: true };
const ROUTE: Route = {
  arms: [{ key: 'main', version: '1', weight: 10_000 }],
  ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null },
};

type Options = Partial<Pick<AlertsDeps, 'webhookTimeoutMs' | 'sliceScores' | 'sliceEstimates'>>;
export type AlertsWorld = ReturnType<typeof alertsOn> & { context: TestContext; close(): Promise<void> };

/** The area on a context. `data` is what its series are made of: by the kind of series, or kind and feature. */
export function alertsOn(context: TestContext, options: Options = {}) {
  const data = new Map<string, Series | LatheError>();
  const inputs = new Set(['carrier', 'dep_delay']);
  const history: RouteChange[] = [];
  const asked: SeriesQuery[] = [];
  const activities: Activity[] = [];
  let endpoints = [
    { ...ROUTE, id: 1, name: ENDPOINT, model: 'flight-delay', revision: 3, ...ON } as EndpointRecord,
  ];
  /** Scores of the newest window by feature, where they are not a tenth of its place. */
  const latest = new Map<string, number>();
  const trends = new Map<string, FeatureDrift['trend']>();
  const detail = (feature: string, windowMs: number | undefined) => {
    const found = data.get(`drift ${feature}`) ?? data.get('drift');
    const points = found instanceof LatheError ? [] : (found?.points ?? []);
    const value = points.find((point) => point.windowMs === windowMs)?.value;
    const method = 'lathe.psi.frozen@1';
    return {
      ...{ feature, windows: [] },
      scores: value == null ? [] : [{ method, value, n: 500, minN: 340, level: 'stable' }],
      distribution: [{ label: 'AA', lower: null, upper: null, reference: 0.5, current: 0.2 }],
    } as unknown as FeatureDetail;
  };
  const area = createAlertsArea(context, {
    endpoints: () => endpoints,
    async series(query) {
      asked.push(query);
      const { series: ref } = query;
      const found = ('feature' in ref ? data.get(`${ref.of} ${ref.feature}`) : undefined) ?? data.get(ref.of);
      if (found instanceof LatheError) throw found;
      const points = (found?.points ?? []).filter(
        ({ windowMs }) => windowMs >= (query.fromMs ?? 0) && windowMs < (query.toMs ?? Infinity),
      );
      return { ...(found ?? series([])), series: ref, per: query.per, points };
    },
    drift: async () =>
      [...inputs].map(
        (feature, at): FeatureDrift => ({
          ...{ feature, kind: 'numeric', latestWindowMs: null, trend: trends.get(feature) ?? [] },
          latest: {
            ...{ method: 'lathe.psi.frozen@1', n: 500, minN: 340, level: 'stable' },
            value: latest.get(feature) ?? at / 10,
          },
          ...{ missingShare: 0, referenceMissingShare: 0 },
        }),
      ),
    feature: ({ feature, windowMs }) => detail(feature, windowMs),
    sliceRows: async () => [],
    sliceEstimates: async () => [],
    sliceScores: async () => [],
    history: () => history,
    sliceName: async (_endpoint, id) => (id === 'gone' ? null : `slice ${id}`),
    isRegression: () => false,
    versions: () => [{ version: '1', createdMs: T0 }],
    references: () => [{ title: 'training', rows: 9_000, createdMs: T0 + 1 }],
    activities: () => activities,
    ...options,
  });
  return {
    ...{ area, alerts: area.alerts, data, inputs, history, asked, activities, latest, trends },
    endpoints: () => endpoints,
    setEndpoints(next: typeof endpoints): void {
      endpoints = next;
    },
    /** Judges and returns what is open, newest first. */
    async judge() {
      await area.judge();
      return area.alerts.list({ state: 'open', limit: 100 }).alerts;
    },
    all: () => area.alerts.list({ state: 'all', limit: 500 }).alerts,
    historyOf: async (id: string) => (await area.alerts.get(id)).history.map(({ what }) => what),
  };
}

/** Without the rules that an endpoint begins with, unless they are asked for. */
export async function openAlertsWorld({
  presets,
  ...options
}: {
  presets?: boolean;
} & Options = {}): Promise<AlertsWorld> {
  const context = await openTestContext();
  const world = alertsOn(context, options);
  if (!presets)
    context.db.exec("INSERT INTO alert_preset(endpoint_id, preset, made_ms) VALUES (1, 'input-drift', 0)");
  return {
    ...world,
    context,
    async close() {
      await world.area.close();
      await context.close();
    },
  };
}
