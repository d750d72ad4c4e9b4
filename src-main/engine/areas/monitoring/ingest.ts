/**
 * Takes tap blocks into the workspace: logged rows, counts and how far the tap is in, in one transaction each, so that a
 * message that is sent again after a crash changes nothing. A logged row whose id is there already is not counted; rows
 * that are only counted are told apart by their chunk.
 */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import { type LoggedRow, loggedRows } from '../../../platform/tap-block.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import type { RowPacker } from '../../data/packed-features.ts';
import { featureAt } from './block-columns.ts';
import { type CohortTurn, createCohortTurn, NO_SLICES, type Slicer } from './cohort-turn.ts';
import { type Counter, countedMs, createCounter } from './counter.ts';
import { type Chunk, createCutter, lowerBound, type Part, type Resolve, type Slice } from './cutter.ts';
import type { Losses } from './losses.store.ts';
import type { MonitoringStore } from './monitoring.store.ts';
import type { Pace } from './pace.ts';
import type { PanesStore } from './panes.store.ts';

/** Windows that endpoints are summed up by: days of event time, UTC. */
export const WINDOW_MS = WINDOW_SIZE_MS.day;

export const windowOf = (eventMs: number): number => Math.floor(eventMs / WINDOW_MS) * WINDOW_MS;

export type IngestSums = {
  inserted: number;
  /** Already logged: they were sent again. */
  repeated: number;
  /** Refused: another event was logged under the same id before. */
  reused: number;
  dropped: number;
  sampledOut: number;
};
/** What was newly logged, by endpoint id: called in the transaction that logged it. */
export type Logged = (rows: ReadonlyMap<number, readonly LoggedRow[]>) => void;

export type Trouble = {
  /** The next rows may have to be let go: as few as possible. */
  expected(): boolean;
  /** Whether rows whose commit threw this are to be let go. */
  isHopeless(thrown: unknown): boolean;
};

export type IngestPorts = {
  db: Database;
  store: MonitoringStore;
  panes: PanesStore;
  resolve: Resolve;
  now: () => number;
  pace: Pace;
  /** Asked when a commit threw. */
  trouble?: Trouble | undefined;
  logged?: Logged | undefined;
  /** What is lost, in the transaction that gives it up. */
  lost?: ((losses: Partial<Losses>) => void) | undefined;
  slicer?: Slicer | undefined;
};

/** A few logged rows. */
const CAREFUL_SHARE = 1 / 100;

/**
 * Takes chunks in, one transaction after the other, and says after each what it did; `pause` is awaited before each.
 * Chunks of one tap must come in their order. Called again with the same chunks after a failure, it goes on where it stood.
 */
export async function ingestChunks(
  ports: IngestPorts,
  chunks: readonly Chunk[],
  done: (result: IngestSums) => void,
  pause: () => Promise<void>,
): Promise<void> {
  const next = createCutter(ports, chunks);
  for (;;) {
    await pause();
    const sums = ports.pace.measured((share) => {
      const slice = ports.trouble?.expected() ? next(CAREFUL_SHARE, true) : next(share);
      return slice && commitOrSkip(ports, slice);
    });
    if (!sums) return;
    done(sums);
  }
}

/** A slice that no try can commit is passed over, and its rows are lost: the tap would wait behind it for ever. */
function commitOrSkip(ports: IngestPorts, slice: Slice): IngestSums {
  try {
    return commitSlice(ports, slice);
  } catch (thrown) {
    const { parts, cursor, ended } = slice;
    if (!cursor || !ports.trouble?.isHopeless(thrown)) throw thrown;
    const { db, panes, now } = ports;
    const sums = sumsOf(ended);
    for (const { from, to } of parts) sums.dropped += to - from;
    inTransaction(db, () => {
      ports.lost?.(lossesOf(sums));
      panes.setCursor(cursor.instance, cursor, now());
    });
    return sums;
  }
}

const lossesOf = ({ dropped, sampledOut, reused }: IngestSums) => ({ dropped, sampledOut, reused });

/** What chunks say of losses. */
function sumsOf(ended: readonly Chunk[]): IngestSums {
  const sums: IngestSums = { inserted: 0, repeated: 0, reused: 0, dropped: 0, sampledOut: 0 };
  for (const { dropped, sampledOut } of ended) {
    sums.dropped += dropped;
    sums.sampledOut += sampledOut;
  }
  return sums;
}

function commitSlice(ports: IngestPorts, { parts, cursor, ended }: Slice): IngestSums {
  const { db, panes, now } = ports;
  for (const { plan } of parts) panes.know(plan.features.map(({ name }) => name));
  const packers = parts.map(({ endpointId, block }) => ports.store.packer(endpointId, block));
  const counter = createCounter(panes);
  const slicer = ports.slicer ?? NO_SLICES;
  const sums = sumsOf(ended);
  inTransaction(db, () => {
    const inserted = new Map<number, LoggedRow[]>();
    const cohorts = createCohortTurn(ports.store.sums, slicer);
    for (const [at, part] of parts.entries()) {
      const pack = packers[at] as RowPacker;
      takeIn({ store: ports.store, slicer, counter, cohorts, pack }, part, inserted, sums);
    }
    counter.flush();
    cohorts.flush();
    ports.logged?.(inserted);
    ports.lost?.(lossesOf(sums));
    if (cursor) panes.setCursor(cursor.instance, cursor, now());
  });
  return sums;
}

type Turn = {
  store: MonitoringStore;
  slicer: Slicer;
  counter: Counter;
  cohorts: CohortTurn;
  pack: RowPacker;
};

/** Logs what is to be logged and counts it, unless it was there; and counts the rest. */
function takeIn(
  { store, slicer, counter, cohorts, pack }: Turn,
  { block, endpointId, plan, from, to }: Part,
  inserted: Map<number, LoggedRow[]>,
  sums: IngestSums,
): void {
  const { arm, version, logged } = block;
  const firstLogged = lowerBound(logged.at, from);
  const toLog = loggedRows(block, firstLogged, lowerBound(logged.at, to));
  const rows = new Uint32Array(to - from);
  const isLogged = new Uint8Array(to - from);
  const fresh = inserted.get(endpointId) ?? [];
  let length = 0;
  let next = 0;
  for (let row = from; row < to; row++) {
    const entry = logged.at[firstLogged + next] === row ? toLog[next++] : undefined;
    if (entry) {
      // The log has the time that it is counted under.
      entry.eventMs = countedMs(entry.eventMs, entry.receivedMs);
      const slices = slicer.maskOf(endpointId, (name) => featureAt(block, row, name));
      if (!store.insert(endpointId, entry, pack(row), slices)) {
        if (store.eventOf(entry.id) === entry.eventMs) sums.repeated += 1;
        else sums.reused += 1;
        continue;
      }
      fresh.push(entry);
      cohorts.served(endpointId, entry, slices, plan.decision);
      sums.inserted += 1;
      isLogged[length] = 1;
    }
    rows[length++] = row;
  }
  if (fresh.length > 0) inserted.set(endpointId, fresh);
  const owner = { endpointId, arm, version, features: plan.features };
  counter.add(owner, block, rows.subarray(0, length), isLogged);
}
