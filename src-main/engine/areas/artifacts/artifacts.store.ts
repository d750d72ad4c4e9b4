/** SQL of artifacts: paths and the blobs that lie there. Folders are only beginnings of paths. */
import type { Database } from '../../data/database.ts';

export type ArtifactRow = { path: string; sha256: string; size: number };

/** The character after "/": every path below `folder` is between `folder/` and `folder0`. */
const below = (folder: string): [string, string] => [`${folder}/`, `${folder}0`];

export function createArtifactStore(db: Database) {
  const sql = {
    find: db.prepare('SELECT path, sha256, size FROM artifact WHERE path = ?'),
    put: db.prepare(
      `INSERT INTO artifact(path, sha256, size, created_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT(path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size, created_ms = excluded.created_ms`,
    ),
    bin: db.prepare(
      `INSERT INTO artifact_trash(path, sha256, size, created_ms, deleted_ms, reason)
       SELECT path, sha256, size, created_ms, ?, ? FROM artifact WHERE path = ? OR (path > ? AND path < ?)`,
    ),
    remove: db.prepare('DELETE FROM artifact WHERE path = ? OR (path > ? AND path < ?)'),
    next: db.prepare('SELECT path, size FROM artifact WHERE path >= ? AND path < ? ORDER BY path LIMIT 1'),
    allBelow: db.prepare(
      'SELECT path, sha256, size FROM artifact WHERE path > ? AND path < ? ORDER BY path LIMIT ?',
    ),
    nextOfAll: db.prepare('SELECT path, size FROM artifact WHERE path >= ? ORDER BY path LIMIT 1'),
  };

  return {
    find: (path: string) => (sql.find.get(path) as ArtifactRow | undefined) ?? null,
    put: ({ path, sha256, size }: ArtifactRow, nowMs: number) => void sql.put.run(path, sha256, size, nowMs),
    /** The file of that path or all below that folder, to the trash; how many. */
    discard(path: string, reason: string, nowMs: number): number {
      sql.bin.run(nowMs, reason, path, ...below(path));
      return sql.remove.run(path, ...below(path)).changes;
    },
    /** Only this file; what was overwritten. */
    discardFile: (path: string, reason: string, nowMs: number) =>
      void sql.bin.run(nowMs, reason, path, path, path),
    allBelow: (folder: string, most: number) => sql.allBelow.all(...below(folder), most) as ArtifactRow[],
    /** The first file at or after `from` in the folder ('' is the root). */
    next(folder: string, from: string): { path: string; size: number } | null {
      const row = folder === '' ? sql.nextOfAll.get(from) : sql.next.get(from, `${folder}0`);
      return (row as { path: string; size: number } | undefined) ?? null;
    },
  };
}
