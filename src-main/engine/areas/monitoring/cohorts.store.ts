/** SQL of the sums that quality is told from. Reads of long times run on the reader threads (cohort-read.ts). */
import type { Database } from '../../data/database.ts';
import {
  addCohort,
  type CohortSums,
  emptyCohort,
  packCounts,
  packErrors,
  unpackCounts,
  unpackErrors,
} from './cohorts.rules.ts';

export type CohortKey = {
  endpointId: number;
  /** 0: all rows; -1: whole days that are not counted by the hour yet; else a slice's number. */
  slice: number;
  windowMs: number;
  arm: string;
  version: string;
};

export const ALL_ROWS = 0;
export const CARRIED = -1;

export const COHORT_COLUMNS = `c.predictions, c.labelled, c.by_entity AS byEntity, c.judged, c."right", c.tp, c.fp, c.fn, c.tn, c.scored,
  c.log_loss AS logLoss, c.log_loss_squares AS logLossSquares, c.brier, c.brier_squares AS brierSquares`;
const DETAIL_COLUMNS = 'd.scores, d.delays, d.errors';
const DETAIL_JOIN = 'LEFT JOIN cohort_detail d USING(endpoint_id, slice, window_ms, arm, version)';

type Sums = Omit<CohortSums, 'all' | 'positive' | 'negative' | 'delays' | 'errors'>;
type Detail = { scores: Buffer | null; delays: Buffer | null; errors: Buffer | null };
/** Without the details where they were not read. */
export type StoredCohort = Sums & Partial<Detail>;

/** SQL that reads sums and details of rows of `cohort c`; `cohortOf` makes one of a row. */
export const COHORT_SELECT = { columns: `${COHORT_COLUMNS}, ${DETAIL_COLUMNS}`, join: DETAIL_JOIN };

export function cohortOf({ scores, delays, errors, ...sums }: StoredCohort): CohortSums {
  const [all, positive, negative] = unpackCounts(scores ?? null, 3) as [
    Map<number, number>,
    Map<number, number>,
    Map<number, number>,
  ];
  const [lateness] = unpackCounts(delays ?? null, 1) as [Map<number, number>];
  return {
    ...emptyCohort(),
    ...sums,
    all,
    positive,
    negative,
    delays: lateness,
    errors: unpackErrors(errors ?? null),
  };
}

export type CohortStore = ReturnType<typeof createCohortStore>;

export function createCohortStore(db: Database) {
  const where = 'endpoint_id = ? AND slice = ? AND window_ms = ? AND arm = ? AND version = ?';
  const readDetail = db.prepare(`SELECT scores, delays, errors FROM cohort_detail WHERE ${where}`);
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
    `INSERT INTO cohort_detail(endpoint_id, slice, window_ms, arm, version, scores, delays, errors) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET scores = excluded.scores, delays = excluded.delays, errors = excluded.errors`,
  );
  const dropEmpty = db.prepare(`DELETE FROM cohort WHERE ${where} AND predictions = 0 AND labelled = 0`);
  const dropSlice = ['cohort', 'cohort_detail'].map((table) =>
    db.prepare(
      `DELETE FROM ${table} WHERE (endpoint_id, slice, window_ms, arm, version) IN
         (SELECT endpoint_id, slice, window_ms, arm, version FROM ${table} WHERE endpoint_id = ? AND slice = ? LIMIT ?)`,
    ),
  );
  const carry = db.prepare('SELECT next_seq AS nextSeq, end_seq AS endSeq FROM cohort_carry');
  const setCarry = db.prepare('UPDATE cohort_carry SET next_seq = ?');

  const keyOf = ({ endpointId, slice, windowMs, arm, version }: CohortKey) =>
    [endpointId, slice, windowMs, arm, Number(version)] as const;

  return {
    /** Adds changes to the sums; call in the transaction of what caused them. */
    add(key: CohortKey, change: CohortSums): void {
      const at = keyOf(key);
      const { errors } = change;
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
      const scored = change.all.size + change.positive.size + change.negative.size > 0;
      const erred = errors.n !== 0 || errors.sums.some(({ length }) => length > 0);
      if (!scored && !erred && change.delays.size === 0) return;
      const present = readDetail.get(...at) as Detail | undefined;
      const sum = cohortOf({
        ...emptyCohort(),
        ...(present ?? { scores: null, delays: null, errors: null }),
      });
      addCohort(sum, change);
      writeDetail.run(
        ...at,
        packCounts([sum.all, sum.positive, sum.negative]),
        packCounts([sum.delays]),
        packErrors(sum.errors),
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
