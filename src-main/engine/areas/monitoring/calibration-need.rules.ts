/**
 * Whether scores should be calibrated before performance is estimated from them, decided as NannyML 0.13.1 does: on ten
 * stratified splits (a tenth each for testing, seed 42, drawn as scikit-learn's `StratifiedShuffleSplit` draws) the expected calibration error
 * of the pooled test rows must fall. Scores of tied rows are kept in the order of the rows, where NannyML's order depends on the machine.
 */
import { Mersenne } from '../../statistics/mersenne.ts';
import { sortedOrder } from '../../statistics/order.ts';
import { fitIsotonic, isotonicAt } from './isotonic.rules.ts';
import { type LabelledScores, rankMetrics } from './ranks.rules.ts';

export type CalibrationNeed = {
  needed: boolean;
  /** In a sentence. */
  why: string;
  /** Expected calibration error of the test rows, without and with calibration; null where none was tried. */
  before: number | null;
  after: number | null;
};

const SPLITS = 10;
const TEST_SHARE = 0.1;
const SEED = 42;
const BINS = 10;
/** Scores that separate the classes so well cannot gain. */
const SEPARATED = 0.999;

export function calibrationNeed(rows: LabelledScores): CalibrationNeed {
  const no = (why: string): CalibrationNeed => ({ needed: false, why, before: null, after: null });
  const positives = rows.truths.reduce((sum, truth) => sum + truth, 0);
  const least = Math.min(positives, rows.truths.length - positives);
  if (least === 0) return no('The reference has labels of one class only.');
  if (least < 2 || rows.truths.length * TEST_SHARE <= 1)
    return no('The reference has too few labelled rows to try a calibration.');
  if ((rankMetrics(rows)['roc-auc']?.value ?? 0) > SEPARATED)
    return no('The scores separate the classes almost wholly on the reference.');
  const tried = testRows(rows);
  const edges = binEdges(tried.truths.length);
  const before = calibrationGap(tried.raw, tried.truths, edges);
  const after = calibrationGap(tried.calibrated, tried.truths, edges);
  return before > after
    ? { needed: true, why: 'Calibrated scores were nearer to the truth on held-out rows.', before, after }
    : {
        needed: false,
        why: 'The scores were as near to the truth on held-out rows without it.',
        before,
        after,
      };
}

function testRows({ scores, truths }: LabelledScores) {
  const order = sortedOrder(scores);
  const inTrain = new Uint8Array(truths.length);
  const trainScores = new Float64Array(truths.length);
  const trainTruths = new Uint8Array(truths.length);
  const raw: number[] = [];
  const calibrated: number[] = [];
  const actual: number[] = [];
  for (const { train, test } of stratifiedSplits(truths)) {
    inTrain.fill(0);
    for (const row of train) inTrain[row] = 1;
    let n = 0;
    for (const row of order) {
      if (inTrain[row] === 0) continue;
      trainScores[n] = scores[row] as number;
      trainTruths[n++] = truths[row] as number;
    }
    const fitted = fitIsotonic(trainScores.subarray(0, n), trainTruths.subarray(0, n));
    for (const row of test) {
      raw.push(scores[row] as number);
      calibrated.push(isotonicAt(fitted, scores[row] as number));
      actual.push(truths[row] as number);
    }
  }
  return { raw: Float64Array.from(raw), calibrated: Float64Array.from(calibrated), truths: actual };
}

/** Rows of each split for fitting and for testing. */
export function* stratifiedSplits(truths: Uint8Array): Generator<{ train: Int32Array; test: Int32Array }> {
  const n = truths.length;
  const testN = Math.ceil(TEST_SHARE * n);
  const classes = [0, 1].map((wanted) =>
    Int32Array.from(truths, (_, at) => at).filter((at) => truths[at] === wanted),
  );
  const counts = classes.map((rows) => rows.length);
  const random = new Mersenne(SEED);
  for (let split = 0; split < SPLITS; split++) {
    const trainCounts = modeOf(counts, n - testN, random);
    const left = counts.map((count, at) => count - (trainCounts[at] as number));
    const testCounts = modeOf(left, testN, random);
    const train: number[] = [];
    const test: number[] = [];
    for (const [at, rows] of classes.entries()) {
      const order = random.permutation(rows.length);
      const until = trainCounts[at] as number;
      for (let place = 0; place < until; place++) train.push(rows[order[place] as number] as number);
      for (let place = until; place < until + (testCounts[at] as number); place++)
        test.push(rows[order[place] as number] as number);
    }
    yield { train: random.shuffle(Int32Array.from(train)), test: random.shuffle(Int32Array.from(test)) };
  }
}

/** The likeliest counts of `draws` draws without putting back; what rounding leaves goes to the largest remainders, ties by lot. */
function modeOf(counts: readonly number[], draws: number, random: Mersenne): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (count / total) * draws);
  const floored = exact.map(Math.floor);
  let missing = draws - floored.reduce((sum, count) => sum + count, 0);
  const remainders = exact.map((value, at) => value - (floored[at] as number));
  for (const value of [...new Set(remainders)].sort((one, two) => two - one)) {
    if (missing <= 0) break;
    const tied = remainders.flatMap((remainder, at) => (remainder === value ? [at] : []));
    const added = Math.min(tied.length, missing);
    for (const place of random.permutation(tied.length).subarray(0, added)) {
      const at = tied[place] as number;
      floored[at] = (floored[at] as number) + 1;
    }
    missing -= added;
  }
  return floored;
}

/** Ends of bins with equally many rows; the last one takes what is left over. */
function binEdges(n: number): number[] {
  const width = Math.floor(n / (n <= 2 * BINS ? Math.floor(n / 2) : BINS));
  const edges: number[] = [];
  for (let edge = 0; edge <= n; edge += width) edges.push(edge);
  edges[edges.length - 1] = n;
  return edges;
}

/** Σ (n / N) |mean score − share of positives| over bins of the rows in order of the score. */
function calibrationGap(scores: Float64Array, truths: readonly number[], edges: readonly number[]): number {
  const order = sortedOrder(scores);
  let gap = 0;
  for (let bin = 1; bin < edges.length; bin++) {
    let score = 0;
    let positive = 0;
    for (let place = edges[bin - 1] as number; place < (edges[bin] as number); place++) {
      const row = order[place] as number;
      score += scores[row] as number;
      positive += truths[row] as number;
    }
    gap += Math.abs(score - positive);
  }
  return gap / scores.length;
}
