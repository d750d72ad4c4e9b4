/** SQL of monitoring: logged predictions; quality is in cohorts.store.ts, counts on the frozen grid in panes.store.ts. */
import type { LoggedRow, TapBlock } from '../../../platform/tap-block.ts';
import type { Database } from '../../data/database.ts';
import { createFeatureWriter, type RowPacker, type StoredFeatures } from '../../data/packed-features.ts';
import { createCohortStore } from './cohorts.store.ts';
import type { CohortRow } from './performance.rules.ts';

/** A logged prediction as far as labels and rewards need it. */
export type LabelTarget = {
  seq: number;
  id: string;
  endpointId: number;
  arm: string;
  version: string;
  unit: string | null;
  eventMs: number;
  receivedMs: number;
  label: string | null;
  score: number | null;
  truth: string | null;
  truthMs: number | null;
  /** When the label came; null where it came before that was kept. */
  truthReceivedMs: number | null;
  /** 1: by entity and time. */
  truthBy: number;
  truthSource: string | null;
  /** What the entity label named that joined it; null when none did. */
  entityMs: number | null;
  /** A bit for each slice that it belongs to. */
  slices: number;
  /** Null where it was logged before revisions were. */
  revision: number | null;
  /** What the split took for the unit where none was named. */
  inputUnit: string | null;
  apart: number;
};

export type LoggedPrediction = {
  seq: number;
  id: string;
  eventMs: number;
  arm: string;
  version: string;
  unit: string | null;
  /** Empty once they are in the raw log's files. */
  features: StoredFeatures;
  score: number | null;
  label: string | null;
  truth: string | null;
};

export type EndpointTotals = {
  predictions: number;
  labelled: number;
};

/** `entityMs`: of a label by entity, the time that it named. */
export type NewTruth = {
  label: string;
  labelledMs: number;
  receivedMs: number;
  source: string | null;
  entityMs: number | null;
};

export type Revision = {
  label: string;
  labelledMs: number;
  receivedMs: number | null;
  truthBy: number;
  source: string | null;
};

const DAY_MS = 86_400_000;

const TARGET_COLUMNS = `seq, id, endpoint_id AS endpointId, arm, CAST(version AS TEXT) AS version, unit, event_ms AS eventMs,
  received_ms AS receivedMs, label, score, truth, truth_ms AS truthMs, truth_received_ms AS truthReceivedMs, truth_by AS truthBy,
  truth_source AS truthSource, entity_ms AS entityMs, slices, revision, input_unit AS inputUnit, apart`;

export type MonitoringStore = ReturnType<typeof createMonitoringStore>;

const NOTHING: ReadonlySet<string> = new Set();

/** `masked`: names of features that are not written down. */
export function createMonitoringStore(
  db: Database,
  masked: (endpointId: number) => ReadonlySet<string> = () => NOTHING,
) {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO prediction(id, endpoint_id, arm, version, unit, event_ms, received_ms, latency_us, features, label, score, revision, input_unit, apart, slices)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const eventOf = db.prepare('SELECT event_ms AS eventMs FROM prediction WHERE id = ?');
  const target = db.prepare(`SELECT ${TARGET_COLUMNS} FROM prediction WHERE id = ?`);
  const between = db.prepare(
    `SELECT ${TARGET_COLUMNS} FROM prediction WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
  );
  const entityJoined = db.prepare(
    `SELECT ${TARGET_COLUMNS} FROM prediction WHERE endpoint_id = ? AND unit = ? AND event_ms BETWEEN ? AND ? AND entity_ms = ?
     ORDER BY event_ms DESC, seq DESC LIMIT 1`,
  );
  const entityFree = db.prepare(
    `SELECT ${TARGET_COLUMNS} FROM prediction WHERE endpoint_id = ? AND unit = ? AND event_ms BETWEEN ? AND ? AND entity_ms IS NULL
     ORDER BY event_ms DESC, seq DESC LIMIT 1`,
  );
  const setTruth = db.prepare(
    `UPDATE prediction SET truth = ?, truth_ms = ?, truth_received_ms = ?, truth_by = ?, truth_source = ?,
       entity_ms = coalesce(?, entity_ms) WHERE seq = ?`,
  );
  const joinEntity = db.prepare('UPDATE prediction SET entity_ms = ? WHERE seq = ?');
  const keepRevision = db.prepare(
    `INSERT INTO label_revision(prediction_seq, endpoint_id, label, labelled_ms, received_ms, truth_by, source)
     SELECT seq, endpoint_id, truth, truth_ms, truth_received_ms, truth_by, truth_source FROM prediction WHERE seq = ?`,
  );
  const revisions = db.prepare(
    `SELECT label, labelled_ms AS labelledMs, received_ms AS receivedMs, truth_by AS truthBy, source FROM label_revision
     WHERE prediction_seq = ? ORDER BY seq DESC`,
  );
  const cohorts = db.prepare(
    `SELECT window_ms - window_ms % ${DAY_MS} AS windowMs, arm, CAST(version AS TEXT) AS version, sum(predictions) AS predictions,
       sum(labelled) AS labelled, sum(judged) AS judged, sum("right") AS "right", sum(tp) AS tp, sum(fp) AS fp, sum(fn) AS fn,
       sum(tn) AS tn, sum(scored) AS scored, sum(log_loss) AS logLoss
     FROM cohort WHERE endpoint_id = ? AND slice IN (-1, 0) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  );
  const totals = db.prepare(
    `SELECT coalesce(sum(predictions), 0) AS predictions, coalesce(sum(labelled), 0) AS labelled
     FROM cohort WHERE endpoint_id = ? AND slice IN (-1, 0)`,
  );
  const first = db.prepare('SELECT min(event_ms) AS ms FROM prediction WHERE endpoint_id = ?');
  const last = db.prepare('SELECT max(event_ms) AS ms FROM prediction WHERE endpoint_id = ?');
  const newestEvent = db.prepare(
    `SELECT event_ms AS eventMs, received_ms AS receivedMs FROM prediction WHERE endpoint_id = ? ORDER BY event_ms DESC LIMIT 1`,
  );
  const newest = db.prepare(
    `SELECT seq, id, event_ms AS eventMs, arm, CAST(version AS TEXT) AS version, unit, features, score, label, truth
     FROM prediction WHERE endpoint_id = ? ORDER BY event_ms DESC LIMIT ?`,
  );
  const prune = db.prepare(
    'DELETE FROM prediction WHERE seq IN (SELECT seq FROM prediction WHERE received_ms < ? ORDER BY received_ms LIMIT ?)',
  );

  const writer = createFeatureWriter(db);

  return {
    /** Packs features of the block's rows for `insert`, without masked ones. Ask before the transaction. */
    packer: (endpointId: number, block: TapBlock): RowPacker => writer(block, masked(endpointId)),
    /** False when a prediction of that id is already there. */
    insert: (endpointId: number, row: LoggedRow, features: Uint8Array, slices = 0): boolean =>
      insert.run(
        row.id,
        endpointId,
        row.arm,
        Number(row.version),
        row.unit,
        row.eventMs,
        row.receivedMs,
        row.latencyUs,
        features,
        row.label,
        row.score,
        row.revision ?? null,
        row.inputUnit ?? null,
        Number(row.apart ?? false),
        slices,
      ).changes === 1,
    eventOf: (id: string): number | null =>
      (eventOf.get(id) as { eventMs: number } | undefined)?.eventMs ?? null,
    sums: createCohortStore(db),
    target: (id: string): LabelTarget | null => (target.get(id) as LabelTarget | undefined) ?? null,
    /** The first `limit` in (afterSeq, toSeq], of any endpoint. */
    between: (afterSeq: number, toSeq: number, limit: number): LabelTarget[] =>
      between.all(afterSeq, toSeq, limit) as LabelTarget[],
    /** Of `entity` in [fromMs, toMs], the one that the entity label of `atMs` joined, or else the newest that none did. */
    entityTarget(endpointId: number, entity: string, fromMs: number, atMs: number): LabelTarget | null {
      const found =
        entityJoined.get(endpointId, entity, fromMs, atMs, atMs) ??
        entityFree.get(endpointId, entity, fromMs, atMs);
      return (found as LabelTarget | undefined) ?? null;
    },
    /** Puts the label in place; another one that was there goes into the history. */
    setTruth(target: LabelTarget, truth: NewTruth): void {
      if (target.truth !== null && target.truth !== truth.label) keepRevision.run(target.seq);
      setTruth.run(
        truth.label,
        truth.labelledMs,
        truth.receivedMs,
        Number(truth.entityMs !== null),
        truth.source,
        truth.entityMs,
        target.seq,
      );
    },
    /** Labels that others took the place of, newest first. */
    revisions: (seq: number): Revision[] => revisions.all(seq) as Revision[],
    /** An entity label that changed nothing: it joined all the same. */
    joinEntity: (seq: number, entityMs: number): void => void joinEntity.run(entityMs, seq),
    /** By day, arm and version; `mature` is for the caller to tell. */
    cohorts: (endpointId: number): Omit<CohortRow, 'mature'>[] =>
      cohorts.all(endpointId) as Omit<CohortRow, 'mature'>[],
    totals: (endpointId: number): EndpointTotals => totals.get(endpointId) as EndpointTotals,
    span: (endpointId: number): { firstMs: number | null; lastMs: number | null } => ({
      firstMs: (first.get(endpointId) as { ms: number | null }).ms,
      lastMs: (last.get(endpointId) as { ms: number | null }).ms,
    }),
    newestEvent: (endpointId: number): { eventMs: number; receivedMs: number } | null =>
      (newestEvent.get(endpointId) as { eventMs: number; receivedMs: number } | undefined) ?? null,
    newest: (endpointId: number, limit: number): LoggedPrediction[] =>
      newest.all(endpointId, limit) as LoggedPrediction[],
    /** Removes at most `limit` predictions received before `beforeMs`; returns how many. */
    prune: (beforeMs: number, limit: number): number => prune.run(beforeMs, limit).changes,
  };
}
