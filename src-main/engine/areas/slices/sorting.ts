/**
 * Sorts older rows into a new slice, and all rows out of one that is removed, a few at a time with pauses. Where it stands
 * is committed with each part, so that a killed engine goes on from there and no row is counted twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SliceCondition } from '../../../contract/slices.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import type { FeatureReader } from '../../data/packed-features.ts';
import type { MonitoringService } from '../monitoring/index.ts';
import { compile, featuresIn } from './conditions.rules.ts';
import type { SliceRecord, SliceStore, SortableRow } from './slices.store.ts';

/** Seqs in [fromSeq, toSeq) of rows for which the conditions hold, in files and in the database. */
export type Matching = (
  endpointId: number,
  conditions: readonly SliceCondition[],
  fromSeq: number,
  toSeq: number,
) => Promise<ArrayLike<number>>;

type Ports = {
  db: Database;
  store: SliceStore;
  monitoring: Pick<MonitoringService, 'sortIn' | 'dropSlice'>;
  features: FeatureReader;
  /** Null: rows in files cannot be told, and stay out. */
  matching: Matching | null;
  closed(): boolean;
};

const PART_ROWS = 200;
/** Rows that files are asked about in one go. */
const RANGE = 20_000;
const CLEAR_RANGE = 5_000;
const DROP_WINDOWS = 200;
const PAUSE_MS = 10;

/** Resolves when nothing is left to do for the slice, or the engine closes. */
export async function sort(ports: Ports, number: number): Promise<void> {
  while (!ports.closed()) {
    const slice = ports.store.find(number);
    if (slice?.state === 'filling') await fillRange(ports, slice);
    else if (slice?.state === 'leaving') {
      if (clearPart(ports, slice)) return;
      await sleep(PAUSE_MS);
    } else return;
  }
}

async function fillRange(ports: Ports, slice: SliceRecord): Promise<void> {
  const { store, matching } = ports;
  const { endpointId, conditions, endSeq } = slice;
  const first = store.nextOf(endpointId, slice.nextSeq, endSeq);
  if (first === null) {
    store.advance(slice.number, endSeq, 'ready');
    return;
  }
  const toSeq = Math.min(endSeq, first + RANGE - 1);
  const moved = matching !== null && store.moved(endpointId, first - 1, toSeq);
  const found = moved ? new Set(Array.from(await matching(endpointId, conditions, first, toSeq + 1))) : null;
  const test = compile(conditions);
  const holds = ({ seq, features }: SortableRow) =>
    found ? found.has(seq) : features !== '' && test(featuresIn(ports.features(features)));
  for (;;) {
    const left = fillPart(ports, slice.number, toSeq, holds, found !== null || matching === null);
    if (!left || ports.closed()) return;
    await sleep(PAUSE_MS);
  }
}

/**
 * Commits one part; false when the range is done, or has to be looked at again: the slice was removed, or rows moved into a
 * file meanwhile (`told` says that those are known).
 */
function fillPart(
  { db, store, monitoring }: Ports,
  number: number,
  toSeq: number,
  holds: (row: SortableRow) => boolean,
  told: boolean,
): boolean {
  return inTransaction(db, () => {
    const slice = store.find(number);
    if (slice?.state !== 'filling') return false;
    const rows = store.rows(slice, slice.nextSeq, toSeq, PART_ROWS);
    if (!told && rows.some(({ features }) => features === '')) return false;
    const inside = rows.filter(holds);
    for (const { seq } of inside) store.mark(seq, slice.bit);
    monitoring.sortIn(number, inside);
    const done = rows.length < PART_ROWS;
    const nextSeq = done ? toSeq : (rows.at(-1)?.seq ?? toSeq);
    store.advance(number, nextSeq, nextSeq >= slice.endSeq ? 'ready' : 'filling');
    return !done;
  });
}

/** True when it is gone. */
function clearPart({ db, store, monitoring }: Ports, slice: SliceRecord): boolean {
  return inTransaction(db, () => {
    const { number, endpointId, nextSeq, endSeq } = slice;
    const first = store.nextOf(endpointId, nextSeq, endSeq);
    if (first !== null) {
      const toSeq = Math.min(endSeq, first + CLEAR_RANGE - 1);
      store.clear(slice, first - 1, toSeq);
      store.advance(number, toSeq, 'leaving');
      return false;
    }
    if (!monitoring.dropSlice(endpointId, number, DROP_WINDOWS)) return false;
    store.remove(number);
    return true;
  });
}
