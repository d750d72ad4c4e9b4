/**
 * When rules are judged: soon after data changed, and once a minute for what only time shows (silence). Never more than
 * one pass at once, and between two a rest of twenty times what the last one took, from 5 to 20 seconds.
 */
import type { Topic } from '../../../contract/workspace.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { AlertsStore } from './alerts.store.ts';
import type { EndAll } from './ending.ts';
import type { createEvaluate } from './evaluate.ts';
import { type PresetFacts, presetsFor } from './presets.rules.ts';

type Ports = {
  context: Pick<AreaContext, 'clock' | 'db' | 'events' | 'ids' | 'log' | 'writes'>;
  store: AlertsStore;
  evaluate: ReturnType<typeof createEvaluate>;
  endpoints(): readonly EndpointRecord[];
  endAll: EndAll;
  inputs(endpoint: string): Promise<string[]>;
  presetFacts(record: EndpointRecord): Promise<PresetFacts>;
  /** After each pass. */
  judged(changed: boolean): Promise<void>;
};

const EVERY_MS = 5_000;
const MINUTE_MS = 60_000;
const REST_FACTOR = 20;
const LONGEST_REST_MS = 20_000;
const TOPICS: readonly Topic[] = ['monitoring', 'businessMetrics', 'models', 'serving'];

export function createWatch(ports: Ports) {
  const { context, store, evaluate } = ports;
  const { clock, db, events, ids, log, writes } = context;
  let timer: NodeJS.Timeout | null = null;
  let minute: NodeJS.Timeout | null = null;
  let unlisten = () => {};
  let notBefore = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  let again = false;
  let started = false;
  let ended = false;

  /** Rules to begin with, made once for an endpoint, when it has something to compare with. */
  async function makePresets(): Promise<boolean> {
    let made = false;
    for (const record of ports.endpoints()) {
      if (store.hasPresets(record.id)) continue;
      if ((await ports.inputs(record.name)).length === 0) continue;
      const presets = presetsFor(record.name, await ports.presetFacts(record));
      await writes.run(() =>
        inTransaction(db, () => {
          for (const { key, rule } of presets)
            if (store.addPreset(record.id, key, clock.now()))
              store.addRule({ id: ids.next(), endpointId: record.id, rule, preset: key }, clock.now());
        }),
      );
      made = true;
    }
    return made;
  }

  /** Alerts of endpoints that were removed are over. */
  async function endGone(): Promise<boolean> {
    const present = new Set(ports.endpoints().map(({ id }) => id));
    const gone = store
      .rules()
      .filter(({ id, endpointId }) => !present.has(endpointId) && store.openOfRule(id).length > 0);
    if (gone.length === 0) return false;
    await writes.run(() =>
      inTransaction(db, () => {
        for (const { id } of gone) ports.endAll(id, 'The endpoint was removed.');
      }),
    );
    return true;
  }

  async function pass(): Promise<void> {
    const begin = clock.monotonic();
    let changed = false;
    try {
      changed = await endGone();
      changed = (await makePresets()) || changed;
      const rules = store.rules().filter(({ rule }) => rule.enabled);
      for (const record of ports.endpoints()) {
        if (ended) return;
        const own = rules.filter(({ endpointId }) => endpointId === record.id);
        if (own.length === 0) continue;
        try {
          changed = (await evaluate.evaluateEndpoint(record, own)) || changed;
        } catch (thrown) {
          // The others are judged all the same, and this one in the next pass.
          if (!ended)
            log.error({ err: thrown, endpoint: record.name }, 'its alert rules could not be judged');
        }
      }
    } finally {
      const tookMs = clock.monotonic() - begin;
      notBefore = clock.monotonic() + Math.min(LONGEST_REST_MS, Math.max(EVERY_MS, tookMs * REST_FACTOR));
    }
    await ports.judged(changed);
  }

  /** One pass; those that ask meanwhile share the next one. */
  function run(): Promise<void> {
    timer = null;
    running ??= pass()
      .catch((thrown: unknown) => {
        if (!ended) log.error({ err: thrown }, 'alert rules could not be judged');
      })
      .finally(() => {
        running = null;
        if (again) soon();
        again = false;
      });
    return running;
  }

  function soon(): void {
    if (!started || ended || timer) return;
    if (running) {
      again = true;
      return;
    }
    timer = setTimeout(() => void run(), Math.max(0, notBefore - clock.monotonic()));
    timer.unref();
  }

  return {
    soon,
    /** Without the rest: somebody changed a rule and looks. */
    promptly(): void {
      if (timer) clearTimeout(timer);
      timer = null;
      notBefore = Number.NEGATIVE_INFINITY;
      soon();
    },
    /** A pass that begins now or after the one that is under way, whatever the pace. */
    async judge(): Promise<void> {
      await running;
      await run();
    },
    start(): void {
      started = true;
      unlisten = events.listen((event) => {
        if (event.type === 'changed' && event.topics.some((topic) => TOPICS.includes(topic))) soon();
      });
      minute = setInterval(soon, MINUTE_MS);
      minute.unref();
      soon();
    },
    async close(): Promise<void> {
      ended = true;
      unlisten();
      if (timer) clearTimeout(timer);
      if (minute) clearInterval(minute);
      await running;
    },
  };
}
