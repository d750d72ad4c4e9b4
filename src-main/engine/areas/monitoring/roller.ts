/**
 * Rolls what was counted up into minutes, hours and days. Ingest only writes down what each of its transactions counted, a
 * blob for each minute; many of these are added to the stored panes at once, and leave in the same transaction, so that
 * each is added once whenever the engine is killed.
 */
import { WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import type { Layouts } from './bins.rules.ts';
import { emptyPane, mergeStored, type Pane, unpackPanes } from './pane.rules.ts';
import type { PanesStore, Rows } from './panes.store.ts';
import type { Level, Place } from './places.ts';

/** The most that one transaction takes, where the machine is quick (pace.ts). */
export const ROLL = {
  /** Blobs that are read. */
  pending: 200,
  /** Panes of hours and days that are read and written. */
  panes: 500,
} as const;

type Group = { place: Place; rows: Rows; panes: Map<number, Pane> };
type Minute = { place: Place; rows: Rows; blobs: Uint8Array[] };

/** Minutes that changed, by endpoint id; and what was rolled up last. */
export type Rolled = { touched: Map<number, Set<number>>; last: number };

/** How a version's panes are binned. */
export type LayoutsOf = (endpointId: number, version: string) => Layouts;

/** Rolls up some of what is pending, oldest first; null when there is nothing. `share` is how much of ROLL. */
export function rollSlice(
  db: Database,
  store: PanesStore,
  layoutsOf: LayoutsOf,
  share: number,
): Rolled | null {
  return inTransaction(db, () => {
    const pending = store.pending(Math.ceil(share * ROLL.pending));
    if (pending.length === 0) return null;
    const minutes = new Map<string, Minute>();
    const hours = new Map<string, Group>();
    const days = new Map<string, Group>();
    const touched: Rolled['touched'] = new Map();
    let room = share * ROLL.panes;
    let last = 0;
    for (const { seq, panes, rows, skewed, unlogged, ...place } of pending) {
      const unpacked = unpackPanes(panes);
      const inHour = { ...place, windowMs: startOf('hour', place.windowMs) };
      const inDay = { ...place, windowMs: startOf('day', place.windowMs) };
      const cost = unpacked.length * (Number(!hours.has(keyOf(inHour))) + Number(!days.has(keyOf(inDay))));
      if (cost > room && hours.size > 0) break;
      room -= cost;
      const minute = minutes.get(keyOf(place)) ?? { place, rows: noRows(), blobs: [] };
      minutes.set(keyOf(place), minute);
      minute.blobs.push(panes);
      for (const { rows: sum } of [minute, groupOf(hours, inHour), groupOf(days, inDay)])
        addRows(sum, { rows, skewed, unlogged });
      for (const group of [groupOf(hours, inHour), groupOf(days, inDay)])
        for (const { id, ...stored } of unpacked) mergeStored(paneOf(group, id), stored);
      touched.set(place.endpointId, (touched.get(place.endpointId) ?? new Set()).add(place.windowMs));
      last = seq;
    }
    write(store, layoutsOf, minutes.values(), hours.values(), days.values());
    store.rolled(last);
    return { touched, last };
  });
}

function write(
  store: PanesStore,
  layoutsOf: LayoutsOf,
  minutes: Iterable<Minute>,
  hours: Iterable<Group>,
  days: Iterable<Group>,
): void {
  const named = ({ panes }: Group) => [...panes].map(([id, pane]) => ({ feature: store.nameOf(id), pane }));
  const add = (level: Level, group: Group) => {
    const { place, rows } = group;
    store.addRows(level, place, rows);
    store.addPanes(level, place, named(group), layoutsOf(place.endpointId, place.version));
  };
  const floors = (endpointId: number) => store.floors(store.watched(endpointId)?.lastEventMs ?? 0);
  for (const group of days) add('day', group);
  // Windows that are past their time are not begun again.
  for (const group of hours)
    if (group.place.windowMs >= floors(group.place.endpointId).hour) add('hour', group);
  for (const { place, rows, blobs } of minutes)
    if (place.windowMs >= floors(place.endpointId).minute) {
      store.addRows('minute', place, rows);
      store.addMinute(place, blobs, layoutsOf(place.endpointId, place.version));
    }
}

const startOf = (per: WindowSize, ms: number): number =>
  Math.floor(ms / WINDOW_SIZE_MS[per]) * WINDOW_SIZE_MS[per];

const keyOf = ({ endpointId, windowMs, version, arm }: Place): string =>
  `${endpointId} ${windowMs} ${version} ${arm}`;

const noRows = (): Rows => ({ rows: 0, skewed: 0, unlogged: 0 });

function groupOf(groups: Map<string, Group>, place: Place): Group {
  const key = keyOf(place);
  let group = groups.get(key);
  if (!group) {
    group = { place, rows: noRows(), panes: new Map() };
    groups.set(key, group);
  }
  return group;
}

function paneOf({ panes }: Group, id: number): Pane {
  let pane = panes.get(id);
  if (!pane) {
    pane = emptyPane(0);
    panes.set(id, pane);
  }
  return pane;
}

function addRows(into: Rows, rows: Rows): void {
  into.rows += rows.rows;
  into.skewed += rows.skewed;
  into.unlogged += rows.unlogged;
}
