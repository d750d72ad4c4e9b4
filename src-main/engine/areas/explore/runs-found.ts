/** The runs that a picture is of, newest first, or in the order asked for. Read on a reader thread. */
import type { Database } from '../../data/database.ts';
import type { Sql } from '../../data/search.ts';

export type Scope = { where: Sql; runIds: readonly string[] | null };
export type RunsFound = {
  ids: number[];
  uuids: string[];
  names: string[];
  /** Place of a run by its rowid. */
  placeOf: ReadonlyMap<number, number>;
};

export function findRuns(db: Database, { where, runIds }: Scope, most: number): RunsFound {
  const rows = (
    runIds
      ? db
          .prepare(
            `SELECT r.id, r.uuid, r.name FROM json_each(?) wanted JOIN run r ON r.uuid = wanted.value
             WHERE r.deleted_ms IS NULL ORDER BY wanted.key LIMIT ?`,
          )
          .raw()
          .all(JSON.stringify([...new Set(runIds)]), most)
      : db
          .prepare(
            `SELECT r.id, r.uuid, r.name FROM run r WHERE ${where.sql} ORDER BY r.start_ms DESC, r.uuid DESC LIMIT ?`,
          )
          .raw()
          .all(...where.params, most)
  ) as [number, string, string][];
  return {
    ids: rows.map(([id]) => id),
    uuids: rows.map(([, uuid]) => uuid),
    names: rows.map(([, , name]) => name),
    placeOf: new Map(rows.map(([id], at) => [id, at])),
  };
}
