/**
 * The controller of canaries: counts what the arms do, second by second, judges every window, and moves or ends the
 * ramp. Where a ramp is lies in the database; only the present window is lost with the engine. Without a gateway
 * there are no figures, so nothing moves.
 */
import type { ErrorReport } from '../../../contract/errors.ts';
import type { Arm, CanaryFigures, CanaryPlan, CanaryState } from '../../../contract/serving-route.ts';
import type { Clock } from '../../../platform/clock.ts';
import { type Move, rolledBack } from './canary.rules.ts';
import {
  type ArmsOf,
  addSecond,
  beginWatch,
  type Decision,
  decide,
  judge,
  newWindow,
  type Watch,
} from './canary-watch.rules.ts';
import { type EndpointRecord, type GatewayStats, modelKey } from './serving.rules.ts';

type Ports = {
  clock: Pick<Clock, 'now'>;
  records(): readonly EndpointRecord[];
  /** A gateway tells of what it serves. */
  connected(): boolean;
  /** Why a version cannot be loaded; null for one that is loaded or on its way. */
  failure(record: EndpointRecord, version: string): ErrorReport | null;
  /** Saves a decision with the figures it was taken on. May throw; it is taken again then. */
  decided(record: EndpointRecord, move: Move, reason: string, figures: CanaryFigures | null): void;
  /** Saves what is new of the state, without a revision. */
  observed(record: EndpointRecord, state: CanaryState): void;
};

/** What the gateway's figures are of, up to the moment that they name. */
const SECOND_MS = 1_000;

type Kept = { key: string; watch: Watch };

export type Canaries = {
  take(stats: GatewayStats): void;
  /** Once a second. */
  tick(): void;
};

export function createCanaries(ports: Ports): Canaries {
  const kept = new Map<number, Kept>();
  let estimates: GatewayStats['estimates'] = {};

  /** Canaries under way, each with its watch: a new one for every step. */
  function* underWay(): Generator<{
    record: EndpointRecord;
    plan: CanaryPlan;
    state: CanaryState;
    watch: Watch;
    arms: ArmsOf;
  }> {
    for (const record of ports.records()) {
      const { mode, canary: state, enabled, id } = record;
      const runs = state?.status === 'running' || state?.status === 'waiting';
      const arms = mode.kind === 'canary' && runs && enabled ? armsOf(record.arms, mode) : null;
      if (mode.kind !== 'canary' || !state || !arms) {
        kept.delete(id);
        continue;
      }
      const key = `${state.step} ${state.sinceMs} ${arms.champion.version} ${arms.candidate.version}`;
      let found = kept.get(id);
      if (found?.key !== key) {
        found = { key, watch: beginWatch(mode, state, ports.clock.now()) };
        kept.set(id, found);
      }
      yield { record, plan: mode, state, watch: found.watch, arms };
    }
  }

  return {
    take(stats) {
      estimates = stats.estimates;
      for (const { record, state, watch, arms } of underWay()) {
        // What failed in the moment before a step began, as the last try did, is nothing of this one.
        if (stats.atMs - SECOND_MS < state.sinceMs) continue;
        for (const second of stats.arms) {
          if (second.endpoint !== record.name) continue;
          for (const role of ['champion', 'candidate'] as const)
            if (second.arm === arms[role].key && second.version === arms[role].version)
              addSecond(watch[role], second);
        }
      }
    },
    tick() {
      const nowMs = ports.clock.now();
      const present = new Set(ports.records().map(({ id }) => id));
      for (const id of kept.keys()) if (!present.has(id)) kept.delete(id);
      for (const { record, plan, state, watch, arms } of [...underWay()]) {
        if (!ports.connected()) {
          newWindow(watch, nowMs);
          const text = 'There is no gateway to tell how it goes.';
          if (state.status !== 'waiting') ports.observed(record, { ...state, status: 'waiting', text });
          continue;
        }
        const failure = ports.failure(record, arms.candidate.version);
        if (failure) {
          const reason = `Rolled back by itself: version ${arms.candidate.version} cannot be loaded. ${failure.cause}`;
          ports.decided(record, rolledBack(state, reason, nowMs), reason, state.figures);
          continue;
        }
        if (nowMs - watch.windowFromMs < plan.windowSeconds * 1000) continue;
        const champion = estimates[modelKey(record.model, arms.champion.version)] ?? null;
        const figures = judge(watch, plan, state, arms, champion, nowMs);
        settle(record, decide(plan, state, figures, nowMs), figures);
        newWindow(watch, nowMs);
      }
    },
  };

  function settle(record: EndpointRecord, { move, reason }: Decision, figures: CanaryFigures): void {
    if (reason === null) ports.observed(record, move.state);
    else ports.decided(record, move, reason, figures);
  }
}

function armsOf(arms: readonly Arm[], plan: CanaryPlan): ArmsOf | null {
  const champion = arms.find(({ key }) => key === plan.champion);
  const candidate = arms.find(({ key }) => key === plan.candidate);
  return champion && candidate ? { champion, candidate } : null;
}
