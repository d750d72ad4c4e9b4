/** What the genuine NannyML, scikit-learn and statsmodels gave, and what of ours differs by more than a relative 1e-9. */
import type { EstimatedMetric } from '../../../contract/monitoring-series.ts';
import { sortedOrder } from '../../statistics/order.ts';
import { calibrationNeed, stratifiedSplits } from './calibration-need.rules.ts';
import { type ChunkQuality, ESTIMATED_METRICS, estimate, fitCbpe, referenceLimits } from './cbpe.rules.ts';
import { fitIsotonic, isotonicAt } from './isotonic.rules.ts';
import {
  addBinaryRow,
  addRegressionRow,
  binaryMetrics,
  type Measured,
  noBinarySums,
  noRegressionSums,
  regressionMetrics,
} from './metrics.rules.ts';
import { relation } from './ranking.rules.ts';
import { type LabelledScores, rankMetrics } from './ranks.rules.ts';
import type { CbpeCase, PairCase, RegressionCase } from './testing-labels.ts';

type Interval = [low: number, high: number];
export type CbpeGolden = {
  name: string;
  needed: boolean;
  /** The same with tied rows in their own order, as ours has them. */
  neededInOrder: boolean;
  chunks: Record<string, { value: number | null; error: number; low: number; high: number }[]>;
  limits: Record<string, Interval>;
  isotonic: number[];
  splits: [train: number[], test: number[]][];
  realised: Record<string, number>;
  wilson: Record<string, Interval>;
};
export type RegressionGolden = {
  name: string;
  mae: number;
  rmse: number;
  bias: number;
  mape: number;
  r2: number;
  intervals: Record<string, Interval>;
};
export type PairGolden = { name: string; r: number; p: number; low: number; high: number };

const RELATIVE = 1e-9;
const near = (ours: number | null | undefined, theirs: number | null): boolean =>
  theirs === null
    ? (ours ?? null) === null
    : Math.abs((ours ?? Number.NaN) - theirs) <= RELATIVE * Math.max(Math.abs(theirs), 1e-6);

/** Collects what differs. */
class Differences {
  readonly found: string[] = [];
  private readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  check(what: string, ours: number | null | undefined, theirs: number | null): void {
    if (!near(ours, theirs)) this.found.push(`${this.name}, ${what}: ${ours}, theirs ${theirs}`);
  }
  checkInterval(what: string, ours: Measured | null, [low, high]: Interval): void {
    this.check(`${what}, low`, ours?.low, low);
    this.check(`${what}, high`, ours?.high, high);
  }
}

export function cbpeDifferences(each: CbpeCase, golden: CbpeGolden): string[] {
  const differences = new Differences(each.name);
  const rows = { scores: Float64Array.from(each.scores), truths: Uint8Array.from(each.truths) };
  const { needed } = calibrationNeed(rows);
  if (needed !== golden.neededInOrder)
    differences.found.push(`${each.name}: calibration ${needed}, theirs ${golden.neededInOrder}`);
  compareSplits(differences, rows, golden);
  compareIsotonic(differences, rows, golden);
  compareEstimates(differences, each, rows, golden);
  compareRealised(differences, each, golden);
  return differences.found;
}

function compareSplits(differences: Differences, { truths }: LabelledScores, { splits }: CbpeGolden): void {
  const drawn = [...stratifiedSplits(truths)];
  for (const [split, theirs] of splits.entries())
    for (const [side, expected] of theirs.entries()) {
      const rows = side === 0 ? drawn[split]?.train : drawn[split]?.test;
      for (const [at, row] of expected.entries()) differences.check(`split ${split}`, rows?.[at], row);
    }
}

function compareIsotonic(differences: Differences, rows: LabelledScores, { isotonic }: CbpeGolden): void {
  const order = sortedOrder(rows.scores);
  const fitted = fitIsotonic(
    Float64Array.from(order, (row) => rows.scores[row] as number),
    Array.from(order, (row) => rows.truths[row] as number),
  );
  for (const [at, theirs] of isotonic.entries())
    differences.check(`isotonic at ${at}`, isotonicAt(fitted, at / (isotonic.length - 1)), theirs);
}

const underscored = (metric: EstimatedMetric): string => metric.replace('-', '_');

function compareEstimates(
  differences: Differences,
  { threshold, chunk, analysis }: CbpeCase,
  rows: LabelledScores,
  golden: CbpeGolden,
): void {
  // From here on with their decision, which hangs on the machine's order of tied rows where it is close.
  const need = { ...calibrationNeed(rows), needed: golden.needed };
  const fit = fitCbpe(rows, threshold, need);
  const loose = rocBandIsLoose(rows);
  for (const metric of ESTIMATED_METRICS)
    for (const [at, theirs] of (golden.chunks[underscored(metric)] ?? []).entries()) {
      const scores = Float64Array.from(analysis.slice(at * chunk, (at + 1) * chunk));
      const ours = estimate(fit, { scores, weights: null }, threshold)[metric];
      const what = `${metric} of chunk ${at}`;
      differences.check(what, ours?.value, theirs.value);
      if (metric === 'average-precision') {
        // Theirs is resampled without a seed: it differs from itself by a tenth from run to run.
        const error = fit.spreads[metric];
        const ratio = (error?.deviation ?? 0) / Math.sqrt(chunk) / theirs.error;
        if (!(ratio > 0.5 && ratio < 2)) differences.check(`${what}, error`, ratio, 1);
      } else if (metric === 'roc-auc' && loose) {
        const ratio = ((ours?.high ?? 0) - (ours?.low ?? 0)) / (theirs.high - theirs.low);
        if (!(Math.abs(ratio - 1) < 0.05)) differences.check(`${what}, width`, ratio, 1);
      } else differences.checkInterval(what, ours, [theirs.low, theirs.high]);
    }
}

/**
 * Theirs has tied rows in an order that depends on the machine, and leaves out the row that the rarer class ranks last by;
 * ours counts ties half, and leaves out none.
 */
function rocBandIsLoose({ scores, truths }: LabelledScores): boolean {
  const order = sortedOrder(scores);
  const mostlyPositive = truths.reduce((sum, truth) => sum + truth, 0) > truths.length / 2;
  const last = truths[order.at(mostlyPositive ? -1 : 0) as number];
  return new Set(scores).size < scores.length || last === (mostlyPositive ? 0 : 1);
}

function compareRealised(differences: Differences, each: CbpeCase, golden: CbpeGolden): void {
  const { sums, ranks } = qualityOf(each, 0, each.scores.length);
  const all: Record<string, Measured | null> = { ...binaryMetrics(sums), ...ranks, bounds: null };
  for (const [metric, theirs] of Object.entries(golden.realised))
    differences.check(metric, all[metric]?.value, theirs);
  for (const [metric, theirs] of Object.entries(golden.wilson))
    differences.checkInterval(metric, all[metric] ?? null, theirs);
  const chunks: ChunkQuality[] = [];
  // NannyML puts the rows that fill no chunk into one of their own.
  for (let from = 0; from < each.scores.length; from += each.chunk)
    chunks.push(qualityOf(each, from, from + each.chunk));
  const limits = referenceLimits(chunks);
  for (const metric of ESTIMATED_METRICS) {
    const theirs = golden.limits[underscored(metric)];
    differences.check(`${metric}, low limit`, limits[metric]?.low, theirs?.[0] ?? null);
    differences.check(`${metric}, high limit`, limits[metric]?.high, theirs?.[1] ?? null);
  }
}

function qualityOf(each: CbpeCase, from: number, to: number): ChunkQuality {
  const scores = Float64Array.from(each.scores.slice(from, to));
  const truths = Uint8Array.from(each.truths.slice(from, to));
  const sums = noBinarySums();
  for (const [at, score] of scores.entries())
    addBinaryRow(sums, { predicted: score >= each.threshold, actual: truths[at] === 1, score });
  return { sums, ranks: rankMetrics({ scores, truths }) };
}

export function regressionDifferences(each: RegressionCase, golden: RegressionGolden): string[] {
  const differences = new Differences(each.name);
  const sums = noRegressionSums(each.actual[0]);
  for (const [at, actual] of each.actual.entries())
    addRegressionRow(sums, { actual, predicted: each.predicted[at] as number });
  const found = regressionMetrics(sums);
  for (const metric of ['mae', 'rmse', 'bias', 'mape', 'r2'] as const) {
    differences.check(metric, found[metric]?.value, golden[metric]);
    const interval = golden.intervals[metric];
    if (!interval) continue;
    // Ours ends where the mean itself must.
    const low = metric === 'bias' ? interval[0] : Math.max(0, interval[0]);
    differences.checkInterval(metric, found[metric], [low, interval[1]]);
  }
  return differences.found;
}

export function pairDifferences({ name, x, y }: PairCase, golden: PairGolden): string[] {
  const differences = new Differences(name);
  const found = relation(x, y);
  for (const key of ['r', 'p', 'low', 'high'] as const) differences.check(key, found[key], golden[key]);
  return differences.found;
}
