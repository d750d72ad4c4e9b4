/**
 * Conditions of a slice, made into one test of a row's features. Files of the raw log are asked the same in SQL (raw-log
 * area), where a feature that came as text and as number is text: so text that is a number counts as that number here too.
 */
import type { FeatureValue } from '../../../contract/common.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import type { FeatureOf } from '../monitoring/index.ts';

type Test = (featureOf: FeatureOf) => boolean;

/** True for rows of which all conditions hold. */
export function compile(conditions: readonly SliceCondition[]): Test {
  const tests = conditions.map(testOf);
  return (featureOf) => {
    for (const test of tests) if (!test(featureOf)) return false;
    return true;
  };
}

function testOf(condition: SliceCondition): Test {
  const { feature } = condition;
  if (condition.op === 'missing') return (featureOf) => featureOf(feature) === null;
  if (condition.op === 'range') {
    const from = condition.from ?? Number.NEGATIVE_INFINITY;
    const to = condition.to ?? Number.POSITIVE_INFINITY;
    const open = condition.to === null;
    return (featureOf) => {
      const x = numberOf(featureOf(feature));
      return x !== null && x >= from && (open || x < to);
    };
  }
  const texts = new Set(condition.values.map(String));
  const numbers = new Set(condition.values.map(numberOf).filter((value) => value !== null));
  return (featureOf) => {
    const value = featureOf(feature);
    if (value === null) return false;
    if (texts.has(String(value))) return true;
    const x = typeof value === 'boolean' ? null : numberOf(value);
    return x !== null && numbers.has(x);
  };
}

/** A feature that the row does not have is missing. */
export const featuresIn =
  (features: Readonly<Record<string, FeatureValue>>): FeatureOf =>
  (name) =>
    Object.hasOwn(features, name) ? (features[name] ?? null) : null;

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/** Null for what is no number, NaN among it. */
function numberOf(value: FeatureValue): number | null {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value === 'boolean') return Number(value);
  if (value === null) return null;
  if (NUMBER.test(value)) return Number(value);
  const endless = /^\s*([-+]?)inf(?:inity)?\s*$/i.exec(value);
  return endless ? Number(`${endless[1]}Infinity`) : null;
}
