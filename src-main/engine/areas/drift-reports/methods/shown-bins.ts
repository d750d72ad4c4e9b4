/** Bins for a picture of one column: those that its distances are taken over, few enough to be drawn. */
import type { Binned } from './bins.ts';

export type ShownBin = {
  label: string;
  /** Null of a category. */
  lower: number | null;
  upper: number | null;
  /** Shares of either side. */
  reference: number;
  current: number;
};

/**
 * Of values, the `most` that are commonest on both sides together keep a bin, in their own order, and the others share the
 * last one. Bins between edges are never many.
 */
export function shownBins(bins: Binned, most = 30): ShownBin[] {
  const share = (at: number) => ({
    reference: (bins.reference[at] as number) / bins.referenceN,
    current: (bins.current[at] as number) / bins.currentN,
  });
  if (bins.by === 'edges')
    return Array.from(bins.reference, (_, at) => {
      const lower = bins.edges[at] as number;
      const upper = bins.edges[at + 1] as number;
      return { label: `${short(lower)} – ${short(upper)}`, lower, upper, ...share(at) };
    });
  const { values } = bins;
  const own = (at: number): ShownBin => {
    const value = values[at] as string | number;
    const label = value === '' ? '(empty)' : typeof value === 'number' ? short(value) : value;
    return { label, lower: null, upper: null, ...share(at) };
  };
  if (values.length <= most) return values.map((_, at) => own(at));
  const weight = (at: number) => share(at).reference + share(at).current;
  const order = values.map((_, at) => at).sort((one, two) => weight(two) - weight(one) || one - two);
  const kept = order.slice(0, most - 1).sort((one, two) => one - two);
  const rest = { reference: 0, current: 0 };
  for (const at of order.slice(most - 1)) {
    rest.reference += share(at).reference;
    rest.current += share(at).current;
  }
  const others = `${order.length - kept.length} others`;
  return [...kept.map(own), { label: others, lower: null, upper: null, ...rest }];
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
