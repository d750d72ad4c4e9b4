/** SQL of the raw log: which rows are in which file, and what may be kept. */
import type { CaptureSettings } from '../../../contract/monitoring.ts';
import type { Database } from '../../data/database.ts';

export type LogFile = {
  id: number;
  name: string;
  firstSeq: number;
  lastSeq: number;
  rows: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
  /** Of its newest row. */
  receivedMs: number;
  /** When its first rows were moved. */
  createdMs: number;
};
export type Watermark = { movedSeq: number; clearedSeq: number };
const FILE = `id, name, first_seq AS firstSeq, last_seq AS lastSeq, rows, bytes, first_ms AS firstMs, last_ms AS lastMs,
  received_ms AS receivedMs, created_ms AS createdMs`;

export function createRawLogStore(db: Database) {
  const sql = {
    ensure: db.prepare('INSERT OR IGNORE INTO raw_log(endpoint_id) VALUES (?)'),
    settings: db.prepare(
      'SELECT masked, keep_days AS keepDays, keep_bytes AS keepBytes FROM raw_log WHERE endpoint_id = ?',
    ),
    setSettings: db.prepare(
      'UPDATE raw_log SET masked = ?, keep_days = ?, keep_bytes = ? WHERE endpoint_id = ?',
    ),
    watermark: db.prepare(
      'SELECT moved_seq AS movedSeq, cleared_seq AS clearedSeq FROM raw_log WHERE endpoint_id = ?',
    ),
    moved: db.prepare('UPDATE raw_log SET moved_seq = ? WHERE endpoint_id = ?'),
    cleared: db.prepare('UPDATE raw_log SET cleared_seq = ? WHERE endpoint_id = ?'),
    newest: db.prepare('SELECT coalesce(max(seq), 0) FROM prediction').pluck(),
    // The unary plus keeps SQLite on the row ids, of which these are the last ones.
    nth: db
      .prepare('SELECT seq FROM prediction WHERE seq > ? AND +endpoint_id = ? ORDER BY seq LIMIT 1 OFFSET ?')
      .pluck(),
    last: db.prepare('SELECT max(seq) FROM prediction WHERE seq > ? AND +endpoint_id = ?').pluck(),
    oldestHot: db
      .prepare('SELECT received_ms FROM prediction WHERE seq > ? AND +endpoint_id = ? ORDER BY seq LIMIT 1')
      .pluck(),
    hot: db.prepare(
      `SELECT count(*) AS rows, min(event_ms) AS oldestMs, max(event_ms) AS newestMs FROM prediction
       WHERE seq > ? AND +endpoint_id = ? AND features <> ''`,
    ),
    clear: db.prepare(
      "UPDATE prediction SET features = '' WHERE seq > ? AND seq <= ? AND +endpoint_id = ? AND features <> ''",
    ),
    files: db.prepare(`SELECT ${FILE} FROM log_file WHERE endpoint_id = ? ORDER BY first_seq`),
    addFile: db.prepare(
      `INSERT INTO log_file(endpoint_id, name, first_seq, last_seq, rows, bytes, first_ms, last_ms, received_ms, created_ms)
       VALUES (:endpointId, :name, :firstSeq, :lastSeq, :rows, :bytes, :firstMs, :lastMs, :receivedMs, :createdMs)`,
    ),
    removeFile: db.prepare('DELETE FROM log_file WHERE id = ?'),
  };
  return {
    /** Null where nobody has set any. */
    settings(endpointId: number): Pick<CaptureSettings, 'masked'> & {
      keepDays: number | null;
      keepBytes: number | null;
    } {
      const row = sql.settings.get(endpointId) as
        | { masked: string; keepDays: number | null; keepBytes: number | null }
        | undefined;
      return row
        ? { ...row, masked: JSON.parse(row.masked) as string[] }
        : { masked: [], keepDays: null, keepBytes: null };
    },
    setSettings(endpointId: number, { masked, keepDays, keepBytes }: CaptureSettings): void {
      sql.ensure.run(endpointId);
      sql.setSettings.run(JSON.stringify(masked), keepDays, keepBytes, endpointId);
    },
    watermark: (endpointId: number): Watermark =>
      (sql.watermark.get(endpointId) as Watermark | undefined) ?? { movedSeq: 0, clearedSeq: 0 },
    setMoved(endpointId: number, seq: number): void {
      sql.ensure.run(endpointId);
      sql.moved.run(seq, endpointId);
    },
    setCleared: (endpointId: number, seq: number): void => void sql.cleared.run(seq, endpointId),
    newestSeq: (): number => sql.newest.get() as number,
    /** The last of the next `rows` hot rows of the endpoint; null when none is hot. */
    endOfBatch(endpointId: number, movedSeq: number, rows: number): number | null {
      const nth = sql.nth.get(movedSeq, endpointId, rows - 1) as number | undefined;
      return nth ?? (sql.last.get(movedSeq, endpointId) as number | null);
    },
    hasMore: (endpointId: number, movedSeq: number, rows: number): boolean =>
      sql.nth.get(movedSeq, endpointId, rows) !== undefined,
    oldestHotMs: (endpointId: number, movedSeq: number): number | null =>
      (sql.oldestHot.get(movedSeq, endpointId) as number | undefined) ?? null,
    hot: (endpointId: number, movedSeq: number) =>
      sql.hot.get(movedSeq, endpointId) as { rows: number; oldestMs: number | null; newestMs: number | null },
    clear: (endpointId: number, fromSeq: number, toSeq: number): void =>
      void sql.clear.run(fromSeq, toSeq, endpointId),
    files: (endpointId: number): LogFile[] => sql.files.all(endpointId) as LogFile[],
    addFile: (endpointId: number, file: Omit<LogFile, 'id'>): void =>
      void sql.addFile.run({ endpointId, ...file }),
    removeFile: (id: number): void => void sql.removeFile.run(id),
  };
}
