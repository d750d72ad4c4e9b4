/** What may be said about two arms, in plain words, and no more than the figures carry. Pure. */
import type { ArmSummary } from '../../../src-main/contract/monitoring.ts';
import { formatCount, formatFixed, formatPercent } from '../../lib/format.ts';

export type Comparison = {
  /** Second arm minus first, as a share. */
  difference: number;
  low: number;
  high: number;
};

export type Verdict = {
  kind: 'no-labels' | 'too-few' | 'ahead' | 'open';
  /** One sentence for the screen. */
  text: string;
  /** What limits it; empty when nothing does. */
  caveats: readonly string[];
  comparison: Comparison | null;
};

/** Fewer labelled rows than this in either arm, and no comparison is made. */
export const MIN_LABELLED = 100;
/** Below this labelled share the figure may still move with the labels to come. */
const MATURE_SHARE = 0.8;

/**
 * Difference of two independent proportions with a 95 % interval: Newcombe's hybrid score interval (Statistics in
 * Medicine 17, 1998, method 10), made from the Wilson intervals of both arms.
 */
export function compareArms(first: ArmSummary, second: ArmSummary): Comparison | null {
  const { accuracy: p1, accuracyLow: l1, accuracyHigh: u1 } = first;
  const { accuracy: p2, accuracyLow: l2, accuracyHigh: u2 } = second;
  if (p1 === null || l1 === null || u1 === null || p2 === null || l2 === null || u2 === null) return null;
  const difference = p2 - p1;
  return {
    difference,
    low: difference - Math.hypot(p2 - l2, u1 - p1),
    high: difference + Math.hypot(u2 - p2, p1 - l1),
  };
}

/** Says whether the second arm does better than the first. */
export function judge(first: ArmSummary, second: ArmSummary): Verdict {
  const comparison = compareArms(first, second);
  if (!comparison) {
    const waiting = [first, second].filter(({ accuracy }) => accuracy === null).map(({ arm }) => arm);
    return {
      kind: 'no-labels',
      text: `No comparison yet: no labels have come for ${waiting.join(' and ')}.`,
      caveats: [],
      comparison: null,
    };
  }
  const fewest = first.labelled <= second.labelled ? first : second;
  if (fewest.labelled < MIN_LABELLED)
    return {
      kind: 'too-few',
      text: `Too few labels to compare: ${fewest.arm} has ${formatCount(fewest.labelled)}, at least ${MIN_LABELLED} are needed in each arm.`,
      caveats: [],
      comparison: null,
    };

  const { difference, low, high } = comparison;
  const caveats = caveatsOf(first, second);
  if (low <= 0 && high >= 0)
    return {
      kind: 'open',
      text: `No difference can be told yet: ${second.arm} minus ${first.arm} is ${signed(difference)} points (95 % interval ${signed(low)} to ${signed(high)}).`,
      caveats,
      comparison,
    };
  const [ahead, by, from, to] =
    difference > 0 ? [second.arm, difference, low, high] : [first.arm, -difference, -high, -low];
  return {
    kind: 'ahead',
    text: `${ahead} is ahead by ${points(by)} points (95 % interval ${points(from)} to ${points(to)}).`,
    caveats,
    comparison,
  };
}

function caveatsOf(first: ArmSummary, second: ArmSummary): string[] {
  const caveats: string[] = [];
  const share = Math.min(
    ...[first, second].map(({ labelled, predictions }) => labelled / Math.max(1, predictions)),
  );
  if (share < MATURE_SHARE)
    caveats.push(
      `Labels are still coming: ${formatPercent(share, 0)} of the less labelled arm’s rows have one, so this may change.`,
    );
  caveats.push(
    'The interval holds for a look at a time chosen beforehand; looking again and again until it clears zero finds differences that are not there.',
  );
  return caveats;
}

/** Percentage points with one decimal; two where one would read as zero. */
function points(share: number): string {
  const value = share * 100;
  return formatFixed(value, Math.abs(value) < 0.1 ? 2 : 1);
}

const signed = (share: number): string => `${share < 0 ? '−' : '+'}${points(Math.abs(share))}`;
