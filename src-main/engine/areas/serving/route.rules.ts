/** What a route must be before it is saved. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { LatheError } from '../../../contract/errors.ts';
import type { Arm, CanaryPlan, CanaryState, Route } from '../../../contract/serving-route.ts';
import { checkedArms, checkSameInputs, type FoundVersion } from './serving.rules.ts';

const FULL = 10_000;

/**
 * The route as it is saved. Throws LATHE_SERVING_SPLIT_INVALID for arms, LATHE_SERVING_ROUTE_INVALID for the rest,
 * LATHE_MODELS_NOT_SERVABLE for a version without a file to serve.
 */
export function checkedRoute(
  model: string,
  route: Route,
  find: (version: string) => FoundVersion | null,
): Route {
  const arms = checkedArms(route.arms, (version) => find(version) !== null);
  const { shadow, mode } = route;
  if (shadow && !find(shadow.version))
    refuse(`the shadow names version ${shadow.version}, which does not exist`);
  const versions = [...arms, ...(shadow ? [shadow] : [])].flatMap(({ version }) => {
    const found = find(version);
    if (found && found.sha256 === null)
      throw new LatheError('LATHE_MODELS_NOT_SERVABLE', {
        model,
        version,
        reason: found.notServable ?? 'it has no ONNX file',
      });
    return found ? [[version, found] as const] : [];
  });
  checkSameInputs(new Map(versions));
  if (mode.kind === 'canary') checkCanary(mode, arms);
  if (mode.kind === 'bandit') {
    if (arms.length < 2) refuse('a bandit needs two arms or more');
    if (mode.floor * arms.length > FULL)
      refuse(`${arms.length} arms cannot keep ${mode.floor / 100} % each for exploration`);
    const below = arms.find(({ weight }) => weight < mode.floor);
    if (below) refuse(`arm ${below.key} has ${below.weight / 100} %, less than the floor of the bandit`);
  }
  return { ...route, arms };
}

function checkCanary(plan: CanaryPlan, arms: readonly Arm[]): void {
  const { champion, candidate, steps } = plan;
  if (champion === candidate) refuse('the champion and the candidate of the canary are the same arm');
  for (const key of [champion, candidate])
    if (!arms.some((arm) => arm.key === key)) refuse(`the canary names the arm ${key}, which does not exist`);
  const other = arms.find(({ key, weight }) => weight > 0 && key !== champion && key !== candidate);
  if (other) refuse(`arm ${other.key} has traffic, and a canary shares it between two arms`);
  if (steps.some((step, at) => at > 0 && step <= (steps[at - 1] as number)))
    refuse('the steps of the canary do not rise');
  if (plan.windowSeconds > plan.holdSeconds) refuse('a window of the canary is longer than a step');
}

function refuse(reason: string): never {
  throw new LatheError('LATHE_SERVING_ROUTE_INVALID', { reason });
}

/** Where the canary of a newly saved route is: where it was, if nothing of it changed. */
export function canaryAfter(
  before: (Route & { canary: CanaryState | null }) | null,
  after: Route,
  nowMs: number,
): CanaryState | null {
  if (after.mode.kind !== 'canary') return null;
  const same =
    before && isDeepStrictEqual(before.mode, after.mode) && isDeepStrictEqual(before.arms, after.arms);
  if (same && before.canary) return before.canary;
  return { status: 'planned', step: 0, sinceMs: nowMs, text: 'It was not started yet.', figures: null };
}
