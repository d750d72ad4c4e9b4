/** Quality of labelled predictions by day, arm and version. */
import type { ArmSummary, PerformancePoint } from '../../../contract/monitoring.ts';
import { NORMAL_975 } from '../../statistics/gamma.ts';

/** Sums over one day of one arm and version. `logLoss` is in nats, summed; tp…tn stay 0 for models that are not binary. */
export type Cohort = {
  predictions: number;
  labelled: number;
  judged: number;
  right: number;
  tp: number;
  fp: number;
  fn: number;
  tn: number;
  scored: number;
  logLoss: number;
};
export type CohortRow = Cohort & { windowMs: number; arm: string; version: string; mature: boolean };

/** Wilson score interval at 95 % (Wilson 1927; Brown, Cai & DasGupta 2001, eq. 4). */
export function wilson(successes: number, n: number): { low: number; high: number } | null {
  if (n <= 0) return null;
  const z = NORMAL_975;
  const share = successes / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

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
    mature: row.mature,
  };
}

/** One summary per arm and version, in order of first appearance. */
export function armSummaries(rows: readonly CohortRow[]): ArmSummary[] {
  const groups = new Map<string, CohortRow>();
  for (const row of rows) {
    const key = `${row.arm}@${row.version}`;
    const sum = groups.get(key);
    if (!sum) groups.set(key, { ...row });
    else for (const part of PARTS) sum[part] += row[part];
  }
  return [...groups.values()].map((sum) => ({
    arm: sum.arm,
    version: sum.version,
    predictions: sum.predictions,
    labelled: sum.labelled,
    ...accuracyOf(sum),
    positiveRate: ratio(sum.tp + sum.fn, sum.tp + sum.fp + sum.fn + sum.tn),
  }));
}

const PARTS = [
  'predictions',
  'labelled',
  'judged',
  'right',
  'tp',
  'fp',
  'fn',
  'tn',
  'scored',
  'logLoss',
] as const;
const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

function accuracyOf(cohort: Cohort) {
  const interval = wilson(cohort.right, cohort.judged);
  return {
    accuracy: ratio(cohort.right, cohort.judged),
    accuracyLow: interval?.low ?? null,
    accuracyHigh: interval?.high ?? null,
    logLoss: ratio(cohort.logLoss, cohort.scored),
  };
}
