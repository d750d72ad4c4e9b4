/** SQL of slices: what they are, and the rows that are sorted in and out. */
import type { SliceCondition } from '../../../contract/slices.ts';
import type { Database } from '../../data/database.ts';
import type { StoredFeatures } from '../../data/packed-features.ts';
import type { LabelTarget } from '../monitoring/index.ts';

/** filling: older rows are sorted in; leaving: it is gone for everyone, and its rows are sorted out. */
export type SliceState = 'filling' | 'ready' | 'leaving';
export type SliceRecord = {
  number: number;
  id: string;
  endpointId: number;
  bit: number;
  name: string;
  conditions: SliceCondition[];
  createdMs: number;
  state: SliceState;
  /** Rows up to nextSeq of those up to endSeq are done. */
  nextSeq: number;
  endSeq: number;
};
export type SortableRow = Omit<
  LabelTarget,
  'id' | 'unit' | 'receivedMs' | 'revision' | 'inputUnit' | 'apart'
> & {
  /** Empty where they were moved to a file. */
  features: StoredFeatures;
};

export type SliceStore = ReturnType<typeof createSliceStore>;

export function createSliceStore(db: Database) {
  const columns = `number, id, endpoint_id AS endpointId, bit, name, conditions, created_ms AS createdMs, state, next_seq AS nextSeq,
    end_seq AS endSeq`;
  const all = db.prepare(`SELECT ${columns} FROM slice ORDER BY number`);
  const one = db.prepare(`SELECT ${columns} FROM slice WHERE number = ?`);
  const insert = db.prepare(
    `INSERT INTO slice(id, endpoint_id, bit, name, conditions, created_ms, state, next_seq, end_seq)
     VALUES (?, ?, ?, ?, ?, ?, 'filling', 0, (SELECT coalesce(max(seq), 0) FROM prediction))`,
  );
  const leave = db.prepare(
    `UPDATE slice SET state = 'leaving', next_seq = 0, end_seq = (SELECT coalesce(max(seq), 0) FROM prediction) WHERE number = ?`,
  );
  const advance = db.prepare('UPDATE slice SET next_seq = ?, state = ? WHERE number = ?');
  const remove = db.prepare('DELETE FROM slice WHERE number = ?');
  const rows = db.prepare(
    `SELECT seq, endpoint_id AS endpointId, arm, CAST(version AS TEXT) AS version, event_ms AS eventMs, label, score, truth, truth_ms AS truthMs,
       truth_received_ms AS truthReceivedMs, truth_by AS truthBy, slices, features
     FROM prediction WHERE endpoint_id = ? AND seq > ? AND seq <= ? AND slices & ? = 0 ORDER BY seq LIMIT ?`,
  );
  const nextOf = db.prepare(
    'SELECT min(seq) AS seq FROM prediction WHERE endpoint_id = ? AND seq > ? AND seq <= ?',
  );
  const moved = db.prepare(
    `SELECT EXISTS (SELECT 1 FROM prediction WHERE endpoint_id = ? AND seq > ? AND seq <= ? AND features = '') AS found`,
  );
  const mark = db.prepare('UPDATE prediction SET slices = slices | ? WHERE seq = ?');
  const clear = db.prepare(
    'UPDATE prediction SET slices = slices & ~? WHERE endpoint_id = ? AND seq > ? AND seq <= ? AND slices & ? <> 0',
  );

  const record = (row: unknown): SliceRecord => {
    const { conditions, ...rest } = row as Omit<SliceRecord, 'conditions'> & { conditions: string };
    return { ...rest, conditions: JSON.parse(conditions) };
  };

  return {
    all: (): SliceRecord[] => all.all().map(record),
    find: (number: number): SliceRecord | null => {
      const row = one.get(number);
      return row === undefined ? null : record(row);
    },
    insert(
      slice: Pick<SliceRecord, 'id' | 'endpointId' | 'bit' | 'name' | 'conditions' | 'createdMs'>,
    ): number {
      const { id, endpointId, bit, name, conditions, createdMs } = slice;
      return Number(
        insert.run(id, endpointId, bit, name, JSON.stringify(conditions), createdMs).lastInsertRowid,
      );
    },
    leave: (number: number): void => void leave.run(number),
    advance: (number: number, nextSeq: number, state: SliceState): void =>
      void advance.run(nextSeq, state, number),
    remove: (number: number): void => void remove.run(number),
    /** Rows in (afterSeq, toSeq] that are not in the slice. */
    rows: ({ endpointId, bit }: SliceRecord, afterSeq: number, toSeq: number, limit: number): SortableRow[] =>
      rows.all(endpointId, afterSeq, toSeq, 2 ** bit, limit) as SortableRow[],
    /** Whether features of rows in (afterSeq, toSeq] are in files. */
    moved: (endpointId: number, afterSeq: number, toSeq: number): boolean =>
      (moved.get(endpointId, afterSeq, toSeq) as { found: number }).found === 1,
    /** The endpoint's first row in (afterSeq, toSeq]; null without one. */
    nextOf: (endpointId: number, afterSeq: number, toSeq: number): number | null =>
      (nextOf.get(endpointId, afterSeq, toSeq) as { seq: number | null }).seq,
    mark: (seq: number, bit: number): void => void mark.run(2 ** bit, seq),
    clear: ({ endpointId, bit }: SliceRecord, afterSeq: number, toSeq: number): void =>
      void clear.run(2 ** bit, endpointId, afterSeq, toSeq, 2 ** bit),
  };
}
