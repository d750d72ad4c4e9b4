/** Door of the alerts area: rules on series, what they find, and who is told. */

import type { RouteChange } from '../../../contract/serving-route.ts';
import type { AreaContext } from '../../context.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { alertsRoutes } from './alerts.routes.ts';
import { createAlertsService } from './alerts.service.ts';
import { createAlertsStore } from './alerts.store.ts';
import { type ChangeSource, createChanges } from './changes.ts';
import { createChannelsStore } from './channels.store.ts';
import { createEvaluate } from './evaluate.ts';
import { createEvidence, type EvidenceDeps } from './evidence.ts';
import { createNotifier } from './notify.ts';
import { createWatch } from './watch.ts';

export type { ChangeSource } from './changes.ts';

export type AlertsDeps = EvidenceDeps & {
  endpoints(): readonly EndpointRecord[];
  /** Routes of an endpoint, newest first. */
  history(endpoint: string): RouteChange[];
  /** Null when there is no such slice (any more). */
  sliceName(endpoint: string, id: string): Promise<string | null>;
  /** The model predicts a number. */
  isRegression(record: EndpointRecord): boolean;
  /** What else changed: versions, references, replays, labels. */
  changes: readonly ChangeSource[];
  /** Milliseconds a webhook may take; only tests change it. */
  webhookTimeoutMs?: number;
};

/** Nothing is judged and nothing sent until `start()`. */
export function createAlertsArea(context: AreaContext, deps: AlertsDeps) {
  const { endpoints, sliceName } = deps;
  const store = createAlertsStore(context.db);
  const channels = createChannelsStore(context.db);
  const changes = createChanges({ history: deps.history, sources: deps.changes, store });
  const notifier = createNotifier({
    ...{ context, store, channels },
    ...(deps.webhookTimeoutMs === undefined ? {} : { timeoutMs: deps.webhookTimeoutMs }),
  });
  const inputs: Parameters<typeof createEvaluate>[0]['deps']['inputs'] = async (endpoint, per, arm) =>
    (await deps.drift({ endpoint, per, ...(arm === null ? {} : { arm }) }))
      .filter(({ kind }) => kind !== 'prediction')
      .map(({ feature }) => feature);
  const evaluate = createEvaluate({
    ...{ context, store, deps: { series: deps.series, inputs, sliceName } },
    evidence: createEvidence(deps, changes, context.log),
    announce: notifier.announce,
  });
  const watch = createWatch({
    ...{ context, store, evaluate, endpoints, isRegression: deps.isRegression },
    inputs: (endpoint) => inputs(endpoint, 'day', null),
    async judged(changed) {
      if (changed) context.events.changed('alerts', 'overview');
      await notifier.notice();
    },
  });
  const alerts = createAlertsService({
    ...{ context, store, channels, changes, evaluate, notifier, endpoints, sliceName },
    judgeSoon: watch.soon,
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
