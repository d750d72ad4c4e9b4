/**
 * Which open alert explains another: values that are missing or of a wrong type move a feature's distribution, and a
 * dataset that drifted moves its features. What is explained is kept, and nobody is told of it. Pure.
 */
import type { SeriesRef } from '../../../contract/monitoring-series.ts';

export type Explainable = { id: string; series: SeriesRef; arm: string | null };

const BROKEN: readonly string[] = ['missing', 'wrong-type', 'not-finite'];

/** Of alerts that are open on one endpoint; null where nothing explains one. */
export function explain(open: readonly Explainable[]): Map<string, string | null> {
  return new Map(open.map((one) => [one.id, explainerOf(one, open)?.id ?? null]));
}

function explainerOf(one: Explainable, open: readonly Explainable[]): Explainable | undefined {
  const { series } = one;
  if (series.of !== 'drift' && series.of !== 'mean') return undefined;
  const near = open.filter(({ id, arm }) => id !== one.id && (arm === null || arm === one.arm));
  return (
    near.find(
      (other) =>
        other.series.of === 'quality' &&
        other.series.feature === series.feature &&
        BROKEN.includes(other.series.measure),
    ) ?? near.find((other) => other.series.of === 'drifted-share')
  );
}
