/**
 * Takes tap blocks into the workspace: logged rows, counts and how far the tap is in, in one transaction each, so that a
 * message that is sent again after a crash changes nothing. A logged row whose id is there already is not counted; rows
 * that are only counted are told apart by their chunk.
 */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import type { Prediction } from '../../../platform/link.ts';
import { loggedPredictions, type TapBlock } from '../../../platform/tap-block.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import { type CohortTurn, createCohortTurn, NO_SLICES, type Slicer } from './cohort-turn.ts';
import { type Counter, countedMs, createCounter } from './counter.ts';
import type { MonitoringStore } from './monitoring.store.ts';
import type { Cursor, PanesStore } from './panes.store.ts';
import type { WatchPlan } from './plans.ts';

/** Windows that endpoints are summed up by: days of event time, UTC. */
export const WINDOW_MS = WINDOW_SIZE_MS.day;

export const windowOf = (eventMs: number): number => Math.floor(eventMs / WINDOW_MS) * WINDOW_MS;

/** What one transaction may take, so that it holds the thread for a few milliseconds. */
export const SLICE = {
  /** Rows of the log: inserted one by one. */
  logged: 100,
  /** Feature values that are counted. */
  values: 60_000,
  /** Panes of minutes that are written down. */
  panes: 600,
} as const;

/** Blocks with a number by which they are known when they are sent again; without one, only their ids are. */
export type Chunk = {
  blocks: readonly TapBlock[];
  cursor: { instance: string; seq: number } | null;
  /** Rows that were served and lost for want of room, or were more than is counted. */
  dropped: number;
  sampledOut: number;
};

export type IngestSums = {
  inserted: number;
  /** Already logged: they were sent again. */
  repeated: number;
  /** Refused: another event was logged under the same id before. */
  reused: number;
  dropped: number;
  sampledOut: number;
};
export type OwnedBy = { endpointId: number; plan: WatchPlan };
/** Where a row belongs; null when its endpoint or version is not known (any more). */
export type Resolve = (endpoint: string, version: string) => OwnedBy | null;

/** What was newly logged, by endpoint id: called in the transaction that logged it. */
export type Logged = (rows: ReadonlyMap<number, readonly Prediction[]>) => void;

export type IngestPorts = {
  db: Database;
  store: MonitoringStore;
  panes: PanesStore;
  resolve: Resolve;
  now: () => number;
  logged?: Logged | undefined;
  slicer?: Slicer | undefined;
};

/**
 * Takes chunks in, one transaction after the other, and says after each what it did; `pause` is awaited between them.
 * Chunks of one tap must come in their order. Called again with the same chunks after a failure, it goes on where it stood.
 */
export async function ingestChunks(
  ports: IngestPorts,
  chunks: readonly Chunk[],
  done: (result: IngestSums) => void,
  pause: () => Promise<void>,
): Promise<void> {
  const next = createCutter(ports, chunks);
  for (let slice = next(); slice !== null; slice = next()) {
    done(commitSlice(ports, slice));
    await pause();
  }
}

/** Rows of a block, from `from` up to `to`. */
type Part = OwnedBy & { block: TapBlock; from: number; to: number };
type Slice = {
  parts: Part[];
  cursor: { instance: string; seq: number; done: number } | null;
  /** Chunks of which the last row is in the slice. */
  ended: Chunk[];
};
/** A block of which rows are still to come; `before` are the rows of its chunk before it. */
type Item = { chunk: Chunk; block: TapBlock | null; from: number; before: number; last: boolean };

/** Cuts chunks into slices that fit a transaction. Rows of unknown endpoints are passed over. */
function createCutter(
  { panes, resolve, slicer = NO_SLICES }: IngestPorts,
  chunks: readonly Chunk[],
): () => Slice | null {
  // A chunk may be there twice: a gateway that was reconnected while its chunks waited has sent them again.
  const stood = new Map<string, Cursor>();
  const items = chunks.flatMap((chunk) => {
    if (!chunk.cursor) return itemsOf(chunk, null);
    const { instance, seq } = chunk.cursor;
    const own = itemsOf(chunk, stood.get(instance) ?? panes.cursor(instance));
    if (own.length > 0) stood.set(instance, { seq, done: rowsIn(chunk) });
    return own;
  });
  let at = 0;
  let from = items[0]?.from ?? 0;

  return () => {
    const room = {
      logged: SLICE.logged as number,
      values: SLICE.values as number,
      panes: SLICE.panes as number,
    };
    const windows = new Set<string>();
    const slice: Slice = { parts: [], cursor: null, ended: [] };
    const instance = items[at]?.chunk.cursor?.instance;
    const first = at;
    while (at < items.length) {
      const { chunk, block, before, last } = items[at] as Item;
      if (at > first && chunk.cursor?.instance !== instance) break;
      const rows = block?.rows ?? 0;
      const owner = block && resolve(block.endpoint, block.version);
      // A row is counted once for all and once for each slice that it is in.
      const weight = owner ? 1 + slicer.countOf(owner.endpointId) / 4 : 1;
      const to = owner ? fitting(block, from, { ...owner, weight }, room, windows) : rows;
      if (owner && to > from) slice.parts.push({ ...owner, block, from, to });
      if (chunk.cursor) slice.cursor = { ...chunk.cursor, done: before + to };
      if (to < rows) {
        from = to;
        return slice;
      }
      if (last) slice.ended.push(chunk);
      at += 1;
      from = items[at]?.from ?? 0;
    }
    return at > first ? slice : null;
  };
}

const rowsIn = ({ blocks }: Chunk): number => blocks.reduce((sum, block) => sum + block.rows, 0);

/** What of a chunk is not in yet, its tap being in up to `stood`; an empty chunk has an item too, for what it says of losses. */
function itemsOf(chunk: Chunk, stood: Cursor | null): Item[] {
  const { cursor } = chunk;
  const rows = rowsIn(chunk);
  if (cursor && stood && (cursor.seq < stood.seq || (cursor.seq === stood.seq && stood.done >= rows)))
    return [];
  const done = cursor && stood?.seq === cursor.seq ? stood.done : 0;
  const items: Item[] = [];
  let before = 0;
  for (const block of chunk.blocks) {
    const from = Math.max(0, done - before);
    if (from < block.rows) items.push({ chunk, block, from, before, last: false });
    before += block.rows;
  }
  const last = items.at(-1);
  if (!last) return [{ chunk, block: null, from: 0, before: rows, last: true }];
  last.last = true;
  return items;
}

/** Where the rows from `from` on end that still fit; at least one does when there is nothing in the slice yet. */
function fitting(
  block: TapBlock,
  from: number,
  { endpointId, plan, weight }: OwnedBy & { weight: number },
  room: { logged: number; values: number; panes: number },
  windows: Set<string>,
): number {
  const features = Math.max(1, plan.features.length);
  let logged = lowerBound(block.logged.at, from);
  let last = Number.NaN;
  for (let row = from; row < block.rows; row++) {
    const isLogged = block.logged.at[logged] === row;
    if (room.values <= 0 || (isLogged && room.logged <= 0)) return row;
    const minute = Math.floor((block.eventMs[row] as number) / WINDOW_SIZE_MS.minute);
    if (minute !== last) {
      const window = `${endpointId} ${minute} ${block.version} ${block.arm}`;
      if (!windows.has(window)) {
        // One window is taken however many features there are.
        if (room.panes < features && windows.size > 0) return row;
        room.panes -= features;
        windows.add(window);
      }
      last = minute;
    }
    room.values -= features;
    if (isLogged) {
      room.logged -= weight;
      logged += 1;
    }
  }
  return block.rows;
}

function commitSlice(ports: IngestPorts, { parts, cursor, ended }: Slice): IngestSums {
  const { db, panes, now } = ports;
  for (const { plan } of parts) panes.know(plan.features.map(({ name }) => name));
  const counter = createCounter(panes);
  const slicer = ports.slicer ?? NO_SLICES;
  const sums: IngestSums = { inserted: 0, repeated: 0, reused: 0, dropped: 0, sampledOut: 0 };
  for (const { dropped, sampledOut } of ended) {
    sums.dropped += dropped;
    sums.sampledOut += sampledOut;
  }
  inTransaction(db, () => {
    const inserted = new Map<number, Prediction[]>();
    const cohorts = createCohortTurn(ports.store.sums, slicer);
    for (const part of parts) takeIn({ store: ports.store, slicer, counter, cohorts }, part, inserted, sums);
    counter.flush();
    cohorts.flush();
    ports.logged?.(inserted);
    if (cursor) panes.setCursor(cursor.instance, cursor, now());
  });
  return sums;
}

/** Logs what is to be logged and counts it, unless it was there; and counts the rest. */
function takeIn(
  {
    store,
    slicer,
    counter,
    cohorts,
  }: { store: MonitoringStore; slicer: Slicer; counter: Counter; cohorts: CohortTurn },
  { block, endpointId, plan, from, to }: Part,
  inserted: Map<number, Prediction[]>,
  sums: IngestSums,
): void {
  const { arm, version, logged } = block;
  const firstLogged = lowerBound(logged.at, from);
  const predictions = loggedPredictions(block, firstLogged, lowerBound(logged.at, to));
  const rows = new Uint32Array(to - from);
  const isLogged = new Uint8Array(to - from);
  const fresh = inserted.get(endpointId) ?? [];
  let length = 0;
  let next = 0;
  for (let row = from; row < to; row++) {
    const prediction = logged.at[firstLogged + next] === row ? predictions[next++] : undefined;
    if (prediction) {
      // The log has the time that it is counted under.
      prediction.eventMs = countedMs(prediction.eventMs, prediction.receivedMs);
      const slices = slicer.maskOf(endpointId, prediction.features);
      if (!store.insert(endpointId, prediction, slices)) {
        if (store.eventOf(prediction.id) === prediction.eventMs) sums.repeated += 1;
        else sums.reused += 1;
        continue;
      }
      fresh.push(prediction);
      cohorts.served({ ...prediction, endpointId }, slices, plan.decision);
      sums.inserted += 1;
      isLogged[length] = 1;
    }
    rows[length++] = row;
  }
  if (fresh.length > 0) inserted.set(endpointId, fresh);
  counter.add(
    { endpointId, arm, version, features: plan.features },
    block,
    rows.subarray(0, length),
    isLogged,
  );
}

/** The first place in a rising list whose value is not below `value`. */
function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
