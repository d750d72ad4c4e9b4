/**
 * Rolls what was counted up into minutes, hours and days. Ingest only writes down what each of its transactions counted, a
 * blob for each minute; many of these are added to the stored panes at once, and leave in the same transaction, so that
 * each is added once whenever the engine is killed.
 */
import { WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import { emptyPane, mergePane, mergeStored, type Pane, unpackPanes } from './pane.rules.ts';
import type { PanesStore, Place, Rows } from './panes.store.ts';

/** What one transaction may take, so that it holds the thread for a few milliseconds. */
export const ROLL = {
  /** Blobs that are read. */
  pending: 32,
  /** Panes of hours and days that are read and written. */
  panes: 124,
} as const;

type Group = { place: Place; rows: Rows; panes: Map<number, Pane> };

/** Minutes that changed, by endpoint id; and what was rolled up last. */
export type Rolled = { touched: Map<number, Set<number>>; last: number };

/** Rolls up some of what is pending, oldest first; null when there is nothing. */
export function rollSlice(db: Database, store: PanesStore): Rolled | null {
  return inTransaction(db, () => {
    const pending = store.pending(ROLL.pending);
    if (pending.length === 0) return null;
    const minutes = new Map<string, Group>();
    const windows = new Set<string>();
    const touched: Rolled['touched'] = new Map();
    let room: number = ROLL.panes;
    let last = 0;
    for (const { seq, panes, rows, skewed, unlogged, ...place } of pending) {
      const unpacked = unpackPanes(panes);
      const hour = keyOf({ ...place, windowMs: startOf('hour', place.windowMs) });
      if (!windows.has(hour)) {
        if (windows.size > 0 && room < 2 * unpacked.length) break;
        windows.add(hour);
        room -= 2 * unpacked.length;
      }
      const group = groupOf(minutes, place);
      addRows(group.rows, { rows, skewed, unlogged });
      for (const { id, ...stored } of unpacked) mergeStored(paneOf(group, id), stored);
      touched.set(place.endpointId, (touched.get(place.endpointId) ?? new Set()).add(place.windowMs));
      last = seq;
    }
    add(store, minutes);
    store.rolled(last);
    return { touched, last };
  });
}

function add(store: PanesStore, minutes: ReadonlyMap<string, Group>): void {
  const days = new Map<string, Group>();
  const hours = new Map<string, Group>();
  for (const { place, rows, panes } of minutes.values())
    for (const [per, groups] of [
      ['hour', hours],
      ['day', days],
    ] as const) {
      const sum = groupOf(groups, { ...place, windowMs: startOf(per, place.windowMs) });
      addRows(sum.rows, rows);
      for (const [id, pane] of panes) mergePane(paneOf(sum, id), pane);
    }
  const named = ({ panes }: Group) => [...panes].map(([id, pane]) => ({ feature: store.nameOf(id), pane }));
  const floors = (endpointId: number) => store.floors(store.watched(endpointId)?.lastEventMs ?? 0);
  for (const group of days.values()) {
    store.addRows('day', group.place, group.rows);
    store.addPanes('day', group.place, named(group));
  }
  // Windows that are past their time are not begun again.
  for (const group of hours.values()) {
    if (group.place.windowMs < floors(group.place.endpointId).hour) continue;
    store.addRows('hour', group.place, group.rows);
    store.addPanes('hour', group.place, named(group));
  }
  for (const group of minutes.values())
    if (group.place.windowMs >= floors(group.place.endpointId).minute)
      store.addMinute(group.place, group.rows, named(group));
}

const startOf = (per: WindowSize, ms: number): number =>
  Math.floor(ms / WINDOW_SIZE_MS[per]) * WINDOW_SIZE_MS[per];

const keyOf = ({ endpointId, windowMs, version, arm }: Place): string =>
  `${endpointId} ${windowMs} ${version} ${arm}`;

function groupOf(groups: Map<string, Group>, { endpointId, arm, version, windowMs }: Place): Group {
  const place = { endpointId, arm, version, windowMs };
  const key = keyOf(place);
  let group = groups.get(key);
  if (!group) {
    group = { place, rows: { rows: 0, skewed: 0, unlogged: 0 }, panes: new Map() };
    groups.set(key, group);
  }
  return group;
}

/** Most grids have fewer cells; it grows where not. */
const CELLS = 264;

function paneOf({ panes }: Group, id: number): Pane {
  let pane = panes.get(id);
  if (!pane) {
    pane = emptyPane(CELLS);
    panes.set(id, pane);
  }
  return pane;
}

function addRows(into: Rows, rows: Rows): void {
  into.rows += rows.rows;
  into.skewed += rows.skewed;
  into.unlogged += rows.unlogged;
}
