/** SQL of the bins beside the panes of minutes, hours and days. */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import { addBins, type BinPlan, chunkOf, eachBinned, encodeBins, withBins } from './bins.rules.ts';
import type { PlaceAt } from './places.ts';

/** A place, and whether its bins are written down. */
export type BinnedPlace = PlaceAt & { binned: boolean };

/** By level. */
const SIZES = [WINDOW_SIZE_MS.minute, WINDOW_SIZE_MS.hour, WINDOW_SIZE_MS.day] as const;
const EMPTY = new Uint8Array(0);

export function createBinsStore(db: Database) {
  const key = 'endpoint_id = ? AND level = ? AND chunk_ms = ? AND arm = ? AND version = ?';
  const read = db.prepare(`SELECT bins FROM bin_chunk WHERE ${key}`).pluck();
  const write = db.prepare(
    `INSERT INTO bin_chunk(endpoint_id, level, chunk_ms, arm, version, bins) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET bins = excluded.bins`,
  );
  const findPlan = db.prepare('SELECT id FROM bin_plan WHERE layout = ?').pluck();
  const addPlan = db.prepare('INSERT INTO bin_plan(layout) VALUES (?) RETURNING id').pluck();
  const old = db.prepare(
    `DELETE FROM bin_chunk WHERE rowid IN (
       SELECT rowid FROM bin_chunk WHERE endpoint_id = ? AND level = ? AND chunk_ms < ? LIMIT ?)`,
  );
  const placesAfter = db.prepare(
    `SELECT endpoint_id AS endpointId, level, window_ms AS windowMs, arm, CAST(version AS TEXT) AS version FROM window_rows
     WHERE (endpoint_id, level, window_ms, arm, version) > (?, ?, ?, ?, ?)
     ORDER BY endpoint_id, level, window_ms, arm, version LIMIT ?`,
  );

  const idOf = ({ layout }: BinPlan): number => (findPlan.get(layout) ?? addPlan.get(layout)) as number;

  function chunkAt({ endpointId, level, windowMs, arm, version }: PlaceAt) {
    const { chunkMs, at } = chunkOf(windowMs, SIZES[level]);
    const key = [endpointId, level, chunkMs, arm, Number(version)] as const;
    return { key, at, stored: (read.get(...key) as Uint8Array | undefined) ?? EMPTY };
  }

  return {
    /** Null where none are, or by another plan. */
    read(place: PlaceAt, plan: BinPlan): Float64Array | null {
      const { at, stored } = chunkAt(place);
      const id = idOf(plan);
      let bins: Float64Array | null = null;
      eachBinned(stored, (window, by, from) => {
        if (window !== at || by !== id) return;
        bins = new Float64Array(plan.size);
        addBins(bins, stored, from, [{ from: 0, to: 0, count: plan.size }]);
      });
      return bins;
    },
    write(place: PlaceAt, plan: BinPlan, bins: Float64Array): void {
      const { key, at, stored } = chunkAt(place);
      write.run(...key, withBins(stored, at, { plan: idOf(plan), bins: encodeBins(bins) }));
    },
    /** What is not written down is read from the panes. */
    remove(place: PlaceAt): void {
      const { key, at, stored } = chunkAt(place);
      if (stored.length > 0) write.run(...key, withBins(stored, at, null));
    },
    /** Removes at most `limit` chunks of windows that are all before; returns how many. */
    prune: (endpointId: number, level: PlaceAt['level'], beforeMs: number, limit: number): number =>
      old.run(endpointId, level, chunkOf(beforeMs, SIZES[level]).chunkMs, limit).changes,
    /** Windows with rows that come after this one. */
    placesAfter(after: PlaceAt | null, limit: number): BinnedPlace[] {
      const { endpointId, level, windowMs, arm, version } = after ?? FIRST;
      const found = placesAfter.all(endpointId, level, windowMs, arm, Number(version), limit) as PlaceAt[];
      return found.map((place) => {
        const { at, stored } = chunkAt(place);
        let binned = false;
        eachBinned(stored, (window) => {
          if (window === at) binned = true;
        });
        return { ...place, binned };
      });
    },
  };
}

const FIRST: PlaceAt = { endpointId: -1, level: 0, windowMs: 0, arm: '', version: '0' };
