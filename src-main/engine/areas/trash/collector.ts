/**
 * Garbage collection by mark and sweep. A blob is marked (blob.unused_ms) once nothing refers to it, and removed when
 * it still is unused after a while; storing the same bytes again takes the mark away, and what somebody is about to
 * refer to is held (data/blobs.ts). Then free pages of the database are given back.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AreaContext } from '../../context.ts';
import { isCompactable } from '../../data/database.ts';
import { nextSlice } from './trash.rules.ts';

const PAGE = 2_000;
/** A file without a row is left alone until no upload can be about to make one. */
const STRAY_AFTER_MS = 3_600_000;
/** Fewer free pages than this are kept for the next rows. */
const WORTH_PAGES = 256;
const VACUUM_LIMITS = { least: 8, most: 1_000 };

export type Swept = { blobs: number; bytes: number };
export type Collector = ReturnType<typeof createCollector>;

/** Whatever refers to a blob says so with a foreign key, tables of later versions included. */
function unreferenced(db: AreaContext['db']): string {
  const users = db
    .prepare(
      `SELECT m.name AS "table", f."from" AS "column" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
       WHERE m.type = 'table' AND f."table" = 'blob'`,
    )
    .all() as { table: string; column: string }[];
  return users
    .map(({ table, column }) => `NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${column}" = blob.sha256)`)
    .join(' AND ');
}

type Needs = Pick<AreaContext, 'db' | 'blobs' | 'clock'> & {
  readers: Pick<AreaContext['readers'], 'all'>;
  paths: Pick<AreaContext['paths'], 'root'>;
};

export function createCollector(context: Needs) {
  const { db, readers, blobs, clock, paths } = context;
  const unused = unreferenced(db);
  const mark = db.prepare(
    `UPDATE blob SET unused_ms = ? WHERE unused_ms IS NULL AND sha256 IN (SELECT value FROM json_each(?)) AND ${unused}`,
  );
  const marked = db.prepare(
    `SELECT sha256, unused_ms AS ms FROM blob
       WHERE unused_ms <= :before AND (unused_ms, sha256) > (:ms, :sha256) ORDER BY unused_ms, sha256 LIMIT 200`,
  );
  const folder = join(paths.root, 'blobs');
  const pragma = (name: string) => db.pragma(name, { simple: true }) as number;

  return {
    /** Marks those of these that nothing refers to any more. Call in the transaction that ended their use. */
    letGo: (sha256s: readonly string[]) => void mark.run(clock.now(), JSON.stringify(sha256s)),

    /** Looks at every blob. */
    async markAll(signal: AbortSignal): Promise<void> {
      for (let after = ''; !signal.aborted; ) {
        const page = await readers.all<{ sha256: string; unused: number }>(
          `SELECT sha256, unused_ms IS NULL AND ${unused} AS unused FROM blob WHERE sha256 > ? ORDER BY sha256 LIMIT ?`,
          [after, PAGE],
        );
        const found = page.filter((one) => one.unused === 1).map(({ sha256 }) => sha256);
        if (found.length > 0) mark.run(clock.now(), JSON.stringify(found));
        if (page.length < PAGE) return;
        after = page.at(-1)?.sha256 ?? '';
      }
    },

    /** Removes what was marked at `beforeMs` or earlier and is unused still. */
    async sweep(beforeMs: number, signal: AbortSignal): Promise<Swept> {
      const swept = { blobs: 0, bytes: 0 };
      let last = { ms: -1, sha256: '' };
      for (;;) {
        const page = marked.all({ before: beforeMs, ...last }) as { sha256: string; ms: number }[];
        for (const { sha256 } of page) {
          if (signal.aborted) return swept;
          const bytes = await blobs.collect(sha256);
          if (bytes > 0) swept.blobs += 1;
          swept.bytes += bytes;
        }
        const end = page.at(-1);
        if (!end) return swept;
        last = end;
      }
    },

    /** Files that no row knows, and as old: what a crash left between two steps. With `remove` they go. */
    async strays(signal: AbortSignal, remove: boolean, leastMs = STRAY_AFTER_MS): Promise<Swept> {
      const found = { blobs: 0, bytes: 0 };
      for (const part of await readdir(folder)) {
        if (!/^[0-9a-f]{2}$/.test(part) || signal.aborted) continue;
        const names = (await readdir(join(folder, part))).filter((name) => /^[0-9a-f]{64}$/.test(name));
        const unknown = await readers.all<{ name: string }>(
          'SELECT value AS name FROM json_each(?) WHERE value NOT IN (SELECT sha256 FROM blob)',
          [JSON.stringify(names)],
        );
        for (const { name } of unknown) {
          const file = await stat(join(folder, part, name)).catch(() => null);
          if (!file || clock.now() - file.mtimeMs < leastMs) continue;
          const bytes = remove ? await blobs.removeStray(name) : file.size;
          found.blobs += 1;
          found.bytes += bytes;
        }
      }
      return found;
    },

    /** Gives free pages back, a few at a time. Bytes by which the file shrinks, once the WAL is written back. */
    async compact(signal: AbortSignal, leastPages = WORTH_PAGES): Promise<number> {
      if (!isCompactable(db) || pragma('freelist_count') <= leastPages) return 0;
      const before = pragma('page_count');
      let pages = VACUUM_LIMITS.least;
      for (let free = pragma('freelist_count'); free > 0 && !signal.aborted; ) {
        const begin = performance.now();
        db.pragma(`incremental_vacuum(${pages})`);
        const tookMs = performance.now() - begin;
        const left = pragma('freelist_count');
        if (left >= free) break;
        free = left;
        pages = nextSlice(pages, tookMs, VACUUM_LIMITS);
        await sleep(Math.min(20, Math.ceil(tookMs)));
      }
      return (before - pragma('page_count')) * pragma('page_size');
    },

    usage: () => ({
      databaseBytes: pragma('page_count') * pragma('page_size'),
      databaseFreeBytes: pragma('freelist_count') * pragma('page_size'),
    }),
  };
}
