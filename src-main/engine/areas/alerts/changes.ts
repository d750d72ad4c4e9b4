/** What happened to an endpoint: its routes, new versions, references, replays, labels and alerts; for charts and evidence. */
import type { Activity } from '../../../contract/activity.ts';
import { type AlertEvidence, type ChangeEvent, titleWithin } from '../../../contract/alerts.ts';
import type { Reference } from '../../../contract/references.ts';
import { type Route, type RouteChange, routeOf } from '../../../contract/serving-route.ts';
import type { Readers } from '../../data/readers.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { AlertsStore } from './alerts.store.ts';
import { routeBefore } from './route-before.rules.ts';

export type ChangesDeps = {
  /** Routes of an endpoint, newest first. */
  history(endpoint: string): RouteChange[];
  versions(model: string): readonly { version: string; createdMs: number }[];
  references(model: string, version: string): readonly Pick<Reference, 'title' | 'rows' | 'createdMs'>[];
  /** What was going on, the newest first. */
  activities(limit: number): readonly Activity[];
};

type Ports = { deps: ChangesDeps; store: Pick<AlertsStore, 'between'>; readers: Pick<Readers, 'all'> };
type Change = Omit<ChangeEvent, 'eventMs'> & { eventMs?: number };

const MOST = 500;
const ACTIVITIES = 500;
/** Events no further from their arrival than that are of now. */
const LIVE_MS = 10 * 60_000;
/** Logged rows that are looked through for one of the endpoint, before a moment. */
const LOOK_THROUGH = 200;

export function createChanges({ deps, store, readers }: Ports) {
  const routes = ({ name }: EndpointRecord): Change[] =>
    deps.history(name).map(({ atMs, route, reason, actor, revision }) => ({
      ...{ atMs, kind: 'route', title: `Route: ${routeText(route)}`, href: `/serving/${name}` },
      detail: `${reason || 'changed'}, by ${actor} (revision ${revision})`,
    }));

  function versionsOf({ name, model, arms, shadow }: EndpointRecord): Change[] {
    const found: Change[] = [];
    const href = `/models/${encodeURIComponent(model)}`;
    for (const { version, createdMs } of deps.versions(model)) {
      const title = `Version ${version} of ${model}`;
      found.push({ atMs: createdMs, kind: 'version', title, detail: 'It was registered.', href });
    }
    const routed = new Set([...arms, ...(shadow ? [shadow] : [])].map(({ version }) => version));
    for (const version of routed)
      for (const reference of deps.references(model, version))
        found.push({
          ...{ atMs: reference.createdMs, kind: 'reference', title: `Reference of version ${version}` },
          ...{ detail: `${reference.title}, ${reference.rows} rows`, href: `/monitoring/${name}` },
        });
    return found;
  }

  /** Replays and imports of labels say by their link which endpoint they are of. */
  const activities = ({ name }: EndpointRecord): Change[] =>
    deps.activities(ACTIVITIES).flatMap(({ kind, title, detail, startedMs, href }): Change[] => {
      const own = href === `/monitoring/${name}` || href?.startsWith(`/monitoring/${name}/`);
      if (!own || (kind !== 'replay' && kind !== 'import')) return [];
      return [{ atMs: startedMs, kind: kind === 'replay' ? 'replay' : 'labels', title, detail, href }];
    });

  const alerts = ({ id }: EndpointRecord, fromMs: number, toMs: number): Change[] =>
    store.between(id, fromMs, toMs).map((alert) => ({
      ...{ atMs: alert.openedMs, eventMs: alert.windowMs, kind: 'alert', href: alertHref(alert.id) },
      ...{ title: titleWithin(alert), detail: alert.text },
    }));

  /** Of each moment the event time that had come by then. */
  async function eventTimes(endpointId: number, moments: readonly number[]): Promise<Map<number, number>> {
    type Row = { atMs: number; eventMs: number; receivedMs: number };
    const rows = await readers.all<Row>(
      `SELECT atMs, found ->> 0 AS eventMs, found ->> 1 AS receivedMs FROM (
         SELECT moment.value AS atMs, (SELECT json_array(event_ms, received_ms) FROM (
             SELECT endpoint_id, event_ms, received_ms FROM prediction WHERE received_ms <= moment.value
             ORDER BY received_ms DESC LIMIT ${LOOK_THROUGH}) WHERE endpoint_id = ? LIMIT 1) AS found
         FROM json_each(?) AS moment) WHERE found IS NOT NULL`,
      [endpointId, JSON.stringify(moments)],
    );
    return new Map(
      rows.map(({ atMs, eventMs, receivedMs }) => [
        atMs,
        Math.abs(receivedMs - eventMs) <= LIVE_MS ? atMs : eventMs,
      ]),
    );
  }

  return {
    /** Newest first. */
    async of(endpoint: EndpointRecord, fromMs: number, toMs: number): Promise<ChangeEvent[]> {
      const found = [
        ...routes(endpoint),
        ...versionsOf(endpoint),
        ...activities(endpoint),
        ...alerts(endpoint, fromMs, toMs),
      ]
        .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
        .toSorted((left, right) => right.atMs - left.atMs)
        .slice(0, MOST);
      const times = await eventTimes(endpoint.id, [...new Set(found.map(({ atMs }) => atMs))]);
      return found.map((change) => ({
        ...change,
        eventMs: change.eventMs ?? times.get(change.atMs) ?? null,
      }));
    },
    /**
     * The route from before the change that an alert is about, which crossed its limit in the window from `fromMs` to
     * `toMs` of event time; null when there is nothing to go back to.
     */
    async rollback(
      endpoint: EndpointRecord,
      { fromMs, toMs, nowMs }: { fromMs: number; toMs: number; nowMs: number },
    ): Promise<AlertEvidence['rollback']> {
      // Routes are told by the clock. While the past is replayed a window is over when its last row came.
      const [last] = await readers.all<{ receivedMs: number }>(
        `SELECT received_ms AS receivedMs FROM prediction WHERE endpoint_id = ? AND event_ms >= ? AND event_ms < ?
         ORDER BY event_ms DESC LIMIT 1`,
        [endpoint.id, fromMs, toMs],
      );
      const crossedMs = Math.min(nowMs, last?.receivedMs ?? toMs);
      const former = routeBefore(deps.history(endpoint.name), routeOf(endpoint), crossedMs);
      if (!former) return null;
      const time = new Date(former.atMs).toISOString().slice(0, 16).replace('T', ' ');
      const says = `Back to revision ${former.revision} of ${time} UTC: ${routeText(former.route)}`;
      return { revision: former.revision, says };
    },
  };
}

export type Changes = ReturnType<typeof createChanges>;

/** “main version 2 90 %, candidate version 3 10 %, shadow version 4”. */
const routeText = ({ arms, shadow }: Route): string =>
  [
    ...arms.map(({ key, version, weight }) => `${key} version ${version} ${weight / 100} %`),
    ...(shadow ? [`shadow version ${shadow.version}`] : []),
  ].join(', ');

export const alertHref = (id: string): string => `/alerts/${id}`;
