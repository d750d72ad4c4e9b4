/** SQL of the details of days that are over, whose hours stand together (fold.ts). */
import type { Database } from '../../data/database.ts';
import { ALL_ROWS, DAY_MS, type Detail, HOUR_MS } from './cohorts.store.ts';

/** Of all rows or of a slice. */
export type FoldDay = { endpointId: number; slice: number; dayMs: number };
export type OfArm = { arm: string; version: string };
/** Of one row of each version it is true: with it all of them are read. */
export type Folded = OfArm & Detail & { whole: boolean };

/** The arm of what is of all arms, where there are several. */
export const ALL_ARMS = '';

export type FoldStore = ReturnType<typeof createFoldStore>;

export function createFoldStore(db: Database) {
  const next = db.prepare(
    `SELECT endpoint_id AS endpointId, slice, window_ms - window_ms % ${DAY_MS} AS dayMs FROM cohort_detail AS d
     WHERE (endpoint_id, slice, window_ms) > (?, ?, ?) AND size_ms = ${HOUR_MS}
       AND window_ms < (SELECT max(window_ms) FROM cohort WHERE endpoint_id = d.endpoint_id AND slice = ${ALL_ROWS}) - ?
     ORDER BY endpoint_id, slice, window_ms LIMIT 1`,
  );
  const hours = `cohort_detail WHERE endpoint_id = ? AND slice = ? AND window_ms >= ? AND window_ms < ? AND size_ms = ${HOUR_MS}`;
  const readHours = db.prepare(
    `SELECT window_ms AS windowMs, arm, CAST(version AS TEXT) AS version, scores, delays, errors FROM ${hours}`,
  );
  const dropHours = db.prepare(`DELETE FROM ${hours}`);
  const day = 'cohort_fold WHERE endpoint_id = ? AND slice = ? AND day_ms = ?';
  const readDay = db.prepare(
    `SELECT arm, CAST(version AS TEXT) AS version, scores, delays, errors FROM ${day} AND arm <> '${ALL_ARMS}'`,
  );
  const dropDay = db.prepare(`DELETE FROM ${day}`);
  const write = db.prepare(
    `INSERT INTO cohort_fold(endpoint_id, slice, day_ms, arm, version, whole, scores, delays, errors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const boundsOf = ({ endpointId, slice, dayMs }: FoldDay) => [endpointId, slice, dayMs, dayMs + DAY_MS];

  return {
    /** The next day after one that has details by the hour, and ended so long before the endpoint's newest hour. */
    next(after: FoldDay | null, ageMs: number): FoldDay | null {
      const at = after ? [after.endpointId, after.slice, after.dayMs + DAY_MS - 1] : [-1, -1, 0];
      return (next.get(...at, ageMs + DAY_MS) as FoldDay | undefined) ?? null;
    },
    hours: (of: FoldDay): (OfArm & Detail & { windowMs: number })[] =>
      readHours.all(...boundsOf(of)) as (OfArm & Detail & { windowMs: number })[],
    /** Of each arm alone. */
    folded: ({ endpointId, slice, dayMs }: FoldDay): (OfArm & Detail)[] =>
      readDay.all(endpointId, slice, dayMs) as (OfArm & Detail)[],
    /** In place of what was folded and of the hours; call in one transaction with what was read. */
    replace(of: FoldDay, rows: readonly Folded[]): void {
      const { endpointId, slice, dayMs } = of;
      dropDay.run(endpointId, slice, dayMs);
      dropHours.run(...boundsOf(of));
      for (const { arm, version, whole, scores, delays, errors } of rows)
        write.run(
          ...[endpointId, slice, dayMs, arm, Number(version), Number(whole)],
          ...[scores, delays, errors],
        );
    },
  };
}
