/** What one label says of one prediction. */
import { delayBin } from './delays.rules.ts';
import { scoreBin } from './ranks.rules.ts';

/** How a version's outputs are read (contract/models.ts PredictionSpec). */
export type Decision = { task: 'binary' | 'regression' | 'other'; threshold: number };
/** Of an unknown version. */
export const NO_DECISION: Decision = { task: 'other', threshold: 0.5 };
export const decisionOf = (prediction: { task: string; threshold: number }): Decision => ({
  task:
    prediction.task === 'binary-classification'
      ? 'binary'
      : prediction.task === 'regression'
        ? 'regression'
        : 'other',
  threshold: prediction.threshold,
});

export type Predicted = { label: string | null; score: number | null };

/** What one label adds to its cohorts. */
export type LabelEffect = {
  byEntity: boolean;
  /** Whether the prediction was right; null when that cannot be said. */
  right: boolean | null;
  cell: 'tp' | 'fp' | 'fn' | 'tn' | null;
  /** Of binary models: the true class, and the cell of the score. */
  actual: boolean | null;
  scoreBin: number | null;
  logLoss: number | null;
  brier: number | null;
  delayBin: number | null;
  /** Of regression: prediction − truth, and the truth. */
  error: { e: number; y: number } | null;
};

/** Null for what is no probability: it is not in the histogram. */
export const binOf = (score: number | null): number | null =>
  score !== null && score >= 0 && score <= 1 ? scoreBin(score) : null;

/** Scores are kept this far from 0 and 1, or one sure mistake would make the log-loss infinite. */
const CLIP = 1e-7;
/** Larger numbers are no measurements, and their fourth powers would not fit. */
const LARGEST = 1e75;

/** "true", "1" and "1.0" are the positive class, "false", "0" and "0.0" the negative one; others are neither. */
export function asBinary(label: string): boolean | null {
  const text = label.trim().toLowerCase();
  if (text === '1' || text === 'true' || text === '1.0') return true;
  if (text === '0' || text === 'false' || text === '0.0') return false;
  return null;
}

function asNumber(label: string): number | null {
  const value = label.trim() === '' ? Number.NaN : Number(label);
  return Math.abs(value) <= LARGEST ? value : null;
}

/** Why the label cannot be one of this prediction; null when it can. */
export function labelProblem(decision: Decision, predicted: Predicted, label: string): string | null {
  if (decision.task === 'regression' && asNumber(label) === null)
    return `a regression is labelled with a number, not with ${JSON.stringify(label.slice(0, 40))}`;
  // Classes may have names: then the model's own labels have them too.
  const named = predicted.label !== null && asBinary(predicted.label) === null;
  if (decision.task === 'binary' && asBinary(label) === null && !named)
    return `a binary model is labelled with 1 or 0, true or false, not with ${JSON.stringify(label.slice(0, 40))}`;
  return null;
}

/** `delayMs`: from prediction to label; null where it is not known. */
export function labelEffect(
  decision: Decision,
  predicted: Predicted,
  truth: { label: string; byEntity: boolean; delayMs: number | null },
): LabelEffect {
  const effect: LabelEffect = {
    ...{ byEntity: truth.byEntity, right: null, cell: null, actual: null, scoreBin: null },
    ...{ logLoss: null, brier: null, error: null },
    delayBin: truth.delayMs === null ? null : delayBin(truth.delayMs),
  };
  if (decision.task === 'binary') binaryEffect(effect, decision, predicted, truth.label);
  else if (decision.task === 'regression') effect.error = errorOf(predicted, truth.label);
  else if (predicted.label !== null) effect.right = predicted.label === truth.label;
  return effect;
}

function binaryEffect(effect: LabelEffect, decision: Decision, predicted: Predicted, truth: string): void {
  const { label, score } = predicted;
  const positive = score !== null ? score >= decision.threshold : label !== null ? asBinary(label) : null;
  // Where classes have names, a truth that is not the predicted class is the other one.
  const actual =
    asBinary(truth) ?? (positive === null || label === null ? null : truth === label ? positive : !positive);
  if (actual === null || positive === null) return;
  effect.right = positive === actual;
  effect.cell = positive ? (actual ? 'tp' : 'fp') : actual ? 'fn' : 'tn';
  if (score === null || !Number.isFinite(score)) return;
  const p = Math.min(Math.max(score, CLIP), 1 - CLIP);
  effect.logLoss = -Math.log(actual ? p : 1 - p);
  effect.brier = (Math.min(Math.max(score, 0), 1) - Number(actual)) ** 2;
  effect.scoreBin = binOf(score);
  effect.actual = actual;
}

/** A regression's number: its score, or its label where it has none. */
export function predictedNumber({ label, score }: Predicted): number | null {
  if (score !== null) return Math.abs(score) <= LARGEST ? score : null;
  return label === null ? null : asNumber(label);
}

export function errorOf(predicted: Predicted, truth: string): { e: number; y: number } | null {
  const y = asNumber(truth);
  const value = predictedNumber(predicted);
  return y === null || value === null ? null : { e: value - y, y };
}

/** Whether the predicted label was right; null when that cannot be said. */
export const isRight = (decision: Decision, predicted: Predicted, label: string): boolean | null =>
  labelEffect(decision, predicted, { label, byEntity: false, delayMs: null }).right;
