/** What a test says, in plain words. The order matters: a broken split first, then whether there is enough, then the effect. */
import type { AbEffect, AbMetric, AbNeed, AbRatio, AbVerdict } from '../../../contract/ab-tests.ts';

export type Good = 'higher' | 'lower' | 'neither';

type Facts = {
  metric: AbMetric;
  baseline: string;
  good: Good;
  minEffect: number | null;
  ratio: AbRatio | null;
  effects: readonly AbEffect[];
  /** Rewards that came, of any size. */
  rewards: number;
  /** Values in each arm. */
  values: readonly { key: string; n: number; units: number }[];
  fewest: number;
  need: AbNeed | null;
};

const WORDS: Record<AbMetric, string> = {
  accuracy: 'accuracy',
  'reward-mean': 'mean reward',
  'reward-rate': 'reward rate',
  'error-rate': 'error rate',
  'score-mean': 'mean score',
};

/** Which way is good. A score is neither: a higher one is another answer, not a better one. */
export const goodOf = (metric: AbMetric): Good =>
  metric === 'error-rate' ? 'lower' : metric === 'score-mean' ? 'neither' : 'higher';

export const isShare = (metric: AbMetric): boolean =>
  metric === 'accuracy' || metric === 'reward-rate' || metric === 'error-rate';

export function verdictOf(facts: Facts): AbVerdict {
  const { ratio, values, effects, fewest } = facts;
  if (ratio?.alarm) return mismatch(ratio);
  const say = (kind: AbVerdict['kind'], arm: string | null, title: string, text: string) => ({
    ...{ kind, arm, title, text },
  });
  const what = WORDS[facts.metric];
  if (values.every(({ n }) => n === 0) || (facts.metric === 'reward-rate' && facts.rewards === 0))
    return say('empty', null, `There is no ${what} yet.`, emptyText(facts.metric));
  const known = effects.filter(({ effect }) => effect !== null);
  if (known.length === 0) {
    const short = values.filter(({ units }) => units < fewest).map(({ key, units }) => `${key} has ${units}`);
    const why =
      short.length > 0
        ? `Each arm needs ${fewest} units with values before anything can be said; ${short.join(', ')}.`
        : 'All values so far are the same.';
    return say('few', null, 'It is too early to say anything.', `${why} Looking again costs nothing.`);
  }
  const clear = known.filter(({ low, high }) => (low as number) > 0 || (high as number) < 0);
  if (clear.length > 0) return clearVerdict(facts, clear, what);
  const { minEffect } = facts;
  if (
    minEffect !== null &&
    known.length === effects.length &&
    known.every(({ low, high }) => (low as number) > -minEffect && (high as number) < minEffect)
  )
    return say(
      'same',
      null,
      `No difference in ${what} that would matter.`,
      `${known.map((effect) => range(facts, effect)).join(' ')} That is within ±${amount(facts.metric, minEffect)}, the smallest difference you said would matter, so there is no reason to wait for more.`,
    );
  return say(
    'undecided',
    null,
    'No winner yet.',
    `${known.map((effect) => range(facts, effect)).join(' ')} ${needText(facts.metric, facts.need)}`,
  );
}

/** Among arms that differ for sure, the one that is best, or else the one that is worst. */
function clearVerdict(facts: Facts, clear: readonly AbEffect[], what: string): AbVerdict {
  const { good, baseline } = facts;
  const sign = good === 'lower' ? -1 : 1;
  const gain = (effect: AbEffect) => sign * (effect.effect as number);
  const ordered = clear.toSorted((a, b) => gain(b) - gain(a));
  const first = ordered[0] as AbEffect;
  const arm = gain(first) > 0 ? first : (ordered.at(-1) as AbEffect);
  const others = clear.length > 1 ? ` ${clear.length - 1} more differ from ${baseline}; see the table.` : '';
  const text = `${range(facts, arm)}${others}`;
  if (good === 'neither')
    return {
      ...{ kind: 'different', arm: arm.arm, text },
      title: `${arm.arm} gives a ${(arm.effect as number) > 0 ? 'higher' : 'lower'} ${what} than ${baseline}.`,
    };
  const better = gain(arm) > 0;
  return {
    ...{ kind: better ? 'better' : 'worse', arm: arm.arm, text },
    title: `${arm.arm} is ${better ? 'better' : 'worse'} than ${baseline} in ${what}.`,
  };
}

function mismatch({ arms, p }: AbRatio): AbVerdict {
  const lines = arms.map(
    ({ key, expected, observed }) =>
      `${key} got ${count(observed)} units where ${count(Math.round(expected))} were due`,
  );
  return {
    kind: 'mismatch',
    arm: null,
    title: 'The split is not what the weights say, so no result can be trusted.',
    text: `${lines.join(', ')}; by chance that happens once in ${count(Math.min(1e12, Math.round(1 / Math.max(p, 1e-12))))} tests. Look for an arm that fails or times out, a client that retries or forces arms by URL, or logging that was switched off meanwhile; then begin anew.`,
  };
}

/** "b differs from a by +0.4 points to +2.1 points (best guess +1.2 points, +3.4 % of a)." */
function range({ metric, baseline }: Facts, { arm, effect, low, high, relative }: AbEffect): string {
  const signed = (value: number) => `${value >= 0 ? '+' : '−'}${amount(metric, Math.abs(value))}`;
  const share =
    relative === null
      ? ''
      : `, ${relative >= 0 ? '+' : '−'}${round(Math.abs(relative) * 100)} % of ${baseline}`;
  return `${arm} differs from ${baseline} by ${signed(low as number)} to ${signed(high as number)} (best guess ${signed(effect as number)}${share}).`;
}

function needText(metric: AbMetric, need: AbNeed | null): string {
  if (!need) return 'Name the smallest difference that would matter to see how much more is needed.';
  if (need.remaining === 0)
    return 'By the plan there should be enough to see the smallest difference that matters; a smaller one takes longer.';
  const wait = need.remainingMs === null ? '' : `, about ${days(need.remainingMs)} at this pace`;
  return `To see a difference of ${amount(metric, need.minEffect)} it takes about ${count(need.perArmSequential)} units in each arm: ${count(need.remaining)} more${wait}.`;
}

const emptyText = (metric: AbMetric): string =>
  metric === 'accuracy'
    ? 'Send labels with POST /v2/lathe/feedback, or let the replay bring them.'
    : metric === 'reward-mean' || metric === 'reward-rate'
      ? 'Send rewards with POST /v2/lathe/feedback.'
      : 'It comes with traffic, while the endpoint logs its predictions.';

function days(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1.5) return `${Math.max(1, Math.round(hours * 60))} minutes`;
  return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}

/** Shares in percentage points. */
const amount = (metric: AbMetric, value: number): string =>
  isShare(metric) ? `${round(value * 100)} points` : round(value);
const round = (value: number): string => {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(value)));
  return value >= 1000 ? count(Math.round(value)) : String(Number(value.toFixed(Math.min(12, digits))));
};
const count = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
