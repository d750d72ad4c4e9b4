/** Cuts chunks of taps into slices, each of which is committed in one transaction of a few milliseconds. */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import type { TapBlock } from '../../../platform/tap-block.ts';
import { NO_SLICES, type Slicer } from './cohort-turn.ts';
import type { Cursor, PanesStore } from './panes.store.ts';
import type { WatchPlan } from './plans.ts';

/** The most that one transaction takes, where the machine is quick (pace.rules.ts). */
const SLICE = {
  /** Rows of the log: inserted one by one. */
  logged: 800,
  /** Feature values that are counted. */
  values: 120_000,
  /** Panes of minutes that are written down. */
  panes: 1_200,
} as const;

/** Blocks with a number by which they are known when they are sent again; without one, only their ids are. */
export type Chunk = {
  blocks: readonly TapBlock[];
  cursor: { instance: string; seq: number } | null;
  /** Rows that were served and lost for want of room, or were more than is counted. */
  dropped: number;
  sampledOut: number;
};

export type OwnedBy = { endpointId: number; plan: WatchPlan };
/** Where a row belongs; null when its endpoint or version is not known (any more). */
export type Resolve = (endpoint: string, version: string) => OwnedBy | null;

/** Rows of a block, from `from` up to `to`. */
export type Part = OwnedBy & { block: TapBlock; from: number; to: number };
export type Slice = {
  parts: Part[];
  cursor: { instance: string; seq: number; done: number } | null;
  /** Chunks of which the last row is in the slice. */
  ended: Chunk[];
};
/** A block of which rows are still to come; `before` are the rows of its chunk before it. */
type Item = { chunk: Chunk; block: TapBlock | null; from: number; before: number; last: boolean };

type CutterPorts = {
  panes: Pick<PanesStore, 'cursor'>;
  resolve: Resolve;
  slicer?: Slicer | undefined;
};

/**
 * Cuts chunks into slices that fit a transaction; `share` is how much of SLICE the next one takes; `alone`: of one
 * block. Rows of unknown endpoints are passed over.
 */
export function createCutter(
  { panes, resolve, slicer = NO_SLICES }: CutterPorts,
  chunks: readonly Chunk[],
): (share: number, alone?: boolean) => Slice | null {
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

  return (share, alone = false) => {
    const room = { logged: share * SLICE.logged, values: share * SLICE.values, panes: share * SLICE.panes };
    const windows = new Set<string>();
    const slice: Slice = { parts: [], cursor: null, ended: [] };
    const instance = items[at]?.chunk.cursor?.instance;
    const first = at;
    while (at < items.length) {
      const { chunk, block, before, last } = items[at] as Item;
      if (at > first && (alone || chunk.cursor?.instance !== instance)) break;
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

/** The first place in a rising list whose value is not below `value`. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
