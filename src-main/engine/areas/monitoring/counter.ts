/** Counts rows into panes in memory, a minute at a time, and writes them down to be rolled up (roller.ts). */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import { featureNames, type TapBlock, type TapColumn } from '../../../platform/tap-block.ts';
import { countColumn, countMissing } from './count.rules.ts';
import { emptyPane, type Pane } from './pane.rules.ts';
import type { PanesStore, Place, Rows } from './panes.store.ts';
import type { WatchedFeature } from './plans.ts';
import { PREDICTION_FEATURE } from './profile.rules.ts';

/** An event later than its arrival by more than this has a wrong clock: its arrival counts. */
const SKEW_MS = 5 * 60_000;

/** When a row happened, as it is counted. */
export const countedMs = (eventMs: number, receivedMs: number): number =>
  eventMs > receivedMs + SKEW_MS ? receivedMs : eventMs;

export type Counter = ReturnType<typeof createCounter>;
type Owner = { endpointId: number; arm: string; version: string; features: readonly WatchedFeature[] };
type Group = { place: Place; features: readonly WatchedFeature[]; rows: Rows; panes: Pane[] };

export function createCounter(store: PanesStore) {
  const minutes = new Map<string, Group>();
  /** Newest event and arrival, by endpoint id. */
  const newest = new Map<number, { lastEventMs: number; lastReceivedMs: number }>();

  function groupOf(owner: Owner, windowMs: number): Group {
    const { endpointId, arm, version, features } = owner;
    const key = `${endpointId} ${windowMs} ${version} ${arm}`;
    let group = minutes.get(key);
    if (!group) {
      const panes = features.map(({ grid }) => emptyPane(grid.size));
      const rows = { rows: 0, skewed: 0, unlogged: 0 };
      group = { place: { endpointId, arm, version, windowMs }, features, rows, panes };
      minutes.set(key, group);
    }
    return group;
  }

  return {
    /** Counts the rows `rows` of a block; `logged` says of each whether it is in the log. */
    add(owner: Owner, block: TapBlock, rows: Uint32Array, logged: Uint8Array): void {
      if (rows.length === 0) return;
      const { columns, offsets } = columnsOf(block, owner.features);
      const times = Float64Array.from(rows, (row) =>
        countedMs(block.eventMs[row] as number, block.receivedMs[row] as number),
      );
      tellNewest(newest, owner.endpointId, block, rows, times);
      for (const { windowMs, at } of byMinute(times)) {
        const group = groupOf(owner, windowMs);
        const own = Uint32Array.from(at, (each) => rows[each] as number);
        group.rows.rows += at.length;
        for (const each of at) {
          if (times[each] !== block.eventMs[rows[each] as number]) group.rows.skewed += 1;
          if (logged[each] === 0) group.rows.unlogged += 1;
        }
        for (let index = 0; index < owner.features.length; index++) {
          const { grid } = owner.features[index] as WatchedFeature;
          const pane = group.panes[index] as Pane;
          const column = columns[index];
          if (column) countColumn(pane, grid, column, offsets[index] as number, own);
          else countMissing(pane, grid, own.length);
        }
      }
    },

    /** Writes down what was counted, to be rolled up later. Call once, within the transaction. */
    flush(): void {
      for (const [endpointId, times] of newest) store.watch(endpointId, times);
      for (const { place, features, rows, panes } of minutes.values())
        store.append(place, rows, named(features, panes));
    },
  };
}

const named = (features: readonly WatchedFeature[], panes: readonly Pane[]) =>
  panes.map((pane, at) => ({ feature: (features[at] as WatchedFeature).name, pane }));

type Source = { column: TapColumn; offset: number };
const sources = new WeakMap<TapBlock, Map<string, Source>>();

/** Where each feature is in a block; null for those that it does not have. */
function columnsOf(
  block: TapBlock,
  features: readonly WatchedFeature[],
): { columns: (TapColumn | null)[]; offsets: number[] } {
  let known = sources.get(block);
  if (!known) {
    known = new Map();
    for (const column of block.columns)
      for (const [offset, name] of featureNames(column).entries()) known.set(name, { column, offset });
    if (block.score) known.set(PREDICTION_FEATURE, { column: block.score, offset: 0 });
    sources.set(block, known);
  }
  const found = features.map(({ name }) => known.get(name));
  return {
    columns: found.map((source) => source?.column ?? null),
    offsets: found.map((source) => source?.offset ?? 0),
  };
}

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
