/**
 * Drift of a window against the frozen reference: `lathe.psi.frozen@1`.
 *
 * The reference grid's cells are merged to at most ten bins of about a tenth of the reference each, plus a
 * bin below, a bin above and one for missing values (categorical: the nine or ten most frequent values, the
 * other known ones, unseen ones, missing). The bins depend on the reference alone, so that the scores of any
 * two windows are on one scale. Over the bins,
 *
 *   PSI = Σ (r − c) · ln(r / c),   r, c = shares of the reference and of the window, each at least 1e-4
 *
 * (population stability index, the symmetrised Kullback–Leibler divergence; Siddiqi, Credit Risk Scorecards,
 * 2006). Shares are not normalised again after the floor: each term is then ≥ 0, and 0 where both agree.
 *
 * A day's score is taken over the seven days that end with it (SPAN_WINDOWS): in one day alone every feature
 * with a calendar or a weather in it looks drifted (on the sample's own training days the weekday scores 6.5
 * and the temperature 4), in a whole week the weekday scores 0.01. Panes stay daily; a week is their sum.
 *
 * Without drift PSI is about (1/n_ref + 1/n) · χ²(B − 1) over the B bins that hold reference mass, so that
 * few rows alone look like drift: no level is given below n = 2 · χ²(0.95, B − 1) / 0.1, nor before the first
 * whole week.
 */
import type { DriftLevel, DriftScore } from '../../../contract/monitoring.ts';
import { type FeatureProfile, type Pane, referencePane } from './profile.rules.ts';

export const PSI_METHOD = 'lathe.psi.frozen@1';
/** Windows a score is taken over, the newest one included. */
export const SPAN_WINDOWS = 7;
const FLOOR = 1e-4;
const MODERATE = 0.1;
const LARGE = 0.25;
const MAX_BINS = 10;

/** 0.95 quantiles of χ² with 1, 2, … degrees of freedom (NIST e-Handbook §1.3.6.7.4). */
const CHI2_95 = [
  3.841, 5.991, 7.815, 9.488, 11.07, 12.592, 14.067, 15.507, 16.919, 18.307, 19.675, 21.026, 22.362,
];

export type Bin = { label: string; lower: number | null; upper: number | null };
export type Binning = {
  bins: Bin[];
  /** Bin of every cell of the grid. */
  binOfCell: Uint8Array;
  /** Reference rows per bin. */
  reference: Float64Array;
  referenceN: number;
  /** Rows a window needs for a level. */
  minN: number;
};

export function binningOf(profile: FeatureProfile): Binning {
  const { bins, binOfCell } = profile.kind === 'numeric' ? numericBins(profile) : categoricalBins(profile);
  const pane = referencePane(profile);
  const reference = binCounts({ bins, binOfCell }, pane.counts);
  const filled = reference.filter((count) => count > 0).length;
  const degrees = Math.min(Math.max(filled - 1, 1), CHI2_95.length);
  const minN = Math.ceil((2 * (CHI2_95[degrees - 1] as number)) / MODERATE);
  return { bins, binOfCell, reference, referenceN: pane.n, minN };
}

/** `whole`: the pane covers all the windows of a span. */
export function driftScore(binning: Binning, pane: Pane, whole: boolean): DriftScore {
  const value = psi(binning.reference, binCounts(binning, pane.counts));
  const level = whole && pane.n >= binning.minN ? levelOf(value) : 'too-few';
  return { method: PSI_METHOD, value, n: pane.n, minN: binning.minN, level };
}

/** Population stability index of two lists of counts over the same bins; 0 when either side is empty. */
export function psi(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const referenceN = total(reference);
  const currentN = total(current);
  if (referenceN === 0 || currentN === 0) return 0;
  let sum = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const r = Math.max((reference[bin] as number) / referenceN, FLOOR);
    const c = Math.max((current[bin] as number) / currentN, FLOOR);
    sum += (r - c) * Math.log(r / c);
  }
  return sum;
}

export function binCounts(binning: Pick<Binning, 'bins' | 'binOfCell'>, counts: Uint32Array): Float64Array {
  const merged = new Float64Array(binning.bins.length);
  for (let cell = 0; cell < counts.length; cell++) {
    const bin = binning.binOfCell[cell] as number;
    merged[bin] = (merged[bin] as number) + (counts[cell] as number);
  }
  return merged;
}

function levelOf(value: number): DriftLevel {
  if (value < MODERATE) return 'stable';
  return value < LARGE ? 'moderate' : 'large';
}

type Layout = Pick<Binning, 'bins' | 'binOfCell'>;

/** Closes a bin at the first cell where the reference's cumulative share reaches the next tenth. */
function numericBins(profile: Extract<FeatureProfile, { kind: 'numeric' }>): Layout {
  const { edges, counts } = profile;
  const all = total(counts);
  const edge = (at: number) => edges[at] as number;
  const lowest = edge(0);
  const highest = edge(counts.length);
  const bins: Bin[] = [{ label: `below ${shown(lowest)}`, lower: null, upper: lowest }];
  const binOfCell = new Uint8Array(counts.length + 3);
  let cumulative = 0;
  let first = 0;
  let tenth = 1;
  for (let cell = 0; cell < counts.length; cell++) {
    cumulative += counts[cell] as number;
    binOfCell[cell + 1] = bins.length;
    const last = cell === counts.length - 1;
    // What is left after the last tenth is reached holds no reference row, and stays in the last bin.
    if (!last && (tenth >= MAX_BINS || cumulative * MAX_BINS < tenth * all)) continue;
    bins.push({
      label: `${shown(edge(first))} – ${shown(edge(cell + 1))}`,
      lower: edge(first),
      upper: edge(cell + 1),
    });
    first = cell + 1;
    tenth = all === 0 ? MAX_BINS : Math.floor((cumulative * MAX_BINS) / all) + 1;
  }
  binOfCell[counts.length + 1] = bins.length;
  bins.push({ label: `above ${shown(highest)}`, lower: highest, upper: null });
  binOfCell[counts.length + 2] = bins.length;
  bins.push({ label: 'missing', lower: null, upper: null });
  return { bins, binOfCell };
}

function categoricalBins(profile: Extract<FeatureProfile, { kind: 'categorical' }>): Layout {
  const { categories } = profile;
  const own = categories.length <= MAX_BINS ? categories.length : MAX_BINS - 1;
  const plain = (label: string): Bin => ({ label, lower: null, upper: null });
  const bins = categories.slice(0, own).map(([value]) => plain(value === '' ? '(empty)' : value));
  const binOfCell = new Uint8Array(categories.length + 2);
  for (let cell = 0; cell < own; cell++) binOfCell[cell] = cell;
  if (own < categories.length) {
    binOfCell.fill(bins.length, own, categories.length);
    bins.push(plain(`${categories.length - own} others`));
  }
  binOfCell[categories.length] = bins.length;
  bins.push(plain('unseen in training'));
  binOfCell[categories.length + 1] = bins.length;
  bins.push(plain('missing'));
  return { bins, binOfCell };
}

const total = (counts: ArrayLike<number>): number => {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) sum += counts[at] as number;
  return sum;
};

/** Four significant digits are what a reader can use; the exact edges travel beside the label. */
const shown = (value: number): string => String(Number(value.toPrecision(4)));
