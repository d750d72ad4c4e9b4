/**
 * Which open alert explains another: values that are missing or of a wrong type move a feature's distribution, and a
 * dataset that drifted moves its features. What is explained is kept, and nobody is told of it. Pure.
 */
import type { SeriesRef } from '../../../contract/monitoring-series.ts';

export type Explainable = {
  id: string;
  series: SeriesRef;
  arm: string | null;
  /** It was over before it was seen; others are open. */
  was: boolean;
  windowMs: number;
  overMs: number | null;
};

const BROKEN: readonly string[] = ['missing', 'wrong-type', 'not-finite'];

/** Of alerts on one endpoint; null where nothing explains one. */
export function explain(alerts: readonly Explainable[]): Map<string, string | null> {
  return new Map(alerts.map((one) => [one.id, explainerOf(one, alerts)?.id ?? null]));
}

function explainerOf(one: Explainable, alerts: readonly Explainable[]): Explainable | undefined {
  const { series } = one;
  if (series.of !== 'drift' && series.of !== 'mean') return undefined;
  const near = alerts.filter(
    (other) =>
      other.id !== one.id && (other.arm === null || other.arm === one.arm) && explainsInTime(one, other),
  );
  return (
    near.find(
      (other) =>
        other.series.of === 'quality' &&
        other.series.feature === series.feature &&
        BROKEN.includes(other.series.measure),
    ) ?? near.find((other) => other.series.of === 'drifted-share')
  );
}

/** What is over explains nothing that goes on; what is over is explained by what there was at the time. */
function explainsInTime(one: Explainable, other: Explainable): boolean {
  if (!one.was) return !other.was;
  const end = ({ overMs }: Explainable) => overMs ?? Number.POSITIVE_INFINITY;
  return one.windowMs < end(other) && other.windowMs < end(one);
}
