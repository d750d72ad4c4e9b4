/** Counts rows into panes in memory, a minute at a time, and writes them down to be rolled up (roller.ts). */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import type { TapBlock } from '../../../platform/tap-block.ts';
import { columnsOf } from './block-columns.ts';
import { countColumn, countMissing } from './count.rules.ts';
import { clearPane, emptyPane, type Pane } from './pane.rules.ts';
import type { PanesStore, Rows } from './panes.store.ts';
import type { WatchedFeature } from './plans.ts';

/** An event later than its arrival by more than this has a wrong clock: its arrival counts. */
const SKEW_MS = 5 * 60_000;

/** When a row happened, as it is counted. */
export const countedMs = (eventMs: number, receivedMs: number): number =>
  eventMs > receivedMs + SKEW_MS ? receivedMs : eventMs;

export type Counter = ReturnType<typeof createCounter>;
type Owner = { endpointId: number; arm: string; version: string; features: readonly WatchedFeature[] };

export function createCounter(store: PanesStore) {
  /** Newest event and arrival, by endpoint id. */
  const newest = new Map<number, { lastEventMs: number; lastReceivedMs: number }>();

  return {
    /** Counts the rows `rows` of a block; `logged` says of each whether it is in the log. Call within the transaction. */
    add(owner: Owner, block: TapBlock, rows: Uint32Array, logged: Uint8Array): void {
      if (rows.length === 0) return;
      const { endpointId, arm, version, features } = owner;
      const columns = columnsOf(block);
      const times = Float64Array.from(rows, (row) =>
        countedMs(block.eventMs[row] as number, block.receivedMs[row] as number),
      );
      tellNewest(newest, endpointId, block, rows, times);
      const panes = panesOf(features);
      for (const { windowMs, at } of byMinute(times)) {
        const own = Uint32Array.from(at, (each) => rows[each] as number);
        const sums: Rows = { rows: at.length, skewed: 0, unlogged: 0 };
        for (const each of at) {
          if (times[each] !== block.eventMs[rows[each] as number]) sums.skewed += 1;
          if (logged[each] === 0) sums.unlogged += 1;
        }
        for (let index = 0; index < features.length; index++) {
          const { name, grid } = features[index] as WatchedFeature;
          const pane = panes[index] as Pane;
          const source = columns.get(name);
          clearPane(pane);
          if (source) countColumn(pane, grid, source.column, source.offset, own);
          else countMissing(pane, grid, own.length);
        }
        store.append({ endpointId, arm, version, windowMs }, sums, named(features, panes));
      }
    },

    /** Tells what is newest. Call once, within the transaction. */
    flush(): void {
      for (const [endpointId, times] of newest) store.watch(endpointId, times);
    },
  };
}

/** Panes that are counted into for a moment, again and again: a plan has one set of them. */
const scratch = new WeakMap<readonly WatchedFeature[], Pane[]>();

function panesOf(features: readonly WatchedFeature[]): Pane[] {
  let panes = scratch.get(features);
  if (!panes) {
    panes = features.map(({ grid }) => emptyPane(grid.size));
    scratch.set(features, panes);
  }
  return panes;
}

const named = (features: readonly WatchedFeature[], panes: readonly Pane[]) =>
  panes.map((pane, at) => ({ feature: (features[at] as WatchedFeature).name, pane }));

/** Places in `times`, by minute. Mostly all are of one. */
function byMinute(times: Float64Array): { windowMs: number; at: number[] }[] {
  const groups = new Map<number, number[]>();
  let last: number[] | undefined;
  let lastMs = Number.NaN;
  for (let each = 0; each < times.length; each++) {
    const windowMs = Math.floor((times[each] as number) / WINDOW_SIZE_MS.minute) * WINDOW_SIZE_MS.minute;
    if (windowMs !== lastMs) {
      lastMs = windowMs;
      last = groups.get(windowMs);
      if (!last) {
        last = [];
        groups.set(windowMs, last);
      }
    }
    last?.push(each);
  }
  return [...groups].map(([windowMs, at]) => ({ windowMs, at }));
}

function tellNewest(
  newest: Map<number, { lastEventMs: number; lastReceivedMs: number }>,
  endpointId: number,
  block: TapBlock,
  rows: Uint32Array,
  times: Float64Array,
): void {
  let { lastEventMs, lastReceivedMs } = newest.get(endpointId) ?? { lastEventMs: 0, lastReceivedMs: 0 };
  for (let at = 0; at < rows.length; at++) {
    lastEventMs = Math.max(lastEventMs, times[at] as number);
    lastReceivedMs = Math.max(lastReceivedMs, block.receivedMs[rows[at] as number] as number);
  }
  newest.set(endpointId, { lastEventMs, lastReceivedMs });
}
