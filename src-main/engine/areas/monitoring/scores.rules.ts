/**
 * Every feature's score over time from bins alone. Spans slide as in timeline.rules.ts, over the bins of all features side
 * by side.
 */
import type { FrozenMethod } from '../../../contract/monitoring-series.ts';
import { chiSquareP, jensenShannon, psi, psiWarns } from './drift.rules.ts';
import { totalOf } from './pane.rules.ts';

/** Kolmogorov–Smirnov's is taken at the grid's edges, and needs the cells. `psi-warns`: see psiWarns. */
export type BinnedMethod = Exclude<FrozenMethod, 'lathe.ks.frozen@1'> | 'psi-warns';

const METHODS: Readonly<Record<BinnedMethod, typeof psi>> = {
  'lathe.psi.frozen@1': psi,
  'lathe.js.frozen@1': jensenShannon,
  'lathe.chi2.frozen@1': chiSquareP,
  'psi-warns': psiWarns,
};

/** Of each window and feature: the rows of the span that ends with it, and their score. */
export const SCORE_FIELDS = 2;

type Window = { windowMs: number; bins: Float64Array };

/** `references`: each feature's counts by bin. `windows` rise. */
export function scoresOver(
  references: readonly Float64Array[],
  windows: readonly number[],
  spanMs: number,
  method: BinnedMethod,
) {
  const scoreOf = METHODS[method];
  const referenceNs = references.map(totalOf);
  const offsets: number[] = [];
  let all = 0;
  for (const reference of references) {
    offsets.push(all);
    all += reference.length;
  }
  const sums = new Float64Array(all);
  const current = references.map((reference, at) =>
    sums.subarray(offsets[at], (offsets[at] as number) + reference.length),
  );
  const scores = new Float64Array(windows.length * references.length * SCORE_FIELDS);
  const inSpan: Window[] = [];
  const spare: Float64Array[] = [];
  let newest: Window | null = null;
  let next = 0;

  function add(bins: Float64Array, times: 1 | -1): void {
    for (let at = 0; at < all; at++) sums[at] = (sums[at] as number) + times * (bins[at] as number);
  }

  /** Works out the scores of the span that ends with the next window. */
  function close(): void {
    const windowMs = windows[next] as number;
    while (inSpan[0] && inSpan[0].windowMs <= windowMs - spanMs) {
      const { bins } = inSpan.shift() as Window;
      add(bins, -1);
      spare.push(bins.fill(0));
    }
    let to = next * references.length * SCORE_FIELDS;
    for (let at = 0; at < current.length; at++) {
      const own = current[at] as Float64Array;
      const n = totalOf(own);
      scores[to++] = n;
      scores[to++] = scoreOf(references[at] as Float64Array, own, referenceNs[at], n);
    }
    next += 1;
  }

  function closeUntil(windowMs: number): void {
    if (newest && newest.windowMs < windowMs) {
      add(newest.bins, 1);
      newest = null;
    }
    while (next < windows.length && (windows[next] as number) < windowMs) close();
  }

  return {
    /** Where a feature's bins begin. */
    offsets: offsets as readonly number[],
    /** The bins of all features in this window, to be added to. Windows rise. */
    binsOf(windowMs: number): Float64Array {
      closeUntil(windowMs);
      if (!newest) {
        newest = { windowMs, bins: spare.pop() ?? new Float64Array(all) };
        inSpan.push(newest);
      }
      return newest.bins;
    },
    done(): Float64Array {
      closeUntil(Number.POSITIVE_INFINITY);
      return scores;
    },
  };
}
