/** A route in words: what a change of it does, what keeps it from being saved, what its plan will do. Pure. */
import {
  type Arm,
  type CanaryPlan,
  DEFAULT_GUARDRAILS,
  type Route,
  type RouteMode,
  type Sticky,
} from '../../../../src-main/contract/serving-route.ts';
import { formatDuration, formatPercent, plural } from '../../../lib/format.ts';
import { type Flow, flows, type Place, splitProblem, WHOLE } from './split.ts';

export const sharePercent = (basisPoints: number): string =>
  formatPercent(basisPoints / WHOLE, basisPoints % 100 === 0 ? 0 : 2);

const place = ({ key, version }: Place): string => `${key} v${version}`;

const flowText = ({ from, to, share }: Flow): string =>
  from.key === to.key
    ? `${sharePercent(share)} of units stay in ${from.key} and get v${to.version} instead of v${from.version}.`
    : `${sharePercent(share)} of units move from ${place(from)} to ${place(to)}.`;

export function stickyText(sticky: Sticky): string {
  switch (sticky.kind) {
    case 'unit':
      return 'the unit that the request names (lathe_unit, x-lathe-unit or x-user-id), else its input';
    case 'header':
      return `the header ${sticky.name}`;
    case 'cookie':
      return `the cookie ${sticky.name}`;
    case 'input':
      return 'the input itself';
  }
}

export const modeText = (mode: RouteMode): string =>
  mode.kind === 'fixed'
    ? 'fixed split'
    : mode.kind === 'canary'
      ? `canary of ${mode.candidate}: ${mode.steps.map(sharePercent).join(', ')}`
      : `bandit by ${mode.reward === 'binary' ? 'success' : 'mean reward'}`;

/** What saving `after` changes, one sentence each; empty when nothing. */
export function routeChanges(before: Route, after: Route): string[] {
  const changes = flows(before.arms, after.arms).map(flowText);
  if (JSON.stringify(before.sticky) !== JSON.stringify(after.sticky))
    changes.push(`Units are known by ${stickyText(after.sticky)} from then on: most are dealt out anew.`);
  const keys = (arms: readonly Arm[]) => arms.map(({ key, version }) => `${key} ${version}`).join();
  if (changes.length === 0 && keys(before.arms) !== keys(after.arms))
    changes.push('No unit moves: the arms that come and go have no traffic.');
  if (JSON.stringify(before.mode) !== JSON.stringify(after.mode))
    changes.push(modeChange(before.mode, after.mode));
  else if (after.mode.kind === 'canary' && JSON.stringify(before.arms) !== JSON.stringify(after.arms))
    changes.push('The canary begins anew: it waits until somebody starts it.');
  if (JSON.stringify(before.shadow) !== JSON.stringify(after.shadow))
    changes.push(
      after.shadow
        ? `Version ${after.shadow.version} gets copies of ${formatPercent(after.shadow.fraction, 0)} of the requests as a shadow; its answers go to nobody.`
        : 'The shadow stops.',
    );
  return changes;
}

function modeChange(before: RouteMode, after: RouteMode): string {
  if (after.kind === 'fixed') return `The weights stay as they are set; the ${before.kind} ends.`;
  if (after.kind === 'canary') return 'The canary waits until somebody starts it.';
  return 'The bandit moves the weights by the rewards that come in.';
}

/** Why a route cannot be saved, in words, or null; the engine has the last word. */
export function routeProblem({ arms, mode, sticky }: Route): string | null {
  const split = splitProblem(arms);
  if (split) return split;
  if ((sticky.kind === 'header' || sticky.kind === 'cookie') && sticky.name.trim() === '')
    return `Name the ${sticky.kind} that units are known by.`;
  if (mode.kind === 'canary') return canaryProblem(mode, arms);
  if (mode.kind === 'bandit') return banditProblem(mode.floor, arms);
  return null;
}

function canaryProblem(plan: CanaryPlan, arms: readonly Arm[]): string | null {
  const { champion, candidate, steps } = plan;
  if (arms.length < 2) return 'A canary needs a second arm: add one with the new version.';
  if (champion === candidate) return 'The champion and the candidate are the same arm.';
  if (![champion, candidate].every((key) => arms.some((arm) => arm.key === key)))
    return 'The canary names an arm that is not there.';
  const other = arms.find(({ key, weight }) => weight > 0 && key !== champion && key !== candidate);
  if (other) return `${other.key} has traffic, and a canary shares it between two arms.`;
  if (steps.some((step, at) => at > 0 && step <= (steps[at - 1] ?? 0)))
    return 'Each step must be larger than the one before.';
  if (plan.windowSeconds > plan.holdSeconds) return 'A window is longer than a step.';
  return null;
}

function banditProblem(floor: number, arms: readonly Arm[]): string | null {
  if (arms.length < 2) return 'A bandit needs two arms or more.';
  if (floor * arms.length > WHOLE) return `${arms.length} arms cannot keep ${sharePercent(floor)} each.`;
  const below = arms.find(({ weight }) => weight < floor);
  return below ? `${below.key} has ${sharePercent(below.weight)}, less than the floor of the bandit.` : null;
}

/** How long the ramp takes when nothing stands in its way. */
export const rampMs = ({ steps, holdSeconds }: CanaryPlan): number => steps.length * holdSeconds * 1000;

export function planText(plan: CanaryPlan): string {
  const { steps, minRequests, atEnd } = plan;
  const end = atEnd === 'promote' ? 'then everything goes to the candidate' : 'then it stays there';
  return `${plural(steps.length, 'step')}, ${formatDuration(rampMs(plan))} at least and ${plural(minRequests, 'answer')} of the candidate each, ${end}.`;
}

export const defaultCanary = (arms: readonly Arm[]): CanaryPlan => ({
  kind: 'canary',
  champion: arms[0]?.key ?? 'main',
  candidate: arms[1]?.key ?? arms[0]?.key ?? 'main',
  steps: [100, 500, 2_500, 5_000],
  holdSeconds: 600,
  minRequests: 200,
  windowSeconds: 30,
  guardrails: DEFAULT_GUARDRAILS,
  atEnd: 'promote',
});
