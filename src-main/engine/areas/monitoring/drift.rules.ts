/**
 * Drift of a window against the frozen reference, from counts alone. Every method reads the same counts:
 *
 * `lathe.psi.frozen@1`. The grid's cells are merged to at most ten bins of about a tenth of the reference each, plus a bin
 * below, a bin above and one for what is not there: missing, not finite or of a wrong type (categorical: the nine or ten
 * most frequent values, the other known ones, unseen ones, missing). The bins depend on the reference alone, so that the
 * scores of any two windows are on one scale. Over the bins,
 *
 *   PSI = Σ (r − c) · ln(r / c),   r, c = shares of the reference and of the window, each at least 1e-4
 *
 * (population stability index, the symmetrised Kullback–Leibler divergence; Siddiqi, Credit Risk Scorecards, 2006). Shares
 * are not normalised again after the floor: each term is then ≥ 0, and 0 where both agree.
 *
 * `lathe.js.frozen@1`. Jensen–Shannon distance with logarithms to base 2 over the same bins, from 0 to 1:
 * √(½ Σ r·log2(r/m) + ½ Σ c·log2(c/m)), m = (r + c)/2 (Endres & Schindelin 2003). No floor is needed.
 *
 * `lathe.ks.frozen@1`. Kolmogorov–Smirnov: the largest gap between the two distribution functions at the grid's edges, of
 * numbers that are there. Between two edges both functions rise, so the gap there exceeds the one at an edge by at most the
 * cell's share of the reference: D_grid ≤ D ≤ D_grid + the largest such share, which `ksBound` says.
 *
 * `lathe.chi2.frozen@1`. The p-value of Pearson's χ² test that reference and window are samples of one distribution over the
 * same bins (2 × B table, without correction; bins that are empty in both are left out). It is small when they differ, and
 * with many rows it is small for differences that do not matter.
 *
 * A day's score is taken over the seven days that end with it (SPANS): in one day alone every feature with a calendar or a
 * weather in it looks drifted (on the sample's own training days the weekday scores 6.5 and the temperature 4), in a whole
 * week the weekday scores 0.01.
 *
 * Without drift PSI is about (1/n_ref + 1/n) · χ²(B − 1) over the B bins that hold reference mass, so that few rows alone
 * look like drift: no level is given below n = 2 · χ²(0.95, B − 1) / 0.1, nor before the first whole span. `chanceOf` says
 * what chance alone stays below 95 times of 100 with the rows of a window.
 */
import { type DriftLevel, type FrozenMethod, THRESHOLDS } from '../../../contract/monitoring-series.ts';
import { chiSquareTail } from '../../statistics/gamma.ts';
import { totalOf } from './pane.rules.ts';
import { type FeatureProfile, referenceCounts } from './profile.rules.ts';

export const PSI_METHOD = 'lathe.psi.frozen@1' satisfies FrozenMethod;
export const METHODS: readonly FrozenMethod[] = [
  'lathe.psi.frozen@1',
  'lathe.js.frozen@1',
  'lathe.ks.frozen@1',
  'lathe.chi2.frozen@1',
];

const FLOOR = 1e-4;
const MAX_BINS = 10;
/** 0.95 quantile of the Kolmogorov distribution. */
const KOLMOGOROV_95 = 1.3581;
/** 0.95 quantiles of χ² with 1, 2, … degrees of freedom (NIST e-Handbook §1.3.6.7.4). */
const CHI2_95 = [
  3.841, 5.991, 7.815, 9.488, 11.07, 12.592, 14.067, 15.507, 16.919, 18.307, 19.675, 21.026, 22.362,
];

export type Bin = { label: string; lower: number | null; upper: number | null };
export type Binning = {
  kind: FeatureProfile['kind'];
  bins: Bin[];
  /** Bin of every cell of the grid. */
  binOfCell: Uint8Array;
};

/** What windows are compared with: a reference's counts on the grid, over the grid's bins. */
export type Baseline = Binning & {
  /** Reference rows per bin. */
  reference: Float64Array;
  referenceN: number;
  /** Rows a window needs for a level. */
  minN: Record<FrozenMethod, number>;
  /** 0.95 quantile of χ² over the bins that hold reference mass: how far chance alone scatters them. */
  spread: number;
  /** Of numbers: the share of those in the reference that lie up to each cell's end, from below to above. */
  cumulative: Float64Array;
  /** By how much the true Kolmogorov–Smirnov distance may be larger than the one on the grid. */
  ksBound: number;
};

export type Scores = { psi: number; js: number; ks: number | null; chi2: number };

export function binningOf(profile: FeatureProfile): Binning {
  const layout = profile.kind === 'numeric' ? numericBins(profile) : categoricalBins(profile);
  return { kind: profile.kind, ...layout };
}

/** `counts` are a reference's, on the grid that the binning is of; by default the profile's that froze it. */
export function baselineOf(profile: FeatureProfile, counts = referenceCounts(profile)): Baseline {
  const binning = binningOf(profile);
  const cells = Float64Array.from(counts);
  const reference = binCounts(binning, cells);
  const filled = reference.filter((count) => count > 0).length;
  const quantile = CHI2_95[Math.min(Math.max(filled - 1, 1), CHI2_95.length) - 1] as number;
  const { cumulative, largest } = distributionOf(binning, cells);
  return {
    ...{ ...binning, cumulative },
    reference,
    referenceN: totalOf(cells),
    spread: quantile,
    minN: {
      'lathe.psi.frozen@1': Math.ceil((2 * quantile) / THRESHOLDS['lathe.psi.frozen@1'].warnAt),
      // For small differences the divergence is PSI / 8, in nats.
      'lathe.js.frozen@1': Math.ceil(
        (2 * quantile) / (8 * Math.LN2 * THRESHOLDS['lathe.js.frozen@1'].warnAt ** 2),
      ),
      'lathe.ks.frozen@1': Math.ceil(2 * (KOLMOGOROV_95 / THRESHOLDS['lathe.ks.frozen@1'].warnAt) ** 2),
      // Five expected in each of bins of a like size (Cochran 1954).
      'lathe.chi2.frozen@1': 5 * Math.max(filled, 2),
    },
    ksBound: largest,
  };
}

/** Every method's score of a window's counts on the grid; `binned` are the same per bin. */
export function scoresOf(baseline: Baseline, counts: ArrayLike<number>, binned: ArrayLike<number>): Scores {
  const { reference, referenceN } = baseline;
  const n = totalOf(binned);
  return {
    psi: psi(reference, binned, referenceN, n),
    js: jensenShannon(reference, binned, referenceN, n),
    // Of numbers the last bin is what is not there.
    ks:
      baseline.kind === 'numeric'
        ? kolmogorovSmirnov(baseline, counts, n - (binned[binned.length - 1] as number))
        : null,
    chi2: chiSquareP(reference, binned, referenceN, n),
  };
}

/** The score by a method; null where the method does not fit the feature. */
export const scoreBy = (scores: Scores, method: FrozenMethod): number | null =>
  method === 'lathe.psi.frozen@1'
    ? scores.psi
    : method === 'lathe.js.frozen@1'
      ? scores.js
      : method === 'lathe.ks.frozen@1'
        ? scores.ks
        : scores.chi2;

/**
 * What a score stays below 95 times of 100 when n rows and the reference are of one distribution: of PSI by its χ², of the
 * Jensen–Shannon distance by PSI / 8 in nats, of Kolmogorov–Smirnov by its own distribution. Null of a p-value, whose
 * threshold says it already, and without rows.
 */
export function chanceOf(
  { referenceN, spread }: Pick<Baseline, 'referenceN' | 'spread'>,
  method: FrozenMethod,
  n: number,
): number | null {
  if (n <= 0 || referenceN <= 0) return null;
  const scatter = 1 / referenceN + 1 / n;
  switch (method) {
    case 'lathe.psi.frozen@1':
      return scatter * spread;
    case 'lathe.js.frozen@1':
      return Math.min(1, Math.sqrt((scatter * spread) / (8 * Math.LN2)));
    case 'lathe.ks.frozen@1':
      return Math.min(1, KOLMOGOROV_95 * Math.sqrt(scatter));
    default:
      return null;
  }
}

/** `whole`: the counts cover all the windows of a span. */
export function levelOf(
  method: FrozenMethod,
  value: number,
  n: number,
  minN: number,
  whole: boolean,
): DriftLevel {
  if (!whole || n < minN) return 'too-few';
  const { warnAt, alertAt } = THRESHOLDS[method];
  if (method === 'lathe.chi2.frozen@1')
    return value >= warnAt ? 'stable' : value >= alertAt ? 'moderate' : 'large';
  return value < warnAt ? 'stable' : value < alertAt ? 'moderate' : 'large';
}

/** Population stability index of two lists of counts over the same bins; 0 when either side is empty. */
export function psi(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  referenceN = totalOf(reference),
  currentN = totalOf(current),
): number {
  if (referenceN === 0 || currentN === 0) return 0;
  let sum = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const r = Math.max((reference[bin] as number) / referenceN, FLOOR);
    const c = Math.max((current[bin] as number) / currentN, FLOOR);
    // Of the logarithms, which are most of the time, a quarter: few features have anything below, above or missing.
    if (r === c) continue;
    sum += (r - c) * Math.log(r / c);
  }
  return sum;
}

/** What is told without logarithms is told as far from the threshold; rounding is far smaller. */
const MARGIN = 1e-9;

/**
 * Whether psi(…) reaches its first threshold, 1 or 0. Each term is at most (r − c)² (r + c) / 2rc, which is close where both
 * are: most spans need no logarithm.
 */
export function psiWarns(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  referenceN = totalOf(reference),
  currentN = totalOf(current),
): 0 | 1 {
  if (referenceN === 0 || currentN === 0) return 0;
  const { warnAt } = THRESHOLDS[PSI_METHOD];
  const ofReference = 1 / referenceN;
  const ofCurrent = 1 / currentN;
  let most = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const r = Math.max((reference[bin] as number) * ofReference, FLOOR);
    const c = Math.max((current[bin] as number) * ofCurrent, FLOOR);
    most += ((r - c) * (r - c) * (r + c)) / (2 * r * c);
  }
  if (most < warnAt - MARGIN) return 0;
  return psi(reference, current, referenceN, currentN) >= warnAt ? 1 : 0;
}

/** Jensen–Shannon distance to base 2 of two lists of counts; 0 when either side is empty. */
export function jensenShannon(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  referenceN = totalOf(reference),
  currentN = totalOf(current),
): number {
  if (referenceN === 0 || currentN === 0) return 0;
  let sum = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const r = (reference[bin] as number) / referenceN;
    const c = (current[bin] as number) / currentN;
    const middle = (r + c) / 2;
    if (r > 0) sum += r * Math.log2(r / middle);
    if (c > 0) sum += c * Math.log2(c / middle);
  }
  return Math.sqrt(Math.max(0, sum / 2));
}

/** p of Pearson's χ² over the 2 × B table of counts; 1 where there is nothing to compare. */
export function chiSquareP(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  referenceN = totalOf(reference),
  currentN = totalOf(current),
): number {
  if (referenceN === 0 || currentN === 0) return 1;
  const all = referenceN + currentN;
  let statistic = 0;
  let filled = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const r = reference[bin] as number;
    const c = current[bin] as number;
    if (r + c === 0) continue;
    filled += 1;
    // Of a 2 × B table the two terms of a bin share their difference.
    const difference = r - ((r + c) * referenceN) / all;
    statistic += (difference * difference * all * all) / ((r + c) * referenceN * currentN);
  }
  return filled < 2 ? 1 : chiSquareTail(statistic, filled - 1);
}

/** `n`: the numbers among `counts`. */
function kolmogorovSmirnov({ cumulative }: Baseline, counts: ArrayLike<number>, n: number): number {
  const cells = cumulative.length;
  if (n === 0) return 0;
  let current = 0;
  let widest = 0;
  for (let cell = 0; cell < cells; cell++) {
    current += counts[cell] as number;
    const gap = Math.abs((cumulative[cell] as number) - current / n);
    if (gap > widest) widest = gap;
  }
  return widest;
}

/** `largest` is the share of the heaviest cell; the ends beyond the grid are not cells, as nothing lies between edges there. */
function distributionOf({ kind, binOfCell }: Binning, cells: Float64Array) {
  const end = kind === 'numeric' ? binOfCell.length - 3 : 0;
  const n = totalOf(cells.subarray(0, end));
  const cumulative = new Float64Array(n === 0 ? 0 : end);
  let sum = 0;
  let heaviest = 0;
  for (let cell = 0; cell < cumulative.length; cell++) {
    sum += cells[cell] as number;
    cumulative[cell] = sum / n;
    if (cell > 0 && cell < end - 1) heaviest = Math.max(heaviest, cells[cell] as number);
  }
  return { cumulative, largest: n === 0 ? 0 : heaviest / n };
}

/** Counts per bin, into `merged` where it is given. */
export function binCounts(
  binning: Pick<Binning, 'bins' | 'binOfCell'>,
  counts: ArrayLike<number>,
  merged: Float64Array = new Float64Array(binning.bins.length),
): Float64Array {
  merged.fill(0);
  for (let cell = 0; cell < counts.length; cell++) {
    const bin = binning.binOfCell[cell] as number;
    merged[bin] = (merged[bin] as number) + (counts[cell] as number);
  }
  return merged;
}

type Layout = Pick<Binning, 'bins' | 'binOfCell'>;

/** Closes a bin at the first cell where the reference's cumulative share reaches the next tenth. */
function numericBins(profile: Extract<FeatureProfile, { kind: 'numeric' }>): Layout {
  const { edges, counts } = profile;
  const all = totalOf(counts);
  const edge = (at: number) => edges[at] as number;
  const lowest = edge(0);
  const highest = edge(counts.length);
  const bins: Bin[] = [{ label: `below ${shown(lowest)}`, lower: null, upper: lowest }];
  const binOfCell = new Uint8Array(counts.length + 5);
  let cumulative = 0;
  let first = 0;
  let tenth = 1;
  for (let cell = 0; cell < counts.length; cell++) {
    cumulative += counts[cell] as number;
    binOfCell[cell + 1] = bins.length;
    const last = cell === counts.length - 1;
    // What is left after the last tenth is reached holds no reference row, and stays in the last bin.
    if (!last && (tenth >= MAX_BINS || cumulative * MAX_BINS < tenth * all)) continue;
    bins.push({ label: rangeLabel(edge(first), edge(cell + 1)), lower: edge(first), upper: edge(cell + 1) });
    first = cell + 1;
    tenth = all === 0 ? MAX_BINS : Math.floor((cumulative * MAX_BINS) / all) + 1;
  }
  binOfCell[counts.length + 1] = bins.length;
  bins.push({ label: `above ${shown(highest)}`, lower: highest, upper: null });
  // Missing, not finite, wrong type: the model has no number either way.
  binOfCell.fill(bins.length, counts.length + 2);
  bins.push({ label: 'missing', lower: null, upper: null });
  return { bins, binOfCell };
}

function categoricalBins(profile: Extract<FeatureProfile, { kind: 'categorical' }>): Layout {
  const { categories } = profile;
  const k = categories.length;
  const own = k <= MAX_BINS ? k : MAX_BINS - 1;
  const plain = (label: string): Bin => ({ label, lower: null, upper: null });
  const bins = categories.slice(0, own).map(([value]) => plain(value === '' ? '(empty)' : value));
  const binOfCell = new Uint8Array(k + 4);
  for (let cell = 0; cell < own; cell++) binOfCell[cell] = cell;
  if (own < k) {
    binOfCell.fill(bins.length, own, k);
    bins.push(plain(`${k - own} others`));
  }
  // A reference without others has nothing there but what older versions counted as unseen.
  binOfCell[k] = bins.length;
  if (profile.other > 0) bins.push(plain('others, rare'));
  binOfCell[k + 2] = bins.length;
  bins.push(plain('unseen in training'));
  binOfCell[k + 1] = bins.length;
  binOfCell[k + 3] = bins.length;
  bins.push(plain('missing'));
  return { bins, binOfCell };
}

/** A heavy value has a cell of its own, [v, nextUp(v)). */
const rangeLabel = (lower: number, upper: number): string =>
  upper === nextUp(lower) ? shown(lower) : `${shown(lower)} – ${shown(upper)}`;

/** The next larger double. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] = (bits[0] as bigint) + (value > 0 ? 1n : -1n);
  return new Float64Array(bits.buffer)[0] as number;
}

/** Four significant digits are what a reader can use; the exact edges travel beside the label. */
const shown = (value: number): string => String(Number(value.toPrecision(4)));
