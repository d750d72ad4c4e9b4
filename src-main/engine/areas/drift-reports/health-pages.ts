/** An endpoint's health as a page of its own: what its screen shows, of the same windows, arm, reference and stretch of time. */
import { setImmediate } from 'node:timers/promises';
import type { Alert, ChangeEvent } from '../../../contract/alerts.ts';
import type { HealthRequest } from '../../../contract/drift-reports.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { FeatureDrift } from '../../../contract/monitoring.ts';
import {
  EstimatedMetric,
  type PerformanceMetric,
  type Series,
  type SeriesQuery,
  type SeriesRef,
} from '../../../contract/monitoring-series.ts';
import { PREDICTION_FEATURE } from '../monitoring/index.ts';
import { chartSection, type FeatureRow, healthPage, type Mark, newestOf } from './health-page.rules.ts';
import { fileName, type Html } from './html-page.rules.ts';

type Wanted = Pick<SeriesQuery, 'endpoint' | 'per' | 'arm' | 'reference'>;

export type HealthDeps = {
  health: {
    series(query: SeriesQuery): Series | Promise<Series>;
    drift(wanted: Wanted): Promise<FeatureDrift[]>;
    /** All that ever happened to it. */
    changes(endpoint: string): Promise<ChangeEvent[]>;
    openAlerts(endpoint: string): Alert[];
  };
  /** Names of the endpoint's business metrics. */
  businessMetrics: (endpoint: string) => Promise<string[]>;
};

const PSI = 'lathe.psi.frozen@1';
/** Where none is asked for: those of both tasks; what an endpoint does not have is left out. */
const METRICS: readonly PerformanceMetric[] = ['accuracy', 'log-loss', 'mae'];
/** Features whose curve is shown: those that drifted most. The table has all of them. */
const MOST_FEATURES = 12;

export function createHealthPages(clock: { now(): number }, { health, businessMetrics }: HealthDeps) {
  /** A series that this endpoint does not have, such as the accuracy of a regression, is left out. */
  async function seriesOrNull(query: SeriesQuery): Promise<Series | null> {
    try {
      return await health.series(query);
    } catch (thrown) {
      if (thrown instanceof LatheError && thrown.status < 500) return null;
      throw thrown;
    }
  }

  return async function page(request: HealthRequest): Promise<{ fileName: string; html: string }> {
    const { metric, fromMs, toMs, ...where } = request;
    const { endpoint, per, arm, reference } = where;
    const range = { fromMs, toMs };
    const inRange = (ms: number) => ms >= (fromMs ?? 0) && ms < (toMs ?? Number.POSITIVE_INFINITY);
    // A series also has the window that begins where its time ends; the screen does not show it.
    const read = async (series: SeriesRef): Promise<Series | null> => {
      const found = await seriesOrNull({ ...where, ...range, series });
      return found && { ...found, points: found.points.filter(({ windowMs }) => inRange(windowMs)) };
    };

    const features: FeatureRow[] = [];
    for (const { feature } of await health.drift({ endpoint, per, arm, reference })) {
      const drift = await read({ of: 'drift', feature, method: PSI });
      const missing = await read({ of: 'quality', feature, measure: 'missing' });
      if (drift) features.push({ feature, drift, missing });
    }
    const worst = features
      .filter(({ feature }) => feature !== PREDICTION_FEATURE)
      .toSorted((a, b) => scoreOf(b) - scoreOf(a));
    const prediction = features.find(({ feature }) => feature === PREDICTION_FEATURE);
    const events: Mark[] = (await health.changes(endpoint))
      .flatMap((event) =>
        event.eventMs !== null && inRange(event.eventMs) ? [{ ...event, ms: event.eventMs }] : [],
      )
      .toSorted((a, b) => a.ms - b.ms)
      .map((event, at) => ({ ...event, sign: String(at + 1) }));

    const charts: Html[] = [];
    const draw = async (series: Series | null) => {
      if (!series?.points.some(({ value }) => value !== null)) return;
      charts.push(chartSection(series, { ...range, events }));
      // A long table is much text: others have their turn between two charts.
      await setImmediate();
    };
    await draw(await read({ of: 'drifted-share' }));
    for (const { drift } of worst.slice(0, MOST_FEATURES)) await draw(drift);
    if (prediction) {
      await draw(prediction.drift);
      await draw(await read({ of: 'mean', feature: PREDICTION_FEATURE }));
    }
    for (const one of metric === undefined ? METRICS : [metric]) {
      await draw(await read({ of: 'performance', metric: one }));
      const estimated = EstimatedMetric.safeParse(one);
      if (estimated.success) await draw(await read({ of: 'estimated', metric: estimated.data }));
    }
    for (const name of await businessMetrics(endpoint))
      await draw(await read({ of: 'business', metric: name }));
    await draw(await read({ of: 'volume' }));

    const html = healthPage({
      ...{ endpoint, per, arm: arm ?? null, fromMs: fromMs ?? null, toMs: toMs ?? null },
      ...{ createdMs: clock.now(), features: [...(prediction ? [prediction] : []), ...worst] },
      ...{ named: reference !== undefined, events, alerts: health.openAlerts(endpoint), charts },
    });
    return { fileName: fileName(`health-of-${endpoint}`), html };
  };
}

const scoreOf = ({ drift }: FeatureRow): number => newestOf(drift)?.value ?? -1;
