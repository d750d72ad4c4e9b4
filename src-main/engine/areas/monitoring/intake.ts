/**
 * Takes served rows and labels in, one message after the other, and rolls up what was counted. Nothing here holds the
 * thread for long: work is cut into slices.
 */
import type { Prediction } from '../../../platform/link.ts';
import { blocksOfPredictions } from '../../../platform/tap-block.ts';
import type { AreaContext } from '../../context.ts';
import { isOfStorage } from '../../data/failures.ts';
import { nextTurn } from '../../turns.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Slicer } from './cohort-turn.ts';
import type { Chunk, OwnedBy } from './cutter.ts';
import { type IngestSums, ingestChunks, type Logged, type Trouble } from './ingest.ts';
import type { Decision } from './judging.rules.ts';
import {
  type Labelled,
  type LabelPorts,
  type LabelResult,
  labelSlice,
  type NewLabel,
  noLabels,
} from './labels.ts';
import { createLossesStore } from './losses.store.ts';
import type { MonitoringStore } from './monitoring.store.ts';
import { createPace } from './pace.ts';
import type { PanesStore } from './panes.store.ts';
import type { WatchPlan } from './plans.ts';
import { type LayoutsOf, rollSlice } from './roller.ts';

/** Told of what is logged and labelled, inside the transactions that do it: what it counts is counted exactly once. */
export type MonitoringObserver = { logged: Logged; labelled(changes: readonly Labelled[]): void };

type Ports = {
  store: MonitoringStore;
  panes: PanesStore;
  endpoints: () => readonly EndpointRecord[];
  plan(model: string, version: string): WatchPlan;
  /** Null for an endpoint that is gone. */
  decide(endpointId: number, version: string): Decision | null;
  layouts: LayoutsOf;
  slicer: Slicer;
  /** Minutes of an endpoint that changed. */
  touched(endpointId: number, minutes: Iterable<number>): void;
};

/** Each is counted for all rows and for each slice that it is in. */
const LABEL_SLICE = 75;
const TELL_EVERY_MS = 1_000;
const COMPLAIN_EVERY_MS = 60_000;
const ROLL_AFTER_MS = 500;
/** The gateway's link tries once a second. */
const MOST_TRIES = 5;

export function createIntake({ clock, db, events, log }: AreaContext, ports: Ports) {
  const { store, panes, endpoints, plan, slicer } = ports;
  const pace = createPace();
  const rollPace = createPace();
  const losses = createLossesStore(db);
  let turn: Promise<unknown> = Promise.resolve();
  let toldMs = Number.NEGATIVE_INFINITY;
  let complainedMs = Number.NEGATIVE_INFINITY;
  let tellTimer: NodeJS.Timeout | null = null;
  let rollTimer: NodeJS.Timeout | null = null;
  let rolling: Promise<void> = Promise.resolve();
  /** A roll-up that has not begun. */
  let rollNext: Promise<void> | null = null;
  let closed = false;
  /** Commits of the tap that failed in a row. */
  let failed = 0;
  let observer: MonitoringObserver | null = null;
  const labelPorts: LabelPorts = {
    ...{ db, store, decide: ports.decide, slicer, nowMs: clock.now },
    labelled: (changes) => observer?.labelled(changes),
  };

  /** At most once a second: views re-query what they show, and a second is what an eye follows. */
  function tell(): void {
    if (tellTimer) return;
    const wait = Math.min(TELL_EVERY_MS, Math.max(0, TELL_EVERY_MS - (clock.monotonic() - toldMs)));
    tellTimer = setTimeout(() => {
      tellTimer = null;
      toldMs = clock.monotonic();
      events.changed('monitoring', 'overview');
    }, wait);
    tellTimer.unref();
  }

  /** Once a minute at most: a file of wrong labels is a hundred thousand of them. */
  function complain(reason: string): void {
    const nowMs = clock.monotonic();
    if (nowMs - complainedMs < COMPLAIN_EVERY_MS) return;
    complainedMs = nowMs;
    log.warn({ reason }, 'a label that waited for its prediction is none of it');
  }

  async function rollAll(): Promise<void> {
    if (closed) return;
    const upTo = panes.newestPending();
    for (let last = 0; last < upTo; ) {
      // A timer, a message and a transaction in one turn of the event loop would hold it for as long as all three.
      await nextTurn();
      if (closed) return;
      const rolled = rollPace.measured((share) => rollSlice(db, panes, ports.layouts, share));
      if (!rolled) return;
      last = rolled.last;
      for (const [endpointId, minutes] of rolled.touched) ports.touched(endpointId, minutes);
      tell();
    }
  }

  /**
   * Rolls up all that is committed. One at a time: the numbers of what is pending begin again once all of it is rolled up, so
   * of two at once one would wait for a number that another has taken. Whoever asks while one waits shares it.
   */
  function rollUp(): Promise<void> {
    if (!rollNext) {
      const begin = () => {
        rollNext = null;
        return rollAll();
      };
      rollNext = rolling.then(begin, begin);
      rolling = rollNext;
    }
    return rollNext;
  }

  /** Within a second; views are told when it is done. */
  function rollSoon(): void {
    rollTimer ??= setTimeout(() => {
      rollTimer = null;
      rollUp().catch((thrown: unknown) => {
        log.error({ err: thrown }, 'counts could not be rolled up yet');
        if (!closed) rollSoon();
      });
    }, ROLL_AFTER_MS).unref();
  }

  /** One after the other: a message's slices are not mixed with another's. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  /** A full or locked disk may come back; what else fails so often would fail for ever. */
  const trouble: Trouble = {
    expected: () => failed >= MOST_TRIES - 1,
    isHopeless(thrown) {
      failed += 1;
      if (failed < MOST_TRIES || isOfStorage(thrown)) return false;
      log.error({ err: thrown, tries: failed }, 'served rows that cannot be committed are lost');
      return true;
    },
  };

  async function ingestAll(chunks: readonly Chunk[]): Promise<{ inserted: number; repeated: number }> {
    const sum = { inserted: 0, repeated: 0 };
    const places = new Map<string, OwnedBy | null>();
    const resolveNow = (name: string, version: string): OwnedBy | null => {
      const record = endpoints().find((candidate) => candidate.name === name);
      return record ? { endpointId: record.id, plan: plan(record.model, version) } : null;
    };
    const resolve = (name: string, version: string) => {
      const key = `${name} ${version}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      const place = resolveNow(name, version);
      places.set(key, place);
      return place;
    };
    const done = (result: IngestSums) => {
      failed = 0;
      sum.inserted += result.inserted;
      sum.repeated += result.repeated;
      if (result.dropped > 0 || result.sampledOut > 0) tell();
    };
    const own = {
      db,
      store,
      panes,
      resolve,
      now: clock.now,
      pace,
      logged: observer?.logged,
      lost: losses.add,
      slicer,
      trouble,
    };
    await ingestChunks(own, chunks, done, nextTurn);
    rollSoon();
    return sum;
  }

  return {
    /**
     * Commits chunks of a tap, in their order. Those that are in already change nothing, and after a failure the same
     * chunks go on where they stood.
     */
    ingestTap: (chunks: readonly Chunk[]) => inTurn(() => ingestAll(chunks)),
    /** Commits rows that did not come through a tap. They are told apart by their ids. */
    ingest: (rows: readonly Prediction[]) =>
      inTurn(() =>
        ingestAll([{ blocks: blocksOfPredictions(rows), cursor: null, dropped: 0, sampledOut: 0 }]),
      ),
    /** Joins labels to logged predictions, each once; what it returns is committed. Positions are those in `labels`. */
    label: (labels: readonly NewLabel[]): Promise<LabelResult> =>
      inTurn(async () => {
        const sum = noLabels();
        for (let from = 0; from < labels.length; from += LABEL_SLICE) {
          if (from > 0) await nextTurn();
          const result = labelSlice(labelPorts, labels.slice(from, from + LABEL_SLICE));
          for (const key of ['joined', 'unchanged', 'replaced', 'stale'] as const) sum[key] += result[key];
          sum.unknown.push(...result.unknown.map((at) => from + at));
          sum.refused.push(...result.refused.map(({ at, reason }) => ({ at: from + at, reason })));
        }
        if (sum.joined > 0) tell();
        return sum;
      }),
    /** Joins a label to a logged prediction within the caller's transaction. */
    labelNow(label: NewLabel): LabelResult {
      const result = labelSlice(labelPorts, [label]);
      if (result.joined > 0) tell();
      return result;
    },
    /**
     * The same of a label that waited for its prediction. Nobody is there any more to be told that it cannot be one of it: it
     * is counted as lost.
     */
    labelWaited(label: NewLabel): void {
      const { joined, unknown, refused } = labelSlice(labelPorts, [label]);
      const reason = refused[0]?.reason ?? (unknown.length > 0 ? 'its endpoint is gone' : null);
      if (reason !== null) {
        losses.add({ labels: 1 });
        complain(reason);
      }
      if (joined > 0 || reason !== null) tell();
    },
    /** Rolls up what was counted until now. */
    rollUp,
    /** What was served but could not be logged, and labels that were lost: since the engine started, and in all. */
    losses: losses.sinceStart,
    allLosses: losses.all,
    setObserver(next: MonitoringObserver): void {
      observer = next;
    },
    close(): void {
      closed = true;
      if (tellTimer) clearTimeout(tellTimer);
      if (rollTimer) clearTimeout(rollTimer);
    },
  };
}
