/** Rules, alerts and the channels that are told of them. */
import type {
  Alert,
  AlertEvidence,
  AlertRule,
  AlertRuleInput,
  ChangeEvent,
  Channel,
} from '../../../contract/alerts.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { SeriesRef } from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { EndpointRecord } from '../serving/index.ts';
import {
  type AlertsStore,
  alertView,
  type ListPlace,
  type RuleRecord,
  type SubjectState,
} from './alerts.store.ts';
import type { Changes } from './changes.ts';
import type { ChannelsStore } from './channels.store.ts';
import type { EndAll } from './ending.ts';
import type { createEvaluate } from './evaluate.ts';
import { type createNotifier, secretName } from './notify.ts';
import { checkRule, essenceOf } from './rule-check.rules.ts';
import { checkedAddress } from './webhook.ts';
import { featureName, ruleText, windowsText } from './words.rules.ts';

type Ports = {
  context: AreaContext;
  store: AlertsStore;
  channels: ChannelsStore;
  changes: Changes;
  evaluate: ReturnType<typeof createEvaluate>;
  notifier: ReturnType<typeof createNotifier>;
  endpoints(): readonly EndpointRecord[];
  sliceName(endpoint: string, id: string): Promise<string | null>;
  endAll: EndAll;
  /** Something that is judged changed. */
  judgeSoon(): void;
};

export type AlertsService = ReturnType<typeof createAlertsService>;
export type Tried = {
  windows: number;
  fired: { windowMs: number; series: SeriesRef; value: number }[];
  says: string;
};

const CHANGES_MS = 90 * 86_400_000;
const FIRED_SHOWN = 1_000;

export function createAlertsService(ports: Ports) {
  const { context, store, channels, notifier, endAll } = ports;
  const { clock, db, events, host, ids, writes } = context;

  function endpoint(name: string): EndpointRecord {
    const found = ports.endpoints().find((record) => record.name === name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name });
    return found;
  }
  function rule(id: string): RuleRecord {
    const found = store.rule(id);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'alert rule', name: id });
    return found;
  }
  function alert(id: string) {
    const found = store.find(id);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'alert', name: id });
    return found;
  }
  const changed = () => events.changed('alerts', 'overview');

  async function view(record: RuleRecord): Promise<AlertRule> {
    const { id, revision, createdMs, preset, problem, epoch } = record;
    const { slice } = record.rule;
    const sliceName =
      slice === null ? null : await ports.sliceName(record.rule.endpoint, slice).catch(() => null);
    const states = store.states(id).filter((state) => state.epoch === epoch);
    return {
      ...record.rule,
      ...{ id, revision, createdMs, problem },
      preset: preset !== null,
      state: record.rule.enabled ? stateOf(states) : 'off',
      says: ruleText(record.rule, slice === null ? null : (sliceName ?? 'that is gone')),
    };
  }

  return {
    async rules(name: string | undefined): Promise<AlertRule[]> {
      const wanted = name === undefined ? null : endpoint(name).id;
      const present = new Map(ports.endpoints().map((record) => [record.id, record]));
      const found: AlertRule[] = [];
      for (const record of store.rules())
        if (present.has(record.endpointId) && (wanted === null || record.endpointId === wanted))
          found.push(await view(record));
      return found;
    },
    async createRule(input: AlertRuleInput): Promise<AlertRule> {
      checkRule(input);
      const { id: endpointId } = endpoint(input.endpoint);
      const id = ids.next();
      await writes.run(() => store.addRule({ id, endpointId, rule: input, preset: null }, clock.now()));
      changed();
      ports.judgeSoon();
      return view(rule(id));
    },
    /** Throws LATHE_CONFLICT when it was changed since. What went on under another condition ends. */
    async updateRule(id: string, revision: number, input: AlertRuleInput): Promise<AlertRule> {
      checkRule(input);
      const present = rule(id);
      if (present.rule.endpoint !== input.endpoint)
        throw new LatheError('LATHE_ALERTS_RULE', {
          reason: 'it cannot go to another endpoint; make a new one',
        });
      await writes.run(() =>
        inTransaction(db, () => {
          const before = rule(id);
          const reset = essenceOf(before.rule) !== essenceOf(input);
          if (!store.setRule(id, revision, input, reset, clock.now()))
            throw new LatheError('LATHE_CONFLICT', { kind: 'The rule', name: before.rule.name });
          if (!input.enabled) endAll(id, 'The rule was switched off.');
          else if (reset) endAll(id, 'The rule was changed.');
        }),
      );
      changed();
      ports.judgeSoon();
      return view(rule(id));
    },
    async removeRule(id: string): Promise<boolean> {
      const removed = await writes.run(() =>
        inTransaction(db, () => {
          endAll(id, 'The rule was removed.');
          return store.dropRule(id);
        }),
      );
      if (!removed) return false;
      changed();
      // What its alerts explained stands for itself now.
      ports.judgeSoon();
      return true;
    },
    async tryRule(input: AlertRuleInput): Promise<Tried> {
      checkRule(input);
      const { windows, fired } = await ports.evaluate.tryRule(endpoint(input.endpoint), input);
      return { windows, fired: fired.slice(-FIRED_SHOWN), says: triedText(input, windows, fired) };
    },
    list(input: {
      endpoint?: string | undefined;
      state: 'open' | 'all';
      limit: number;
      before?: string | undefined;
    }) {
      const id = input.endpoint === undefined ? null : endpoint(input.endpoint).id;
      const after = input.before === undefined ? null : placeOf(input.before);
      const { alerts, next } = store.list(id, input.state === 'all', input.limit, after);
      return {
        alerts: alerts.map(alertView),
        next: next && `${next.over ? 'over' : 'open'}-${next.seq}`,
        ...store.counts(id, clock.now()),
      };
    },
    async get(id: string): Promise<{
      alert: Alert;
      rule: AlertRule | null;
      evidence: AlertEvidence;
      history: { atMs: number; what: string; note: string }[];
    }> {
      const found = alert(id);
      const present = store.rule(found.ruleId);
      return {
        alert: alertView(found),
        rule: present && (await view(present)),
        evidence: store.evidence(id) as AlertEvidence,
        history: store.history(id),
      };
    },
    async acknowledge(id: string, note: string): Promise<Alert> {
      alert(id);
      await writes.run(() =>
        inTransaction(db, () => {
          store.acknowledge(id, clock.now(), note);
          store.addHistory(id, clock.now(), 'acknowledged', note);
        }),
      );
      changed();
      return alertView(alert(id));
    },
    async unacknowledge(id: string): Promise<Alert> {
      alert(id);
      await writes.run(() =>
        inTransaction(db, () => {
          // A second Undo finds nothing to take back.
          if (alert(id).acknowledged === null) return;
          store.unacknowledge(id);
          store.addHistory(id, clock.now(), 'acknowledgement taken back', '');
        }),
      );
      changed();
      return alertView(alert(id));
    },
    async snooze(id: string, untilMs: number): Promise<Alert> {
      alert(id);
      await writes.run(() =>
        inTransaction(db, () => {
          store.snooze(id, untilMs);
          store.addHistory(id, clock.now(), 'snoozed', `until ${new Date(untilMs).toISOString()}`);
        }),
      );
      changed();
      return alertView(alert(id));
    },
    async changes(
      name: string,
      fromMs: number | undefined,
      toMs: number | undefined,
    ): Promise<ChangeEvent[]> {
      const untilMs = toMs ?? clock.now() + 1;
      return ports.changes.of(endpoint(name), fromMs ?? untilMs - CHANGES_MS, untilMs);
    },
    channels: (): Channel[] => channels.list().map(channelView),
    /** The address is asked for once; without one the former stays. */
    async saveChannel(
      input: Omit<Channel, 'id' | 'host' | 'last'> & { id?: string | undefined; url?: string | undefined },
    ): Promise<Channel> {
      const { url: text, id: given, ...facts } = input;
      const present = given === undefined ? null : channels.find(given);
      if (given !== undefined && !present)
        throw new LatheError('LATHE_NOT_FOUND', { kind: 'channel', name: given });
      if (text === undefined && !present)
        throw new LatheError('LATHE_ALERTS_CHANNEL_ADDRESS', { reason: 'none was given' });
      const id = given ?? ids.next();
      const url = text === undefined ? null : checkedAddress(text);
      if (url) {
        if (host.capabilities.secrets === 'none') throw new LatheError('LATHE_ALERTS_NO_SECRETS');
        // First: a channel without its address would be of no use.
        await host.secrets.set(secretName(id), url.href);
      }
      await writes.run(() =>
        channels.put({ ...facts, id, host: url?.host ?? present?.host ?? '' }, clock.now()),
      );
      changed();
      return channelView(channels.find(id) as NonNullable<ReturnType<typeof channels.find>>);
    },
    async removeChannel(id: string): Promise<boolean> {
      const removed = await writes.run(() => inTransaction(db, () => channels.drop(id)));
      await host.secrets.remove(secretName(id)).catch(() => {});
      if (removed) changed();
      return removed;
    },
    async testChannel(id: string): Promise<{ ok: boolean; detail: string }> {
      const found = channels.find(id);
      if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'channel', name: id });
      const { ok, detail } = await notifier.test(found);
      await writes.run(() => {
        channels.tried(id, { atMs: clock.now(), ok, detail }, ok ? 0 : found.holdMs, ok ? 0 : found.fails);
      });
      changed();
      return { ok, detail };
    },
  };
}

/** It says where the last alert stood when it was listed: one that was over since is not passed by. */
const placeOf = (cursor: string): ListPlace => ({
  over: cursor.startsWith('over'),
  seq: Number(cursor.slice(cursor.indexOf('-') + 1)),
});

const channelView = ({
  holdMs: _hold,
  fails: _fails,
  ...channel
}: Channel & { holdMs: number; fails: number }): Channel => channel;

/** The gravest of what the rule watches; before anything was judged there is no data. */
function stateOf(states: readonly SubjectState[]): AlertRule['state'] {
  for (const phase of ['firing', 'pending', 'ok'] as const)
    if (states.some((state) => state.phase === phase)) return phase;
  return 'no-data';
}

/** “It would have fired 3 times in 42 days: on carrier (2) and on dep_delay (1).” */
function triedText(input: AlertRuleInput, windows: number, fired: Tried['fired']): string {
  if (windows === 0) return 'There is nothing to try it on: no window could be judged.';
  const over = windowsText(windows, input.per).replace('running', 'that could be judged');
  if (fired.length === 0) return `It would not have fired in ${over}.`;
  const times = fired.length === 1 ? 'once' : `${fired.length} times`;
  const groups = [
    ...Map.groupBy(fired, ({ series }) => ('feature' in series ? featureName(series.feature) : '')),
  ];
  const named = groups
    .toSorted((left, right) => right[1].length - left[1].length)
    .slice(0, 5)
    .map(([name, list]) => `${name} (${list.length})`);
  const where = groups[0]?.[0] === '' ? '' : `: ${named.join(', ')}${groups.length > 5 ? ' and others' : ''}`;
  return `It would have fired ${times} in ${over}${where}.`;
}
