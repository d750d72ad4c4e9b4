/**
 * SQL of the panes of minutes. They are many and short-lived, so that those of some features are packed in one blob: with
 * each in a row of its own writing would be dear, with all in one it would be to look at one of them over days.
 */
import type { Database } from '../../data/database.ts';
import {
  eachPacked,
  emptyPane,
  mergeStored,
  type Pane,
  packPanes,
  type StoredPane,
  splitPacked,
  unpackPanes,
} from './pane.rules.ts';

/** Of a minute, an arm and a version. */
export type MinuteKey = readonly [endpointId: number, windowMs: number, arm: string, version: number];
export type MinuteRange = { endpointId: number; arm: string | null; fromMs: number; toMs: number };

/** Features of a blob. */
const PART = 8;
const partOf = (feature: number): number => Math.floor(feature / PART);
/** Of blobs that an older version wrote: all features. */
const ALL = -1;

/** All arms, or one: of the others not even the blobs are copied out of the database. */
export const OF_ARM = 'AND (:arm IS NULL OR arm = :arm)';

export function createMinutesStore(db: Database) {
  const key = 'endpoint_id = ? AND part = ? AND window_ms = ? AND arm = ? AND version = ?';
  const read = db.prepare(`SELECT panes FROM minute_pane WHERE ${key}`).pluck();
  const write = db.prepare(
    `INSERT INTO minute_pane(endpoint_id, part, window_ms, arm, version, panes) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET panes = excluded.panes`,
  );
  const lastFeature = db.prepare('SELECT coalesce(max(id), 0) FROM pane_feature').pluck();
  const old = db.prepare(
    `DELETE FROM minute_pane WHERE (endpoint_id, part, window_ms, arm, version) IN (
       SELECT endpoint_id, part, window_ms, arm, version FROM minute_pane WHERE endpoint_id = ? AND part = ? AND window_ms < ? LIMIT ?)`,
  );
  const blobAt = ([endpointId, ...rest]: MinuteKey, part: number) =>
    read.get(endpointId, part, ...rest) as Uint8Array | undefined;

  return {
    /** Adds blobs of panes to those of a minute. */
    add(at: MinuteKey, blobs: readonly Uint8Array[]): void {
      const [endpointId, ...rest] = at;
      for (const [part, panes] of splitPacked(blobs, partOf)) {
        const stored = blobAt(at, part);
        const blob = stored || blobs.length > 1 ? merged(stored ? [stored, panes] : [panes]) : panes;
        write.run(endpointId, part, ...rest, blob);
      }
    },
    /** Tells the panes of these features in a minute. */
    each(at: MinuteKey, features: Iterable<number>, seen: (feature: number, pane: StoredPane) => void): void {
      for (const part of [ALL, ...partsOf(features)]) {
        const blob = blobAt(at, part);
        if (blob) eachPacked(blob, seen);
      }
    },
    /** Removes at most about `limit` blobs of minutes before; returns how many. */
    prune(endpointId: number, beforeMs: number, limit: number): number {
      let removed = 0;
      const last = partOf(lastFeature.get() as number);
      for (let part = ALL; part <= last && removed < limit; part++)
        removed += old.run(endpointId, part, beforeMs, limit).changes;
      return removed;
    },
  };
}

/** Tells the panes of these features, each one's rising in time. */
export function eachOfMinutes(
  db: Database,
  { endpointId, ...range }: MinuteRange,
  features: Iterable<number>,
  seen: (feature: number, windowMs: number, version: number, pane: StoredPane) => void,
): void {
  type Row = [windowMs: number, version: number, panes: Buffer];
  const query = db
    .prepare(
      `SELECT window_ms, version, panes FROM minute_pane WHERE endpoint_id = :endpointId AND part = :part
       AND window_ms BETWEEN :fromMs AND :toMs ${OF_ARM} ORDER BY window_ms`,
    )
    .raw();
  const rowsOf = (part: number) => query.all({ ...range, endpointId, part }) as Row[];
  const before = rowsOf(ALL);
  for (const part of partsOf(features)) {
    const own = rowsOf(part);
    const rows = before.length === 0 ? own : [...before, ...own].sort(([a], [b]) => a - b);
    for (const [windowMs, version, panes] of rows)
      eachPacked(panes, (feature, pane) => {
        if (partOf(feature) === part) seen(feature, windowMs, version, pane);
      });
  }
}

const partsOf = (features: Iterable<number>): Set<number> => new Set([...features].map(partOf));

function merged(blobs: readonly Uint8Array[]): Uint8Array {
  const panes = new Map<number, Pane>();
  for (const blob of blobs)
    for (const { id, ...stored } of unpackPanes(blob)) {
      const pane = panes.get(id) ?? emptyPane(0);
      panes.set(id, pane);
      mergeStored(pane, stored);
    }
  return packPanes([...panes].map(([id, pane]) => ({ id, pane })));
}
