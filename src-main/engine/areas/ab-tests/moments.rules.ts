/**
 * Sums that a mean and its variance are computed from, over units. A unit is what was assigned to an arm: whoever
 * the client named, else the input that came. A unit may be seen often; its values are summed first, so that ten requests of
 * one person are not taken for ten persons. Adding sums merges any parts in any order.
 */

export type Sums = {
  /** Units with at least one value. */
  units: number;
  /** Of these, units that an earlier period of the test had met. */
  back: number;
  /** With N values and their total Y of each unit: ΣN, ΣY, ΣY², ΣN², ΣYN. */
  n: number;
  y: number;
  yy: number;
  nn: number;
  yn: number;
};

/** One unit's total of values and their number. */
export type UnitTotal = { y: number; n: number };

export const emptySums = (): Sums => ({ units: 0, back: 0, n: 0, y: 0, yy: 0, nn: 0, yn: 0 });

export function addSums(into: Sums, other: Sums): Sums {
  into.units += other.units;
  into.back += other.back;
  into.n += other.n;
  into.y += other.y;
  into.yy += other.yy;
  into.nn += other.nn;
  into.yn += other.yn;
  return into;
}

/** What changes when a unit's total does. `back`: an earlier period had met the unit. */
export function addChange(into: Sums, before: UnitTotal, after: UnitTotal, back: boolean): void {
  const units = Number(after.n > 0) - Number(before.n > 0);
  into.units += units;
  if (back) into.back += units;
  into.n += after.n - before.n;
  into.y += after.y - before.y;
  into.yy += after.y * after.y - before.y * before.y;
  into.nn += after.n * after.n - before.n * before.n;
  into.yn += after.y * after.n - before.y * before.n;
}

export const meanOf = ({ n, y }: Sums): number | null => (n > 0 ? y / n : null);

/** Σ(Y − RN)²: the squared distances of the units' totals from what the mean R makes of their numbers. */
export function squaresOf(sums: Sums): number {
  const { n, y, yy, nn, yn } = sums;
  if (n <= 0) return 0;
  const mean = y / n;
  // Sums of squares cancel; what is left of nothing may be slightly below it.
  return Math.max(0, yy - 2 * mean * yn + mean * mean * nn);
}

/** A unit's variance: of one value each it is the sample variance. Null with fewer than two units. */
export function unitVariance(sums: Sums): number | null {
  const { units, n } = sums;
  if (units < 2 || n <= 0) return null;
  const perUnit = n / units;
  return squaresOf(sums) / (units - 1) / (perUnit * perUnit);
}
