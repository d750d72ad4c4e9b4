/**
 * How late labels come, and when a window's labels are in. Delays are counted in cells of 4.4 % width, so that those of
 * a year of predictions are a few hundred numbers.
 */
import { DELAY_CELLS } from './counts.rules.ts';

const PER_OCTAVE = 16;
const FIRST_MS = 1_000;
/** Delays that the p90 must stand on. */
export const FEWEST_DELAYS = 50;
const MATURE_SHARE = 0.8;

/** 0: within a second (or before its prediction, by another clock); b: up to 1,000 · 2^(b/16) ms. */
export const delayBin = (delayMs: number): number =>
  delayMs <= FIRST_MS ? 0 : Math.min(DELAY_CELLS - 1, Math.ceil(PER_OCTAVE * Math.log2(delayMs / FIRST_MS)));

/** The longest delay of the cell. */
export const delayOf = (bin: number): number => Math.round(FIRST_MS * 2 ** (bin / PER_OCTAVE));

export type Delays = {
  /** Share of the predictions that have their label after so long. */
  curve: { afterMs: number; share: number }[];
  /** Half and nine tenths of the labels that come at all have come; null before FEWEST_DELAYS of them. */
  p50Ms: number | null;
  p90Ms: number | null;
};

/** Labels by delay, and predictions without one by how old they are at least: by cell, over all windows together. */
export type Waits = { came: Float64Array; open: Float64Array };

export const noWaits = (): Waits => ({
  came: new Float64Array(DELAY_CELLS),
  open: new Float64Array(DELAY_CELLS),
});

/**
 * Kaplan and Meier's estimate (1958) of 1 − S(t): a prediction without a label counts as waiting up to its age and says
 * nothing about later.
 */
export function lateness({ came, open }: Waits): Delays {
  const total = came.reduce((sum, n) => sum + n, 0);
  let waiting = total + open.reduce((sum, n) => sum + n, 0);
  const curve: Delays['curve'] = [];
  let survival = 1;
  for (let bin = 0; bin < DELAY_CELLS; bin++) {
    const now = came[bin] as number;
    if (now > 0) {
      survival *= 1 - now / waiting;
      curve.push({ afterMs: delayOf(bin), share: 1 - survival });
    }
    waiting -= now + (open[bin] as number);
  }
  const whole = curve.at(-1)?.share ?? 0;
  const quantile = (q: number) =>
    total < FEWEST_DELAYS ? null : (curve.find(({ share }) => share >= q * whole)?.afterMs ?? null);
  return { curve, p50Ms: quantile(0.5), p90Ms: quantile(0.9) };
}

/** 80 % have come; or some have, and nine tenths of those that come at all come sooner than it is old. */
export const isMature = (
  { predictions, labelled }: { predictions: number; labelled: number },
  age: { ageMs: number; p90Ms: number | null } | null,
): boolean =>
  predictions > 0 &&
  (labelled >= MATURE_SHARE * predictions ||
    (labelled > 0 && age !== null && age.p90Ms !== null && age.ageMs >= age.p90Ms));
