/** Door of the alerts area: rules on series, what they find, and who is told. */

import type { AreaContext } from '../../context.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { alertsRoutes } from './alerts.routes.ts';
import { createAlertsService } from './alerts.service.ts';
import { createAlertsStore } from './alerts.store.ts';
import { type ChangesDeps, createChanges } from './changes.ts';
import { createChannelsStore } from './channels.store.ts';
import { createEnding } from './ending.ts';
import { createEvaluate } from './evaluate.ts';
import { createEvidence, type EvidenceDeps } from './evidence.ts';
import { createNotifier } from './notify.ts';
import { createTelling } from './telling.ts';
import { createWatch } from './watch.ts';

export type { AlertsService } from './alerts.service.ts';

export type AlertsDeps = EvidenceDeps &
  ChangesDeps & {
    endpoints(): readonly EndpointRecord[];
    /** Null when there is no such slice (any more). */
    sliceName(endpoint: string, id: string): Promise<string | null>;
    /** The model predicts a number. */
    isRegression(record: EndpointRecord): boolean;
    /** Milliseconds a webhook may take; only tests change it. */
    webhookTimeoutMs?: number;
  };

/** Nothing is judged and nothing sent until `start()`. */
export function createAlertsArea(context: AreaContext, deps: AlertsDeps) {
  const { endpoints, sliceName } = deps;
  const store = createAlertsStore(context.db);
  const channels = createChannelsStore(context.db);
  const changes = createChanges({ deps, store, readers: context.readers });
  const notifier = createNotifier({
    ...{ context, store, channels },
    ...(deps.webhookTimeoutMs === undefined ? {} : { timeoutMs: deps.webhookTimeoutMs }),
  });
  const endAll = createEnding(store, notifier.announce, context.clock);
  const inputs: Parameters<typeof createEvaluate>[0]['deps']['inputs'] = async (endpoint, per, arm) =>
    (await deps.drift({ endpoint, per, ...(arm === null ? {} : { arm }) }))
      .filter(({ kind }) => kind !== 'prediction')
      .map(({ feature }) => feature);
  const tell = createTelling({
    ...{ context, store, sliceName, announce: notifier.announce },
    evidence: createEvidence(deps, changes, context.log),
  });
  const evaluate = createEvaluate({
    ...{ context, store, tell, deps: { series: deps.series, inputs } },
    announce: notifier.announce,
  });
  const watch = createWatch({
    ...{ context, store, evaluate, endpoints, endAll },
    async presetFacts(record) {
      const regression = deps.isRegression(record);
      const series = {
        of: 'performance' as const,
        metric: regression ? ('rmse' as const) : ('accuracy' as const),
      };
      const found = await deps.series({ endpoint: record.name, series, per: 'day' }).catch(() => null);
      return { regression, judged: (found?.reference ?? null) !== null };
    },
    inputs: (endpoint) => inputs(endpoint, 'day', null),
    async judged(changed) {
      if (changed) context.events.changed('alerts', 'overview');
      await notifier.notice();
    },
  });
  const alerts = createAlertsService({
    ...{ context, store, channels, changes, evaluate, notifier, endpoints, sliceName, endAll },
    judgeSoon: watch.promptly,
  });
  return {
    alerts,
    routes: alertsRoutes(alerts),
    /** Judges everything now. */
    judge: watch.judge,
    /** Sends whatever is due. */
    tell: notifier.look,
    start(): void {
      watch.start();
      notifier.start();
    },
    async close(): Promise<void> {
      await watch.close();
      await notifier.close();
    },
  };
}
