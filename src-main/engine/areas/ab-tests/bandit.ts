/** The bandit: after so many rewards the weights are worked out anew and applied as a change of the route. */
import type { AbBandit } from '../../../contract/ab-tests.ts';
import type { BanditFigures } from '../../../contract/serving-route.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/log.ts';
import type { EndpointRecord, ServingService } from '../serving/index.ts';
import type { AbTestsStore } from './ab-tests.store.ts';
import { type ArmRewards, banditWeights, bestProbabilities } from './bandit.rules.ts';
import { addSums, emptySums, type Sums } from './moments.rules.ts';
import type { Test } from './tests.rules.ts';

type Ports = {
  store: AbTestsStore;
  serving: Pick<ServingService, 'records' | 'reweigh'>;
  /** The test that runs on an endpoint; null when none does. */
  present(endpointId: number): Test | null;
  clock: Clock;
  log: Logger;
};

/** Not more often, however fast rewards come: each change is a period of the test. */
const EVERY_MS = 1_000;
/** Basis points by which some weight must move for a change to be worth it. */
const WORTH = 50;

type State = { since: number; rewards: number; computedMs: number | null };

export function createBandit({ store, serving, present, clock, log }: Ports) {
  /** By endpoint: rewards that the last weights were worked out from. */
  const states = new Map<number, State>();

  function figures(record: EndpointRecord, test: Test) {
    const { mode } = record;
    if (mode.kind !== 'bandit') return null;
    const total = (metric: 'reward-mean' | 'reward-rate') => {
      const byArm = new Map<string, Sums>(test.arms.map(({ key }) => [key, emptySums()]));
      for (const row of store.sums(record.id, test.since, metric)) {
        const sums = byArm.get(row.arm);
        if (sums) addSums(sums, row);
      }
      return byArm;
    };
    const rewards = total('reward-mean');
    const hits = mode.reward === 'binary' ? total('reward-rate') : null;
    const arms = record.arms.map(({ key }): ArmRewards => {
      const sums = rewards.get(key) ?? emptySums();
      const y = hits ? Math.min(sums.n, hits.get(key)?.y ?? 0) : sums.y;
      // Rewards of one unit are taken as independent here: the floor, not an interval, keeps arms alive.
      return { n: sums.n, y, yy: hits ? y : sums.yy };
    });
    const best = bestProbabilities(arms, mode.reward);
    const weights = banditWeights(best, mode.floor);
    return {
      mode,
      rewards: arms.reduce((sum, { n }) => sum + n, 0),
      arms: record.arms.map(({ key, version }, at) => {
        const { n, y } = arms[at] as ArmRewards;
        const mean = n > 0 ? y / n : null;
        return { key, version, rewards: n, mean, best: best[at] as number, weight: weights[at] as number };
      }),
    };
  }

  function stateOf(record: EndpointRecord, test: Test): State {
    const known = states.get(record.id);
    if (known?.since === test.since) return known;
    const made = { since: test.since, rewards: 0, computedMs: null };
    states.set(record.id, made);
    return made;
  }

  function consider(record: EndpointRecord): void {
    const test = record.mode.kind === 'bandit' ? present(record.id) : null;
    const found = test && figures(record, test);
    if (!test || !found) return;
    const state = stateOf(record, test);
    const nowMs = clock.now();
    const lately = state.computedMs !== null && nowMs - state.computedMs < EVERY_MS;
    if (lately || found.rewards - state.rewards < found.mode.everyRewards) return;
    Object.assign(state, { rewards: found.rewards, computedMs: nowMs });
    const moved = found.arms.some(
      ({ weight }, at) => Math.abs(weight - (record.arms[at]?.weight ?? 0)) >= WORTH,
    );
    if (!moved) return;
    const behind: BanditFigures = {
      ...{ kind: 'bandit', atMs: nowMs, rewards: found.rewards, arms: found.arms },
    };
    serving.reweigh({
      name: record.name,
      revision: record.revision,
      weights: Object.fromEntries(found.arms.map(({ key, weight }) => [key, weight])),
      actor: 'bandit',
      reason: `after ${found.rewards} rewards`,
      figures: behind,
    });
  }

  return {
    /** Rewards came, or time passed. A route that changed meanwhile is left to the next time. */
    look(): void {
      for (const record of serving.records())
        try {
          consider(record);
        } catch (thrown) {
          log.warn({ err: thrown, endpoint: record.name }, 'the bandit could not change the weights');
        }
    },
    view(record: EndpointRecord): AbBandit | null {
      const test = record.mode.kind === 'bandit' ? present(record.id) : null;
      const found = test && figures(record, test);
      if (!test || !found) return null;
      const { floor, reward, everyRewards } = found.mode;
      const state = stateOf(record, test);
      return {
        ...{ floor, reward, every: everyRewards, computedMs: state.computedMs },
        since: found.rewards - state.rewards,
        arms: found.arms.map(({ version: _version, ...arm }, at) => ({
          ...arm,
          weight: record.arms[at]?.weight ?? 0,
        })),
      };
    },
  };
}
