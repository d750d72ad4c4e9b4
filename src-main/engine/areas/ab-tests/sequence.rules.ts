/**
 * Always-valid intervals: at every look at once, not at one look alone, they hold the truth with the stated
 * confidence, so one may look whenever one likes and stop when one likes.
 *
 * The boundary is Robbins' normal mixture (Robbins 1970), which is the mSPRT of Johari, Koomen, Pekelis & Walsh 2017
 * turned into an interval, and with estimated variances the asymptotic confidence sequence of Waudby-Smith,
 * Arbour, Sinha, Kennedy & Ramdas 2024 (theorem 2.2): an estimate with variance V is within
 *
 *   √V · √( (1 + 1/g) · ln((1 + g) / α²) ),   g = c · size / TIGHTEST,
 *
 * where the size is the evidence so far, and c makes the interval tightest, relative to its size, at TIGHTEST
 * (eq. 24 there: c = −2 ln α + ln(1 − 2 ln α)). TIGHTEST is fixed: choosing it by the data would not be valid.
 *
 * For a difference of means the size is H = Σ U₀U₁/(U₀+U₁) over the periods of a test (U units of either arm), the
 * Cochran–Mantel–Haenszel weights: a period counts by what it can tell, and arms are compared only within it. With
 * half the units in each arm H is a quarter of them.
 */
import { type Sums, unitVariance } from './moments.rules.ts';

/** The size at which intervals are tightest: 2,000 units, half in each arm. */
const TIGHTEST = 500;
/** Units of an arm below which the normal approximation is not trusted. */
export const FEWEST = 30;
/** A period's own variance is used from so many units of the arm on; below, that of all periods. */
const OWN_VARIANCE = 30;

export type Interval = { low: number; high: number };

/** By how many standard errors the interval reaches to either side. */
export function reach(size: number, alpha: number): number {
  const c = -2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha));
  const g = (c * size) / TIGHTEST;
  return Math.sqrt((1 + 1 / g) * (Math.log1p(g) - 2 * Math.log(alpha)));
}

/** One arm's share of one period. */
type Cell = { sums: Sums; variance: number };
type Stratum = { weight: number; base: Cell; other: Cell };

export type Difference = {
  effect: number;
  /** Of the baseline and of the other arm, weighted alike. */
  baseMean: number;
  otherMean: number;
  baseVariance: number;
  otherVariance: number;
  size: number;
  /** Units of both arms in it. */
  units: number;
  interval: Interval;
  /** Of the ratio other / base, less 1; null where the baseline cannot be told from 0. */
  relative: Interval | null;
};

/**
 * The difference between two arms over the periods of a test, which both have in the same order. `binary` says
 * that values are 0 or 1. Null with too few units, or when every value is the same.
 */
export function difference(
  base: readonly Sums[],
  other: readonly Sums[],
  alpha: number,
  binary: boolean,
): Difference | null {
  const strata = strataOf(base, other, binary);
  let size = 0;
  let baseUnits = 0;
  let otherUnits = 0;
  for (const { weight, base: one, other: two } of strata) {
    size += weight;
    baseUnits += one.sums.units;
    otherUnits += two.sums.units;
  }
  if (baseUnits < FEWEST || otherUnits < FEWEST) return null;
  const one = weighted(strata.map(({ weight, base: cell }) => ({ share: weight / size, cell })));
  const two = weighted(strata.map(({ weight, other: cell }) => ({ share: weight / size, cell })));
  const variance = one.variance + two.variance;
  if (!(variance > 0)) return null;
  const effect = two.mean - one.mean;
  const by = reach(size, alpha);
  const half = by * Math.sqrt(variance);
  return {
    effect,
    baseMean: one.mean,
    otherMean: two.mean,
    baseVariance: one.variance,
    otherVariance: two.variance,
    size,
    units: baseUnits + otherUnits,
    interval: { low: effect - half, high: effect + half },
    relative: fieller(one, two, by),
  };
}

/** The interval of one arm's mean over periods that count by `shares` (which add up to 1). */
export function meanInterval(
  periods: readonly Sums[],
  shares: readonly number[],
  alpha: number,
  binary: boolean,
): { mean: number; interval: Interval | null } | null {
  const pooled = spread(periods, binary);
  const cells = periods.flatMap((sums, at) =>
    sums.n > 0 ? [{ share: shares[at] as number, cell: cellOf(sums, pooled, binary) }] : [],
  );
  const units = periods.reduce((sum, each) => sum + each.units, 0);
  if (cells.length === 0) return null;
  const { mean, variance } = weighted(cells);
  if (units < FEWEST || !(variance > 0)) return { mean, interval: null };
  // A single arm's size is half that of a comparison with as many again.
  const half = reach(units / 2, alpha) * Math.sqrt(variance);
  return { mean, interval: { low: mean - half, high: mean + half } };
}

/** Periods in which both arms have units. */
function strataOf(base: readonly Sums[], other: readonly Sums[], binary: boolean): Stratum[] {
  const both = base.flatMap((one, at) => {
    const two = other[at] as Sums;
    return one.n > 0 && two.n > 0 ? [{ one, two }] : [];
  });
  const all = both.flatMap(({ one, two }) => [one, two]);
  const least = spread(all, binary) / FEWEST;
  const spreadOf = (sums: readonly Sums[]) => Math.max(spread(sums, binary), least);
  const baseSpread = spreadOf(both.map(({ one }) => one));
  const otherSpread = spreadOf(both.map(({ two }) => two));
  return both.map(({ one, two }) => ({
    weight: (one.units * two.units) / (one.units + two.units),
    base: cellOf(one, baseSpread, binary),
    other: cellOf(two, otherSpread, binary),
  }));
}

/** A unit's variance within periods, over all of them. */
function spread(periods: readonly Sums[], binary: boolean): number {
  let squares = 0;
  let degrees = 0;
  for (const sums of periods) {
    const variance = unitVariance(sums);
    if (variance === null) continue;
    squares += variance * (sums.units - 1);
    degrees += sums.units - 1;
  }
  const found = degrees > 0 ? squares / degrees : 0;
  if (!binary) return found;
  const n = periods.reduce((sum, each) => sum + each.n, 0);
  const y = periods.reduce((sum, each) => sum + each.y, 0);
  return Math.max(found, atLeast(y, n));
}

/** The variance of the mean. One more unit of the usual spread keeps a lucky run of equal values from looking certain. */
function cellOf(sums: Sums, usual: number, binary: boolean): Cell {
  const own = sums.units >= OWN_VARIANCE ? unitVariance(sums) : null;
  let perUnit = own === null ? usual : own + usual / sums.units;
  if (binary) perUnit = Math.max(perUnit, atLeast(sums.y, sums.n) / (sums.n / sums.units));
  return { sums, variance: perUnit / sums.units };
}

/** Of 0 and 1, with one of each added (Agresti & Caffo 2000): never 0. */
function atLeast(y: number, n: number): number {
  const share = (y + 1) / (n + 2);
  return share * (1 - share);
}

/**
 * Weighted mean and its variance. A unit that comes back in a later period ties the two together: cells whose
 * units are known from before count as correlated as they could be, for the share of such units.
 */
function weighted(cells: readonly { share: number; cell: Cell }[]): { mean: number; variance: number } {
  let mean = 0;
  let variance = 0;
  let before = 0;
  for (const { share, cell } of cells) {
    const { sums } = cell;
    const deviation = share * Math.sqrt(cell.variance);
    mean += share * (sums.y / sums.n);
    variance += deviation * deviation + 2 * before * deviation * Math.sqrt(sums.back / sums.units);
    before += deviation;
  }
  return { mean, variance };
}

/** Fieller's interval of the ratio of two means (Fieller 1954), less 1, `by` standard errors wide. */
function fieller(
  base: { mean: number; variance: number },
  other: { mean: number; variance: number },
  by: number,
): Interval | null {
  const a = base.mean ** 2 - by * by * base.variance;
  if (a <= 0) return null;
  const b = base.mean * other.mean;
  const c = other.mean ** 2 - by * by * other.variance;
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  return { low: (b - root) / a - 1, high: (b + root) / a - 1 };
}

/** Units in each of two equal arms after which a difference of `delta` is seen with 80 % power, however often one looks. */
export function unitsNeeded(variance: number, delta: number, alpha: number): number {
  const enough = (perArm: number): boolean =>
    (reach(perArm / 2, alpha) + POWER_80) * Math.sqrt((2 * variance) / perArm) <= delta;
  let high = FEWEST;
  while (!enough(high) && high < MOST_UNITS) high *= 2;
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high);
}

/** 0.8 quantile of the normal distribution. */
const POWER_80 = 0.841_621_233_572_914;
const MOST_UNITS = 1e12;

/** Kohavi's rule for one look at a set time, 5 % and 80 % (van Belle 2008, eq. 2.1). */
export const unitsForOneLook = (variance: number, delta: number): number =>
  Math.ceil((16 * variance) / (delta * delta));
