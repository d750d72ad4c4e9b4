/** The canary's ramp: what a person may do with it, and what it does by itself. Pure. */
import type { Arm, CanaryAction, CanaryPlan, CanaryState } from '../../../contract/serving-route.ts';

const FULL = 10_000;

/** The state after it, and what the candidate's share becomes; null leaves the weights alone. */
export type Move = { state: CanaryState; share: number | null };

const ALLOWED: Record<CanaryAction, readonly CanaryState['status'][]> = {
  start: ['planned', 'rolled-back'],
  pause: ['running', 'waiting'],
  resume: ['paused'],
  advance: ['running', 'waiting', 'paused', 'held'],
  rollback: ['running', 'waiting', 'paused', 'held', 'promoted'],
};

const WHERE: Record<CanaryState['status'], string> = {
  planned: 'it was not started',
  running: 'it runs',
  waiting: 'it runs and waits for traffic',
  paused: 'it is paused',
  held: 'it is at its last step',
  promoted: 'the candidate is promoted',
  'rolled-back': 'it was rolled back',
};

/** Why the action makes no sense where the canary is; null when it does. */
export const refusal = (state: CanaryState, action: CanaryAction): string | null =>
  ALLOWED[action].includes(state.status) ? null : WHERE[state.status];

/** What a person asked for; `refusal` was asked before. */
export function act(plan: CanaryPlan, state: CanaryState, action: CanaryAction, nowMs: number): Move {
  const to = (part: Partial<CanaryState>): CanaryState => ({ ...state, sinceMs: nowMs, ...part });
  if (action === 'start') return stepTo(plan, 0, null, nowMs);
  if (action === 'pause') return { state: to({ status: 'paused', text: 'Paused by hand.' }), share: null };
  if (action === 'resume')
    return { state: to({ status: 'running', text: runningText(plan, state.step) }), share: null };
  if (action === 'rollback') return rolledBack(state, 'Rolled back by hand.', nowMs);
  return next(plan, state, 'promote', nowMs);
}

/** The step after this one, or what is to be done after the last. */
export function next(plan: CanaryPlan, state: CanaryState, atEnd: CanaryPlan['atEnd'], nowMs: number): Move {
  if (state.step + 1 < plan.steps.length) return stepTo(plan, state.step + 1, state.figures, nowMs);
  const { figures, step } = state;
  if (atEnd === 'hold') {
    const text = 'The last step is done; the plan ends here.';
    return { state: { status: 'held', step, sinceMs: nowMs, text, figures }, share: null };
  }
  const text = 'The candidate has all the traffic.';
  return { state: { status: 'promoted', step, sinceMs: nowMs, text, figures }, share: FULL };
}

export const rolledBack = ({ step, figures }: CanaryState, text: string, nowMs: number): Move => ({
  state: { status: 'rolled-back', step, sinceMs: nowMs, text, figures },
  share: 0,
});

/** The figures of the step before are kept until there are new ones: the champion's past is in them. */
function stepTo(plan: CanaryPlan, step: number, figures: CanaryState['figures'], nowMs: number): Move {
  const text = runningText(plan, step);
  return {
    state: { status: 'running', step, sinceMs: nowMs, text, figures },
    share: plan.steps[step] as number,
  };
}

const runningText = (plan: CanaryPlan, step: number): string =>
  `Step ${step + 1} of ${plan.steps.length}: ${(plan.steps[step] as number) / 100} % to the candidate.`;

/** The champion has what the candidate has not; every other arm has nothing. */
export const withShare = (arms: readonly Arm[], plan: CanaryPlan, share: number): Arm[] =>
  arms.map((arm) => ({
    ...arm,
    weight: arm.key === plan.candidate ? share : arm.key === plan.champion ? FULL - share : 0,
  }));
