/** Quality of labelled predictions, counted per cohort: endpoint, arm, version and window of the prediction. */
import type { ArmSummary, PerformancePoint } from '../../../contract/monitoring.ts';

/** Sums over one cohort. `logLoss` is in nats, summed; tp…tn stay 0 for models that are not binary. */
export type Cohort = {
  predictions: number;
  labelled: number;
  tp: number;
  fp: number;
  fn: number;
  tn: number;
  logLoss: number;
};

export type CohortRow = Cohort & { windowMs: number; arm: string; version: string };

/** What one label adds to its cohort. */
export type LabelEffect = Omit<Cohort, 'predictions'>;

/** How a version's outputs are read (contract/models.ts PredictionSpec). */
export type Decision = { binary: boolean; threshold: number };

const MATURE_SHARE = 0.8;
/** Scores are kept this far from 0 and 1, or one sure mistake would make the log-loss infinite. */
const CLIP = 1e-7;
/** 0.975 quantile of the normal distribution. */
const Z = 1.959963984540054;

/** "true", "1" and "1.0" are the positive class, "false", "0" and "0.0" the negative one; others are neither. */
function asBinary(label: string): boolean | null {
  const text = label.trim().toLowerCase();
  if (text === '1' || text === 'true' || text === '1.0') return true;
  if (text === '0' || text === 'false' || text === '0.0') return false;
  return null;
}

export function labelEffect(
  decision: Decision,
  predicted: { label: string | null; score: number | null },
  truth: string,
): LabelEffect {
  const effect: LabelEffect = { labelled: 1, tp: 0, fp: 0, fn: 0, tn: 0, logLoss: 0 };
  const actual = decision.binary ? asBinary(truth) : null;
  if (actual === null) return effect;
  const positive =
    predicted.score !== null
      ? predicted.score >= decision.threshold
      : predicted.label !== null
        ? asBinary(predicted.label)
        : null;
  if (positive === null) return effect;
  if (positive) effect[actual ? 'tp' : 'fp'] = 1;
  else effect[actual ? 'fn' : 'tn'] = 1;
  if (predicted.score !== null) {
    const p = Math.min(Math.max(predicted.score, CLIP), 1 - CLIP);
    effect.logLoss = -Math.log(actual ? p : 1 - p);
  }
  return effect;
}

/** Whether the predicted label was right; null when that cannot be said. */
export function isRight(
  decision: Decision,
  predicted: { label: string | null; score: number | null },
  truth: string,
): boolean | null {
  const { tp, fp, fn, tn } = labelEffect(decision, predicted, truth);
  if (tp + fp + fn + tn > 0) return tp + tn > 0;
  return decision.binary || predicted.label === null ? null : predicted.label === truth;
}

/** Adds an effect `times` times; −1 takes a label back. */
export function addEffect(into: LabelEffect, effect: LabelEffect, times: 1 | -1): void {
  into.labelled += times * effect.labelled;
  into.tp += times * effect.tp;
  into.fp += times * effect.fp;
  into.fn += times * effect.fn;
  into.tn += times * effect.tn;
  into.logLoss += times * effect.logLoss;
}

export const noEffect = (): LabelEffect => ({ labelled: 0, tp: 0, fp: 0, fn: 0, tn: 0, logLoss: 0 });

/** Wilson score interval at 95 % (Wilson 1927; Brown, Cai & DasGupta 2001, eq. 4). */
export function wilson(successes: number, n: number): { low: number; high: number } | null {
  if (n <= 0) return null;
  const share = successes / n;
  const centre = (share + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

export const isMature = (cohort: Pick<Cohort, 'predictions' | 'labelled'>): boolean =>
  cohort.predictions > 0 && cohort.labelled >= MATURE_SHARE * cohort.predictions;

export function performancePoint(row: CohortRow): PerformancePoint {
  return {
    windowMs: row.windowMs,
    arm: row.arm,
    version: row.version,
    predictions: row.predictions,
    labelled: row.labelled,
    ...accuracyOf(row),
    precision: ratio(row.tp, row.tp + row.fp),
    recall: ratio(row.tp, row.tp + row.fn),
    mature: isMature(row),
  };
}

/** One summary per arm and version, in order of first appearance. */
export function armSummaries(rows: readonly CohortRow[]): ArmSummary[] {
  const groups = new Map<string, CohortRow>();
  for (const row of rows) {
    const key = `${row.arm}@${row.version}`;
    const sum = groups.get(key) ?? { ...row, predictions: 0, ...noEffect() };
    sum.predictions += row.predictions;
    addEffect(sum, row, 1);
    groups.set(key, sum);
  }
  return [...groups.values()].map((sum) => ({
    arm: sum.arm,
    version: sum.version,
    predictions: sum.predictions,
    labelled: sum.labelled,
    ...accuracyOf(sum),
    positiveRate: ratio(sum.tp + sum.fn, judged(sum)),
  }));
}

const judged = (cohort: Cohort): number => cohort.tp + cohort.fp + cohort.fn + cohort.tn;
const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

function accuracyOf(cohort: Cohort) {
  const n = judged(cohort);
  const interval = wilson(cohort.tp + cohort.tn, n);
  return {
    accuracy: ratio(cohort.tp + cohort.tn, n),
    accuracyLow: interval?.low ?? null,
    accuracyHigh: interval?.high ?? null,
    logLoss: ratio(cohort.logLoss, n),
  };
}
