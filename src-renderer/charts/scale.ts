/** From a value to a place on an axis and back: numbers, logarithms, and names side by side. Pure. */
import type { Range } from './curve.ts';

export type Scale = {
  /** 0 at the low end of the range, 1 at the high end; NaN for what the axis cannot show. */
  share(value: number): number;
  value(share: number): number;
};

export function scaleOf([low, high]: Range, log: boolean): Scale {
  if (log) {
    const [from, span] = [Math.log10(low), Math.log10(high) - Math.log10(low) || 1];
    return {
      share: (value) => (value > 0 ? (Math.log10(value) - from) / span : Number.NaN),
      value: (share) => 10 ** (from + share * span),
    };
  }
  const span = high - low || 1;
  return { share: (value) => (value - low) / span, value: (share) => low + share * span };
}
