/**
 * Tells people: in the app and on the desktop at once, webhooks in messages that group what is new on an endpoint. What
 * is to be sent is written in the transaction of what it tells of, so that it is there exactly once; a message that was
 * sent and not written down as sent, because the engine died in between, is sent again under the same id.
 */
import { type Channel, titleWithin } from '../../../contract/alerts.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { type AlertRecord, type AlertsStore, alertView } from './alerts.store.ts';
import { alertHref } from './changes.ts';
import type { ChannelRecord, ChannelsStore, Message, MessageKind } from './channels.store.ts';
import { bodyOf, type Letter, reaches, type Told } from './message.rules.ts';
import type { Announce } from './telling.ts';
import { type Sent, sendWebhook } from './webhook.ts';

type Ports = {
  context: Pick<AreaContext, 'clock' | 'db' | 'events' | 'host' | 'log' | 'status' | 'writes'>;
  store: AlertsStore;
  channels: ChannelsStore;
  /** Milliseconds a webhook may take; only tests change it. */
  timeoutMs?: number;
};

/** Alerts come in flocks: so long the first waits for the others. */
export const GROUP_WAIT_MS = 30_000;
/** A critical alert that nobody acknowledged is told again so often. */
export const REPEAT_MS = 4 * 3_600_000;
/** 30 s, 1, 2, 4, 8, 15, 15 min after the first try: about three quarters of an hour. */
export const TRIES = 8;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Nothing is due later than that. */
const MOST_AHEAD_MS = 3_600_000;
const LOOK_EVERY_MS = 2_000;
const MOST_REPEATED = 500;
const KEPT_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

export const secretName = (channelId: string): string => `alert-channel:${channelId}`;

export function createNotifier({ context, store, channels, timeoutMs }: Ports) {
  const { clock, db, events, host, log, status, writes } = context;
  /** Channels that are being sent to: one that hangs keeps no other waiting. */
  const busy = new Map<string, Promise<void>>();
  let prunedMs = Number.NEGATIVE_INFINITY;

  function enqueue(alert: AlertRecord, what: MessageKind, dueMs: number): void {
    for (const { id, enabled, minSeverity } of channels.list()) {
      if (!enabled || !reaches(alert.severity, minSeverity)) continue;
      if (what === 'resolved' && !channels.wasTold(id, alert.id)) continue;
      const { endpointId } = alert;
      channels.enqueue({ channelId: id, alertId: alert.id, endpointId, what, dueMs }, clock.now());
    }
  }

  const announce: Announce = {
    opened: (alert: AlertRecord): void => enqueue(alert, 'opened', clock.now() + GROUP_WAIT_MS),
    resolved(alert: AlertRecord): void {
      // One that was explained all the time was never told of.
      if (alert.explainedBy !== null) channels.forget(alert.id);
      enqueue(alert, 'resolved', clock.now() + GROUP_WAIT_MS);
    },
    // One message says both: that it came and that it is over.
    past: (alert: AlertRecord): void => enqueue(alert, 'opened', clock.now() + GROUP_WAIT_MS),
    silenced(alert: AlertRecord): void {
      channels.forget(alert.id);
      store.setNoticed(alert.id);
    },
  };

  /** In the app, and on the desktop: what opened since, one notice for an endpoint. */
  async function notice(): Promise<void> {
    const fresh = store.unnoticed();
    if (fresh.length === 0) return;
    await writes.run(() =>
      inTransaction(db, () => {
        for (const { id } of fresh) store.setNoticed(id);
      }),
    );
    for (const [endpoint, alerts] of Map.groupBy(fresh, (alert) => alert.endpoint)) {
      const [first] = alerts;
      if (!first) continue;
      const critical = alerts.some(({ severity }) => severity === 'critical');
      const title = alerts.length === 1 ? first.title : `${alerts.length} alerts on ${endpoint}`;
      const body = alerts.length === 1 ? first.text : alerts.map(titleWithin).join('; ');
      const href =
        alerts.length === 1 ? alertHref(first.id) : `/alerts?endpoint=${encodeURIComponent(endpoint)}`;
      const level = critical
        ? 'error'
        : alerts.every(({ severity }) => severity === 'info')
          ? 'info'
          : 'warning';
      events.notice({ level, title, detail: body, href });
      if (level !== 'info') host.notify({ title, body, href });
    }
  }

  /** Critical ones that nobody acknowledged, again. */
  async function repeat(): Promise<void> {
    const nowMs = clock.now();
    const present = channels.list();
    const grave =
      present.length === 0 ? [] : store.list(null, false, MOST_REPEATED, null).alerts.filter(isUrgent);
    const due = present.flatMap((channel) =>
      grave.flatMap((alert) => {
        const toldMs = channels.toldMs(channel.id, alert.id);
        return toldMs !== null && channel.enabled && nowMs - toldMs >= REPEAT_MS ? [{ channel, alert }] : [];
      }),
    );
    if (due.length === 0) return;
    await writes.run(() =>
      inTransaction(db, () => {
        for (const { channel, alert } of due)
          channels.enqueue(
            {
              channelId: channel.id,
              alertId: alert.id,
              endpointId: alert.endpointId,
              what: 'still',
              dueMs: nowMs,
            },
            nowMs,
          );
      }),
    );
  }

  function letterOf(endpointId: number, messages: readonly Message[]): Letter | null {
    const told: Told[] = [];
    for (const [alertId, group] of Map.groupBy(messages, (message) => message.alertId)) {
      const alert = store.find(alertId);
      if (alert) told.push({ alert: alertView(alert), what: [...new Set(group.map(({ what }) => what))] });
    }
    const [first] = told;
    if (!first) return null;
    const ids = new Set(told.map(({ alert }) => alert.id));
    const explained = store.openOn(endpointId).filter((alert) => ids.has(alert.explainedBy ?? '')).length;
    const { ui } = status.urls();
    const { endpoint } = first.alert;
    return {
      id: `${messages[0]?.seq}`,
      endpoint,
      told,
      explained,
      uiUrl: ui === null ? null : withSlash(ui),
    };
  }

  async function deliver(channel: ChannelRecord, endpointId: number): Promise<void> {
    const nowMs = clock.now();
    const messages = channels.waiting(channel.id, endpointId, nowMs);
    const letter = letterOf(endpointId, messages);
    const sent: Sent = letter
      ? await post(channel, letter)
      : { ok: true, detail: '', again: false, afterMs: null };
    const fails = sent.ok ? 0 : channel.fails + 1;
    const givenUp = !sent.ok && (!sent.again || fails >= TRIES);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (fails - 1));
    const holdMs = sent.ok || givenUp ? 0 : clock.now() + Math.max(sent.afterMs ?? 0, wait);
    const detail = givenUp
      ? `${sent.detail} Given up after ${fails === 1 ? 'one try' : `${fails} tries`}.`
      : sent.detail;
    await writes.run(() =>
      inTransaction(db, () => {
        const last = { atMs: clock.now(), ok: sent.ok, detail };
        channels.tried(channel.id, last, holdMs, givenUp ? 0 : fails);
        if (!sent.ok && !givenUp) return;
        for (const { seq, alertId } of messages) {
          channels.settle(seq, sent.ok ? 'sent' : 'given-up');
          store.addHistory(alertId, clock.now(), sent.ok ? 'sent' : 'not sent', `${channel.name}: ${detail}`);
        }
      }),
    );
    if (givenUp)
      events.notice({
        ...{ level: 'warning', title: `Alerts do not reach ${channel.name}`, detail },
        href: '/alerts?channels=1',
      });
    events.changed('alerts');
  }

  async function post(channel: Pick<Channel, 'id' | 'kind'>, letter: Letter): Promise<Sent> {
    const failed = (detail: string, again: boolean): Sent => ({ ok: false, detail, again, afterMs: null });
    let url: string | null;
    try {
      url = await host.secrets.get(secretName(channel.id));
    } catch (thrown) {
      log.warn({ err: thrown, channel: channel.id }, 'the address of a channel could not be read');
      return failed('Its address could not be read.', true);
    }
    if (url === null) return failed('Its address is not known on this machine: enter it again.', false);
    return sendWebhook(url, bodyOf(channel.kind, letter), timeoutMs);
  }

  async function serve(channel: ChannelRecord): Promise<void> {
    for (const endpointId of channels.due(channel.id, clock.now())) {
      const present = channels.find(channel.id);
      if (!present?.enabled || present.holdMs > clock.now()) return;
      await deliver(present, endpointId);
    }
  }

  /** Whatever is due. Resolves when the channels that were free have been served. */
  async function look(): Promise<void> {
    await notice();
    await repeat();
    const nowMs = clock.now();
    if (channels.isAhead(nowMs + MOST_AHEAD_MS))
      await writes.run(() => inTransaction(db, () => channels.clamp(nowMs + MOST_AHEAD_MS)));
    if (clock.monotonic() - prunedMs > PRUNE_EVERY_MS) {
      prunedMs = clock.monotonic();
      await writes.run(() => channels.prune(nowMs - KEPT_MS));
    }
    const free = channels
      .list()
      .filter(({ id, enabled, holdMs }) => enabled && holdMs <= nowMs && !busy.has(id));
    await Promise.all(
      free.map((channel) => {
        const work = serve(channel).finally(() => busy.delete(channel.id));
        busy.set(channel.id, work);
        return work;
      }),
    );
  }

  const safely = () =>
    look().catch((thrown: unknown) => log.warn({ err: thrown }, 'alerts could not be told of yet'));
  let timer: NodeJS.Timeout | null = null;

  return {
    announce,
    look,
    notice,
    start(): void {
      timer = setInterval(() => void safely(), LOOK_EVERY_MS);
      timer.unref();
    },
    /** A word that it works. */
    test: (channel: ChannelRecord): Promise<Sent> =>
      post(channel, {
        id: `test-${clock.now()}`,
        endpoint: 'Lathe',
        told: [TEST],
        explained: 0,
        uiUrl: null,
      }),
    async close(): Promise<void> {
      if (timer) clearInterval(timer);
      await Promise.allSettled(busy.values());
    },
  };
}

const isUrgent = ({ severity, acknowledged, explainedBy }: AlertRecord): boolean =>
  severity === 'critical' && acknowledged === null && explainedBy === null;

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

const TEST: Told = {
  what: ['opened'],
  alert: {
    ...{ id: 'test', ruleId: 'test', endpoint: 'Lathe', severity: 'info', state: 'firing' },
    ...{ title: 'This is a test', text: 'If you can read it, alerts arrive here.' },
    ...{ series: { of: 'volume' }, per: 'hour', arm: null, slice: null, version: null },
    ...{ openedMs: 0, windowMs: 0, resolvedMs: null, was: false, overMs: null },
    ...{ value: null, limit: null, n: 0 },
    ...{ acknowledged: null, snoozedUntilMs: null, explainedBy: null },
  },
};
