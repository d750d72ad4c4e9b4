/** SQL of the sums that quality is told from. Reads of long times run on the reader threads (cohort-read.ts). */

import type { Database } from '../../data/database.ts';
import { addErrors, type CohortChange, packErrors, unpackErrors } from './cohorts.rules.ts';
import { mergeDelays, mergeScores } from './counts.rules.ts';

export type CohortKey = {
  endpointId: number;
  /** 0: all rows; -1: whole days that are not counted by the hour yet; else a slice's number. */
  slice: number;
  windowMs: number;
  arm: string;
  version: string;
};

export type Detail = { scores: Buffer | null; delays: Buffer | null; errors: Buffer | null };
const NO_DETAIL: Detail = { scores: null, delays: null, errors: null };

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const ALL_ROWS = 0;
export const CARRIED = -1;

export type CohortStore = ReturnType<typeof createCohortStore>;

export function createCohortStore(db: Database) {
  const where = 'endpoint_id = ? AND slice = ? AND window_ms = ? AND arm = ? AND version = ?';
  const readDetail = db.prepare(
    `SELECT scores, delays, errors FROM cohort_detail WHERE ${where} AND size_ms = ?`,
  );
  const addSums = db.prepare(
    `INSERT INTO cohort(endpoint_id, slice, window_ms, arm, version, predictions, labelled, by_entity, judged, "right", tp, fp, fn, tn, scored, log_loss, log_loss_squares,
       brier, brier_squares)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET predictions = predictions + excluded.predictions, labelled = labelled + excluded.labelled,
       by_entity = by_entity + excluded.by_entity, judged = judged + excluded.judged, "right" = "right" + excluded."right",
       tp = tp + excluded.tp, fp = fp + excluded.fp, fn = fn + excluded.fn, tn = tn + excluded.tn, scored = scored + excluded.scored,
       log_loss = log_loss + excluded.log_loss, log_loss_squares = log_loss_squares + excluded.log_loss_squares,
       brier = brier + excluded.brier, brier_squares = brier_squares + excluded.brier_squares`,
  );
  const writeDetail = db.prepare(
    `INSERT INTO cohort_detail(endpoint_id, slice, window_ms, arm, version, size_ms, scores, delays, errors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET scores = excluded.scores, delays = excluded.delays, errors = excluded.errors`,
  );
  const dropEmpty = db.prepare(`DELETE FROM cohort WHERE ${where} AND predictions = 0 AND labelled = 0`);
  const keys = { cohort: 'window_ms', cohort_detail: 'window_ms, size_ms', cohort_fold: 'day_ms' };
  const dropSlice = Object.entries(keys).map(([table, time]) => {
    const key = `endpoint_id, slice, arm, version, ${time}`;
    return db.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE endpoint_id = ? AND slice = ? LIMIT ?)`,
    );
  });
  const carry = db.prepare('SELECT next_seq AS nextSeq, end_seq AS endSeq FROM cohort_carry');
  const setCarry = db.prepare('UPDATE cohort_carry SET next_seq = ?');

  const keyOf = ({ endpointId, slice, windowMs, arm, version }: CohortKey) =>
    [endpointId, slice, windowMs, arm, Number(version)] as const;

  return {
    /** Adds changes to the sums; call in the transaction of what caused them. */
    add(key: CohortKey, change: CohortChange): void {
      const at = keyOf(key);
      addSums.run(
        ...at,
        change.predictions,
        change.labelled,
        change.byEntity,
        change.judged,
        change.right,
        change.tp,
        change.fp,
        change.fn,
        change.tn,
        change.scored,
        change.logLoss,
        change.logLossSquares,
        change.brier,
        change.brierSquares,
      );
    },
    /** The larger parts, by the hour and by the day: a year is read from its days. Delays are by the hour. */
    addDetail(key: CohortKey, sizeMs: number, change: CohortChange): void {
      const scored = change.all.size + change.positive.size + change.negative.size > 0;
      const { errors } = change;
      const erred = errors.n !== 0 || errors.sums.some(({ length }) => length > 0);
      const late = change.delays.size > 0 && sizeMs === HOUR_MS;
      if (!scored && !erred && !late) return;
      const at = keyOf(key);
      const present = (readDetail.get(...at, sizeMs) as Detail | undefined) ?? NO_DETAIL;
      const sums = unpackErrors(present.errors);
      addErrors(sums, errors, 1);
      writeDetail.run(
        ...at,
        sizeMs,
        scored ? mergeScores(present.scores, change) : present.scores,
        late ? mergeDelays(present.delays, change.delays) : present.delays,
        erred ? packErrors(sums) : present.errors,
      );
    },
    dropEmpty: (key: CohortKey): void => void dropEmpty.run(...keyOf(key)),
    /** Removes at most `limit` windows of a slice; true when none is left. */
    dropSlice: (endpointId: number, slice: number, limit: number): boolean =>
      dropSlice.map((drop) => drop.run(endpointId, slice, limit).changes).every((changes) => changes < limit),
    /** Rows in (nextSeq, endSeq] are counted by the day still. */
    carry: (): { nextSeq: number; endSeq: number } => carry.get() as { nextSeq: number; endSeq: number },
    setCarry: (nextSeq: number): void => void setCarry.run(nextSeq),
  };
}
