/** SQL of monitoring: logged predictions and cohorts (quality sums). Panes are in panes.store.ts. */
import type { Prediction } from '../../../platform/link.ts';
import type { Database } from '../../data/database.ts';
import type { CohortRow, LabelEffect } from './performance.rules.ts';

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
  /** JSON; empty once they are in the raw log's files. */
  features: string;
  score: number | null;
  label: string | null;
  truth: string | null;
};

export type EndpointTotals = {
  predictions: number;
  labelled: number;
};

export type MonitoringStore = ReturnType<typeof createMonitoringStore>;

const NOTHING: ReadonlySet<string> = new Set();

/** `masked`: names of features that are not written down. */
export function createMonitoringStore(
  db: Database,
  masked: (endpointId: number) => ReadonlySet<string> = () => NOTHING,
) {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO prediction(id, endpoint_id, arm, version, unit, event_ms, received_ms, latency_us, features, label, score, revision, input_unit, apart)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const eventOf = db.prepare('SELECT event_ms AS eventMs FROM prediction WHERE id = ?');
  const addPredictions = db.prepare(
    `INSERT INTO cohort(endpoint_id, window_ms, arm, version, predictions) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET predictions = predictions + excluded.predictions`,
  );
  const addLabels = db.prepare(
    `UPDATE cohort SET labelled = labelled + @labelled, tp = tp + @tp, fp = fp + @fp, fn = fn + @fn, tn = tn + @tn,
       log_loss = log_loss + @logLoss
     WHERE endpoint_id = @endpointId AND window_ms = @windowMs AND arm = @arm AND version = @version`,
  );
  const target = db.prepare(
    `SELECT seq, id, endpoint_id AS endpointId, arm, CAST(version AS TEXT) AS version, unit, event_ms AS eventMs,
       received_ms AS receivedMs, label, score, truth, truth_ms AS truthMs, revision, input_unit AS inputUnit, apart
     FROM prediction WHERE id = ?`,
  );
  const setTruth = db.prepare('UPDATE prediction SET truth = ?, truth_ms = ? WHERE seq = ?');
  const cohorts = db.prepare(
    `SELECT window_ms AS windowMs, arm, CAST(version AS TEXT) AS version, predictions, labelled, tp, fp, fn, tn, log_loss AS logLoss
     FROM cohort WHERE endpoint_id = ? ORDER BY window_ms, arm, version`,
  );
  const totals = db.prepare(
    `SELECT coalesce(sum(predictions), 0) AS predictions, coalesce(sum(labelled), 0) AS labelled
     FROM cohort WHERE endpoint_id = ?`,
  );
  const first = db.prepare('SELECT min(event_ms) AS ms FROM prediction WHERE endpoint_id = ?');
  const last = db.prepare('SELECT max(event_ms) AS ms FROM prediction WHERE endpoint_id = ?');
  const newest = db.prepare(
    `SELECT seq, id, event_ms AS eventMs, arm, CAST(version AS TEXT) AS version, unit, features, score, label, truth
     FROM prediction WHERE endpoint_id = ? ORDER BY event_ms DESC LIMIT ?`,
  );
  const prune = db.prepare(
    'DELETE FROM prediction WHERE seq IN (SELECT seq FROM prediction WHERE received_ms < ? ORDER BY received_ms LIMIT ?)',
  );

  return {
    /** False when a prediction of that id is already there. */
    insert: (endpointId: number, row: Prediction): boolean =>
      insert.run(
        row.id,
        endpointId,
        row.arm,
        Number(row.version),
        row.unit,
        row.eventMs,
        row.receivedMs,
        row.latencyUs,
        JSON.stringify(unmasked(row.features, masked(endpointId))),
        row.label,
        row.score,
        row.revision ?? null,
        row.inputUnit ?? null,
        Number(row.apart ?? false),
      ).changes === 1,
    eventOf: (id: string): number | null =>
      (eventOf.get(id) as { eventMs: number } | undefined)?.eventMs ?? null,
    addPredictions: (endpointId: number, windowMs: number, arm: string, version: string, n: number): void =>
      void addPredictions.run(endpointId, windowMs, arm, Number(version), n),
    addLabels: (
      cohort: { endpointId: number; windowMs: number; arm: string; version: string },
      effect: LabelEffect,
    ): void => void addLabels.run({ ...cohort, ...effect, version: Number(cohort.version) }),
    target: (id: string): LabelTarget | null => (target.get(id) as LabelTarget | undefined) ?? null,
    setTruth: (seq: number, truth: string, atMs: number): void => void setTruth.run(truth, atMs, seq),
    cohorts: (endpointId: number): CohortRow[] => cohorts.all(endpointId) as CohortRow[],
    totals: (endpointId: number): EndpointTotals => totals.get(endpointId) as EndpointTotals,
    span: (endpointId: number): { firstMs: number | null; lastMs: number | null } => ({
      firstMs: (first.get(endpointId) as { ms: number | null }).ms,
      lastMs: (last.get(endpointId) as { ms: number | null }).ms,
    }),
    newest: (endpointId: number, limit: number): LoggedPrediction[] =>
      newest.all(endpointId, limit) as LoggedPrediction[],
    /** Removes at most `limit` predictions received before `beforeMs`; returns how many. */
    prune: (beforeMs: number, limit: number): number => prune.run(beforeMs, limit).changes,
  };
}

function unmasked(features: Prediction['features'], masked: ReadonlySet<string>): Prediction['features'] {
  if (masked.size === 0) return features;
  return Object.fromEntries(Object.entries(features).filter(([name]) => !masked.has(name)));
}
