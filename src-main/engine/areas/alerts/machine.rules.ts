/**
 * From verdicts to alerts: ok → pending (until it held for `forWindows` windows) → firing → ok (once it was away for
 * `keepWindows`). It is worked out anew from the windows each time, so that late rows and labels re-judge the past; what
 * was told stays told. Pure.
 */
import type { Verdict } from './judge.rules.ts';

export type Phase = 'ok' | 'pending' | 'firing';

/** One breach, from the window that made it fire to the one that ended it. */
export type Episode = {
  firedMs: number;
  value: number;
  limit: number;
  n: number;
  /** Null while it goes on. */
  resolvedMs: number | null;
};

export type Folded = { phase: Phase; episodes: Episode[]; judgedToMs: number | null };

type Length = { forWindows: number; keepWindows: number; sizeMs: number };

/** `firing`: the breach that was going on before the first of these windows. Verdicts oldest first. */
export function fold(verdicts: readonly Verdict[], length: Length, firing: Episode | null = null): Folded {
  const episodes: Episode[] = firing ? [firing] : [];
  let open = firing;
  let run = 0;
  let calm = 0;
  let lastMs: number | null = null;
  for (const { windowMs, value, limit, n, state } of verdicts) {
    // Windows of which nothing is known are passed over; after more of them than the rule is long it begins anew.
    if (lastMs !== null && (windowMs - lastMs) / length.sizeMs - 1 > length.forWindows) run = 0;
    lastMs = windowMs;
    if (open) {
      calm = state === 'clear' ? calm + 1 : 0;
      if (calm < length.keepWindows) continue;
      episodes[episodes.length - 1] = { ...open, resolvedMs: windowMs };
      open = null;
      run = 0;
    } else {
      run = state === 'breach' ? run + 1 : 0;
      if (run < length.forWindows) continue;
      open = { firedMs: windowMs, value, limit, n, resolvedMs: null };
      episodes.push(open);
      calm = 0;
    }
  }
  return { phase: open ? 'firing' : run > 0 ? 'pending' : 'ok', episodes, judgedToMs: lastMs };
}

/**
 * The same with the alert that is open. Where its window cannot be judged any more (it left the range, or its rows are
 * gone) the breach is taken to go on from there: what is not known resolves nothing.
 */
export function foldWith(
  verdicts: readonly Verdict[],
  length: Length,
  open: { windowMs: number; value: number; limit: number; n: number } | null,
): Folded {
  if (!open || verdicts.some(({ windowMs }) => windowMs === open.windowMs)) return fold(verdicts, length);
  const { windowMs: firedMs, ...figures } = open;
  const later = verdicts.filter(({ windowMs }) => windowMs > firedMs);
  return fold(later, length, { ...figures, firedMs, resolvedMs: null });
}

export type Step =
  | { do: 'open'; episode: Episode }
  /** `late`: the windows that fired are not what they were. */
  | { do: 'resolve'; windowMs: number; late: boolean };

/**
 * What changes, given the alert that is open and up to where windows were judged before. At first sight of a series
 * (`judgedToMs` null) only what goes on now is told, not what is over.
 */
export function stepsOf(
  folded: Folded,
  open: { windowMs: number } | null,
  judgedToMs: number | null,
): Step[] {
  const { episodes } = folded;
  const steps: Step[] = [];
  let after = Number.NEGATIVE_INFINITY;
  if (open) {
    const own =
      episodes.find(
        ({ firedMs, resolvedMs }) => firedMs <= open.windowMs && (resolvedMs ?? Infinity) > open.windowMs,
      ) ?? episodes.find(({ resolvedMs }) => resolvedMs === null);
    if (own?.resolvedMs === null) return [];
    const windowMs = own?.resolvedMs ?? folded.judgedToMs ?? open.windowMs;
    steps.push({ do: 'resolve', windowMs, late: own === undefined });
    after = own?.resolvedMs ?? after;
  }
  for (const episode of episodes) {
    if (episode.firedMs <= after) continue;
    const goesOn = episode.resolvedMs === null;
    const isNew = judgedToMs !== null && episode.firedMs > judgedToMs;
    if (!goesOn && !isNew) continue;
    steps.push({ do: 'open', episode });
    if (episode.resolvedMs !== null) steps.push({ do: 'resolve', windowMs: episode.resolvedMs, late: false });
  }
  return steps;
}
