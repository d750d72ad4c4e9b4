/** What happened to an endpoint: its routes, new versions, references, replays, alerts; for charts and for evidence. */
import type { AlertEvidence, ChangeEvent } from '../../../contract/alerts.ts';
import { type Route, type RouteChange, routeOf } from '../../../contract/serving-route.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { AlertsStore } from './alerts.store.ts';

/** Changes of one kind; those outside the stretch of time may be among them. */
export type ChangeSource = (
  endpoint: EndpointRecord,
  fromMs: number,
  toMs: number,
) => ChangeEvent[] | Promise<ChangeEvent[]>;

type Ports = {
  history(endpoint: string): RouteChange[];
  sources: readonly ChangeSource[];
  store: Pick<AlertsStore, 'between'>;
};

const MOST = 500;

export function createChanges({ history, sources, store }: Ports) {
  const routes: ChangeSource = ({ name, model }) =>
    history(name).map((change) => ({
      atMs: change.atMs,
      kind: 'route',
      title: `Route of ${name}: ${routeText(change.route)}`,
      detail: `${change.reason || 'changed'}, by ${change.actor} (revision ${change.revision}, model ${model})`,
      href: `/serving/${name}`,
    }));
  const alerts: ChangeSource = ({ id }, fromMs, toMs) =>
    store.between(id, fromMs, toMs).map((alert) => ({
      atMs: alert.openedMs,
      kind: 'alert',
      title: alert.title,
      detail: alert.text,
      href: alertHref(alert.id),
    }));
  const all = [routes, alerts, ...sources];

  return {
    /** Newest first. */
    async of(endpoint: EndpointRecord, fromMs: number, toMs: number): Promise<ChangeEvent[]> {
      const found: ChangeEvent[] = [];
      for (const source of all) found.push(...(await source(endpoint, fromMs, toMs)));
      return found
        .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
        .toSorted((left, right) => right.atMs - left.atMs)
        .slice(0, MOST);
    },
    /** The last route that was another one; null when there never was. */
    rollback(endpoint: EndpointRecord): AlertEvidence['rollback'] {
      const present = JSON.stringify(routeOf(endpoint));
      const former = history(endpoint.name).find(({ route }) => JSON.stringify(routeOf(route)) !== present);
      if (!former) return null;
      const time = new Date(former.atMs).toISOString().slice(0, 16).replace('T', ' ');
      const says = `Back to revision ${former.revision} of ${time} UTC: ${routeText(former.route)}`;
      return { revision: former.revision, says };
    },
  };
}

export type Changes = ReturnType<typeof createChanges>;

/** “main version 2 90 %, candidate version 3 10 %, shadow version 4”. */
export const routeText = ({ arms, shadow }: Route): string =>
  [
    ...arms.map(({ key, version, weight }) => `${key} version ${version} ${weight / 100} %`),
    ...(shadow ? [`shadow version ${shadow.version}`] : []),
  ].join(', ');

export const alertHref = (id: string): string => `/alerts/${id}`;
