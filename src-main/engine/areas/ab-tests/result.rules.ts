/** From a test's sums to what is shown of it. Pure. */
import type {
  AbArm,
  AbEffect,
  AbLatency,
  AbMetric,
  AbNeed,
  AbRatio,
  AbSeries,
} from '../../../contract/ab-tests.ts';
import { createHistogram } from '../../../platform/histogram.ts';
import type { StoredSum } from './ab-tests.store.ts';
import { addSums, emptySums, type Sums, unitVariance } from './moments.rules.ts';
import { ratioTest } from './ratio.rules.ts';
import { difference, FEWEST, meanInterval, unitsForOneLook, unitsNeeded } from './sequence.rules.ts';
import { slotEnd, type Test } from './tests.rules.ts';
import { isShare } from './verdict.rules.ts';

const ALPHA = 0.05;
export const CONFIDENCE = 1 - ALPHA;

/** Sums by arm, one for each period of the test. */
export type ByArm = ReadonlyMap<string, Sums[]>;

/** Periods by their place in the test. */
function grid(test: Test) {
  const places = new Map(test.periods.map(({ revision }, at) => [revision, at]));
  const arms = new Map(test.arms.map(({ key }) => [key, test.periods.map(emptySums)]));
  return {
    arms,
    add(row: StoredSum): void {
      const at = places.get(row.period);
      const sums = at === undefined ? undefined : arms.get(row.arm)?.[at];
      if (sums) addSums(sums, row);
    },
  };
}

export function byArm(test: Test, rows: readonly StoredSum[]): ByArm {
  const { arms, add } = grid(test);
  for (const row of rows) add(row);
  return arms;
}

const totalOf = (periods: readonly Sums[]): Sums => periods.reduce(addSums, emptySums());

/** Arms that are compared share the error: 5 % for all together (Bonferroni). */
const alphaOf = (test: Test): number => ALPHA / Math.max(1, test.arms.length - 1);

export function ratioOf(test: Test, traffic: ByArm): AbRatio | null {
  const found = ratioTest(
    test.periods.map((period, at) => ({
      weights: test.arms.map(({ key }) => period.arms.find((arm) => arm.key === key)?.weight ?? 0),
      // A unit that an earlier period met did not come to its arm by this one's weights.
      units: test.arms.map(({ key }) => {
        const { units, back } = traffic.get(key)?.[at] ?? emptySums();
        return units - back;
      }),
    })),
  );
  if (!found) return null;
  const { expected, observed, ...rest } = found;
  return {
    ...rest,
    arms: test.arms.map(({ key }, at) => ({
      key,
      expected: expected[at] as number,
      observed: observed[at] as number,
    })),
  };
}

export function armsOf(
  test: Test,
  baseline: string,
  metric: AbMetric,
  values: ByArm,
  traffic: ByArm,
  latencies: (arm: string) => { latency: AbLatency | null; compute: AbLatency | null },
): AbArm[] {
  const totals = test.periods.map((_, at) =>
    test.arms.reduce((sum, { key }) => sum + (values.get(key)?.[at]?.units ?? 0), 0),
  );
  const weights = test.periods.at(-1)?.arms ?? [];
  return test.arms.map(({ key, version }) => {
    const periods = values.get(key) ?? [];
    const all = totalOf(periods);
    const seen = totalOf(traffic.get(key) ?? []);
    // Periods in which the arm has values, by the units that all arms have in them.
    const mine = totals.map((total, at) => ((periods[at]?.n ?? 0) > 0 ? total : 0));
    const sum = mine.reduce((left, right) => left + right, 0);
    const shares = mine.map((total) => (sum > 0 ? total / sum : 0));
    const found = meanInterval(periods, shares, ALPHA, isShare(metric));
    const variance = unitVariance(all);
    return {
      key,
      version,
      weight: weights.find((arm) => arm.key === key)?.weight ?? 0,
      baseline: key === baseline,
      units: seen.units - seen.back,
      rows: seen.n,
      n: all.n,
      coverage: metric === 'error-rate' || seen.n === 0 ? null : Math.min(1, all.n / seen.n),
      mean: found?.mean ?? null,
      sd: variance === null ? null : Math.sqrt(variance),
      low: found?.interval?.low ?? null,
      high: found?.interval?.high ?? null,
      ...latencies(key),
    };
  });
}

export function effectsOf(test: Test, baseline: string, metric: AbMetric, values: ByArm): AbEffect[] {
  const base = values.get(baseline) ?? [];
  return test.arms
    .filter(({ key }) => key !== baseline)
    .map(({ key }) => {
      const other = values.get(key) ?? [];
      const found = difference(base, other, alphaOf(test), isShare(metric));
      const all = totalOf(base).units + totalOf(other).units;
      if (!found)
        return {
          ...{ arm: key, effect: null, low: null, high: null },
          ...{ relative: null, relativeLow: null, relativeHigh: null, units: 0, used: null },
        };
      const { effect, interval, relative, baseMean, units } = found;
      return {
        arm: key,
        effect,
        ...interval,
        relative: relative && effect / baseMean,
        relativeLow: relative?.low ?? null,
        relativeHigh: relative?.high ?? null,
        units,
        used: all > 0 ? units / all : null,
      };
    });
}

/** How many units are needed, and how long that takes at the pace of the test. */
export function needOf(test: Test, values: ByArm, minEffect: number | null, nowMs: number): AbNeed | null {
  if (minEffect === null) return null;
  const current = test.periods.at(-1)?.arms ?? [];
  const active = test.arms.filter(({ key }) => current.some((arm) => arm.key === key && arm.weight > 0));
  const totals = (active.length > 1 ? active : test.arms).map(({ key }) => totalOf(values.get(key) ?? []));
  const variances = totals.flatMap((sums) => unitVariance(sums) ?? []);
  if (variances.length === 0) return null;
  const variance = variances.reduce((sum, each) => sum + each, 0) / variances.length;
  const perArm = Math.max(FEWEST, unitsForOneLook(variance, minEffect));
  const perArmSequential = Math.max(FEWEST, unitsNeeded(variance, minEffect, alphaOf(test)));
  const collected = Math.min(...totals.map(({ units }) => units));
  const remaining = Math.max(0, perArmSequential - collected);
  const lastedMs = nowMs - test.startedMs;
  const paced = test.endedMs === null && collected > 0 && lastedMs > 0;
  const remainingMs = paced ? Math.round((remaining / collected) * lastedMs) : null;
  return { ...{ minEffect, perArm, perArmSequential, collected, remaining }, remainingMs };
}

/** The intervals after each slot of the test's time in which something came. */
export function seriesOf(
  test: Test,
  baseline: string,
  metric: AbMetric,
  rows: readonly StoredSum[],
): AbSeries {
  const { arms, add } = grid(test);
  const series: AbSeries = test.arms
    .filter(({ key }) => key !== baseline)
    .map(({ key }) => ({ arm: key, points: [] }));
  const look = (slot: number) => {
    for (const { arm, points } of series) {
      const found = difference(arms.get(baseline) ?? [], arms.get(arm) ?? [], alphaOf(test), isShare(metric));
      if (!found) continue;
      const { effect, interval, units } = found;
      points.push({ atMs: Math.round(test.startedMs + slotEnd(slot)), units, effect, ...interval });
    }
  };
  // Before the first reward a rate of rewards says nothing, however many rows there are.
  let begun = metric !== 'reward-rate';
  for (const [at, row] of rows.entries()) {
    add(row);
    begun ||= row.y > 0;
    if (begun && rows[at + 1]?.slot !== row.slot) look(row.slot);
  }
  return series;
}

/** What a careful reader should know. */
export function notesOf(test: Test, metric: AbMetric, arms: readonly AbArm[], traffic: ByArm): string[] {
  const notes: string[] = [];
  const all = totalOf([...traffic.values()].flat());
  if (metric === 'error-rate')
    notes.push(
      'Requests are taken to be independent. Those that a tester sent to a chosen arm are among them.',
    );
  else if (all.nn <= all.n) notes.push('Each row is a unit of its own: no unit was seen twice.');
  else notes.push('Rows of the same unit are added up first: units are independent, rows need not be.');
  if (metric === 'reward-rate')
    notes.push(
      'A row without feedback counts as one without reward; while feedback is still on its way, every arm is short of it.',
    );
  if (test.periods.length > 1)
    notes.push(
      `The weights changed ${test.periods.length - 1} times: arms are compared within each of the ${test.periods.length} periods, so the effect need not be the difference of the means shown.`,
    );
  if (all.back > 0)
    notes.push(
      `${Math.round((100 * all.back) / Math.max(1, all.units))} % of the units came back after the weights had changed: intervals are wider for it.`,
    );
  if (test.arms.length > 2)
    notes.push(`${test.arms.length - 1} arms are compared with one: the 5 % of error are for all together.`);
  const covered = arms.flatMap(({ coverage, rows }) => (coverage === null || rows < 100 ? [] : [coverage]));
  if (covered.length > 1 && Math.max(...covered) > 1.2 * Math.min(...covered) && metric !== 'reward-rate')
    notes.push(
      'Arms have values for different shares of their rows: what is missing may not be like what is there.',
    );
  return notes;
}

export function latencyView(packed: readonly number[]): AbLatency | null {
  const times = createHistogram();
  times.merge(packed);
  const rows = times.count();
  if (rows === 0) return null;
  const at = (share: number) => times.quantile(share) as number;
  return { rows, meanMs: times.sumMs() / rows, p50Ms: at(0.5), p95Ms: at(0.95) };
}
