/**
 * What a canary's controller sees of a step and makes of it. Pure: the same seconds give the same verdicts.
 *
 * Error rate: both arms' rates since the step began are Beta(1 + errors, 1 + answered); it is broken when
 * P(candidate's > champion's + margin) is over the plan's confidence. Latency: the p99 over a window's batches of
 * the time in the model per row, the champion's scaled to the candidate's batch sizes by its measured line
 * b + a·n: an arm with little traffic runs small batches, which cost more per row and say nothing against it.
 */
import type {
  Arm,
  CanaryFigures,
  CanaryPlan,
  CanaryState,
  Verdict,
} from '../../../contract/serving-route.ts';
import { createHistogram, type Histogram } from '../../../platform/histogram.ts';
import type { ArmCounters, ModelEstimate } from '../../../platform/link.ts';
import { probabilityHigher } from './beta.rules.ts';
import { type Move, next, rolledBack } from './canary.rules.ts';

/** With fewer there is nothing to say. */
const MIN_REQUESTS = 20;
const MIN_BATCHES = 20;
/** From here on a guardrail holds the ramp back, though it does not end it. */
const WARNING = 0.9;

type Counts = { requests: number; errors: number };
type Window = { batches: number; batchRows: number; rowTimes: Histogram };
export type Watched = { counts: Counts; window: Window };

/** One step of one canary. */
export type Watch = {
  champion: Watched;
  candidate: Watched;
  windowFromMs: number;
  /** Windows in a row in which the candidate was too slow. */
  slow: number;
};

/** Counts go on where the figures that were kept left off; of another step they are the past. */
export function beginWatch(plan: CanaryPlan, state: CanaryState, nowMs: number): Watch {
  const kept = state.figures?.step === state.step ? state.figures : null;
  const watched = (counts: Counts | undefined): Watched => ({
    counts: { requests: counts?.requests ?? 0, errors: counts?.errors ?? 0 },
    window: emptyWindow(),
  });
  return {
    champion: watched(kept?.champion),
    candidate: watched(kept?.candidate),
    // The first window begins with the step; one that the engine slept through is not judged.
    windowFromMs: nowMs - state.sinceMs < plan.windowSeconds * 1000 ? state.sinceMs : nowMs,
    slow: 0,
  };
}

const emptyWindow = (): Window => ({ batches: 0, batchRows: 0, rowTimes: createHistogram() });

export function newWindow(watch: Watch, nowMs: number): void {
  watch.windowFromMs = nowMs;
  watch.champion.window = emptyWindow();
  watch.candidate.window = emptyWindow();
}

/** One arm's second. What overload turned away never met the version: it is no error of its own. */
export function addSecond({ counts, window }: Watched, second: ArmCounters): void {
  const { queueFull, late, expired } = second.refused;
  const errors = second.errors - (queueFull + late + expired);
  counts.requests += second.requests + errors;
  counts.errors += errors;
  window.batches += second.batches;
  window.batchRows += second.batchRows;
  window.rowTimes.merge(second.rowTimes);
}

export type ArmsOf = { champion: Arm; candidate: Arm };

/** The figures of the window that ends now. */
export function judge(
  watch: Watch,
  plan: CanaryPlan,
  state: CanaryState,
  arms: ArmsOf,
  champion: ModelEstimate | null,
  nowMs: number,
): CanaryFigures {
  const figures = (arm: Arm, { counts, window }: Watched) => ({
    key: arm.key,
    version: arm.version,
    ...counts,
    p99RowMs: window.rowTimes.quantile(0.99),
  });
  const own = figures(arms.champion, watch.champion);
  // With the last steps the champion has little traffic or none: what it did before is what there is.
  const before = state.figures?.champion;
  const few =
    before?.version === own.version && own.requests < MIN_REQUESTS && before.requests > own.requests;
  const compared = few ? { ...own, requests: before.requests, errors: before.errors } : own;
  const candidate = figures(arms.candidate, watch.candidate);
  const verdicts: Verdict[] = [];
  if (plan.guardrails.errorRate) verdicts.push(errorVerdict(plan.guardrails.errorRate, candidate, compared));
  if (plan.guardrails.latency) verdicts.push(latencyVerdict(plan.guardrails.latency, watch, champion));
  return {
    kind: 'canary',
    step: state.step,
    share: plan.steps[state.step] ?? 0,
    sinceMs: state.sinceMs,
    atMs: nowMs,
    champion: compared,
    candidate,
    verdicts,
  };
}

function errorVerdict(
  { margin, confidence }: NonNullable<CanaryPlan['guardrails']['errorRate']>,
  candidate: Counts,
  champion: Counts,
): Verdict {
  const rate = ({ errors, requests }: Counts) =>
    `${requests === 0 ? 'nothing' : percent(errors / requests)} of ${requests}`;
  const seen = `errors: candidate ${rate(candidate)}, champion ${rate(champion)}`;
  if (candidate.requests < MIN_REQUESTS)
    return { guardrail: 'error-rate', state: 'unknown', text: `${seen}; too few to say` };
  const trials = ({ errors, requests }: Counts) => ({ happened: errors, of: requests });
  const p = probabilityHigher(trials(candidate), trials(champion), margin);
  const state = p > confidence ? 'broken' : p > WARNING ? 'warning' : 'quiet';
  const text = `${seen}; P(higher by more than ${percent(margin)}) = ${percent(p)}, allowed ${percent(confidence)}`;
  return { guardrail: 'error-rate', state, text };
}

function latencyVerdict(
  { ratio, windows }: NonNullable<CanaryPlan['guardrails']['latency']>,
  watch: Watch,
  estimate: ModelEstimate | null,
): Verdict {
  const { champion, candidate } = { champion: watch.champion.window, candidate: watch.candidate.window };
  const own = candidate.rowTimes.quantile(0.99);
  const other = champion.rowTimes.quantile(0.99);
  if (own === null || other === null || Math.min(candidate.batches, champion.batches) < MIN_BATCHES) {
    const text = `p99 per row: ${candidate.batches} batches of the candidate and ${champion.batches} of the champion in this window; too few to say`;
    return { guardrail: 'latency', state: 'unknown', text };
  }
  const scaled = other * batchFactor(estimate, candidate, champion);
  watch.slow = own > ratio * scaled ? watch.slow + 1 : 0;
  const state = watch.slow >= windows ? 'broken' : watch.slow > 0 ? 'warning' : 'quiet';
  const text = `p99 per row: candidate ${ms(own)}, champion ${ms(scaled)} in batches of that size: ${(own / scaled).toFixed(2)}×, allowed ${ratio}×; too slow in ${watch.slow} of ${windows} windows in a row`;
  return { guardrail: 'latency', state, text };
}

/** By how much a row costs the champion more in batches as the candidate has them. */
function batchFactor(estimate: ModelEstimate | null, candidate: Window, champion: Window): number {
  if (!estimate) return 1;
  const perRow = ({ batches, batchRows }: Window) =>
    estimate.rowMs + (estimate.baseMs * batches) / Math.max(1, batchRows);
  const at = perRow(champion);
  return at > 0 ? perRow(candidate) / at : 1;
}

export type Decision = {
  move: Move;
  /** Why, for the history; null when nothing is decided and only the state is told. */
  reason: string | null;
};

/** What follows from the figures of the window that just ended. */
export function decide(
  plan: CanaryPlan,
  before: CanaryState,
  figures: CanaryFigures,
  nowMs: number,
): Decision {
  const state = { ...before, figures };
  const broken = figures.verdicts.find((verdict) => verdict.state === 'broken');
  if (broken) {
    const reason = `Rolled back by itself: ${broken.text}.`;
    return { move: rolledBack(state, reason, nowMs), reason };
  }
  const stay = (part: Pick<CanaryState, 'status' | 'text'>): Decision => ({
    move: { state: { ...state, ...part }, share: null },
    reason: null,
  });
  const warning = figures.verdicts.find((verdict) => verdict.state === 'warning');
  if (warning) return stay({ status: 'running', text: `Held back: ${warning.text}.` });
  const { requests } = figures.candidate;
  const leftMs = state.sinceMs + plan.holdSeconds * 1000 - nowMs;
  const step = `Step ${state.step + 1} of ${plan.steps.length}, ${percent((plan.steps[state.step] ?? 0) / 10_000)} to the candidate`;
  if (leftMs > 0)
    return stay({ status: 'running', text: `${step}: ${Math.ceil(leftMs / 1000)} s to go at least.` });
  if (requests < plan.minRequests)
    return stay({ status: 'waiting', text: `${step}: ${requests} of ${plan.minRequests} requests so far.` });
  const move = next(plan, state, plan.atEnd, nowMs);
  const done = `${step}, is done: ${requests} requests, ${figures.candidate.errors} errors`;
  return { move, reason: `${done}. ${move.state.text}` };
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;
const ms = (value: number): string => `${value.toPrecision(3)} ms`;
