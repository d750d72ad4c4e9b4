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

export type Folded = {
  phase: Phase;
  episodes: Episode[];
  judgedToMs: number | null;
  /** From here on nothing hangs on what lay before these windows; null when all of it may. */
  sureFromMs: number | null;
};

type Length = { forWindows: number; keepWindows: number; sizeMs: number };

/** `firing`: the breach that was going on before the first of these windows. Verdicts oldest first. */
export function fold(verdicts: readonly Verdict[], length: Length, firing: Episode | null = null): Folded {
  const episodes: Episode[] = firing ? [firing] : [];
  let open = firing;
  let run = 0;
  let calm = 0;
  let lastMs: number | null = null;
  let sureFromMs: number | null = firing ? firing.firedMs : null;
  for (const { windowMs, value, limit, n, state } of verdicts) {
    // Windows of which nothing is known are passed over; after more of them than the rule is long it begins anew.
    if (lastMs !== null && (windowMs - lastMs) / length.sizeMs - 1 > length.forWindows) run = 0;
    lastMs = windowMs;
    calm = state === 'clear' ? calm + 1 : 0;
    if (calm === length.keepWindows) sureFromMs ??= windowMs;
    if (open) {
      if (calm < length.keepWindows) continue;
      episodes[episodes.length - 1] = { ...open, resolvedMs: windowMs };
      open = null;
      run = 0;
    } else {
      run = state === 'breach' ? run + 1 : 0;
      if (run < length.forWindows) continue;
      open = { firedMs: windowMs, value, limit, n, resolvedMs: null };
      episodes.push(open);
    }
  }
  const phase = open ? 'firing' : run > 0 ? 'pending' : 'ok';
  return { phase, episodes, judgedToMs: lastMs, sureFromMs };
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
  | { do: 'resolve'; windowMs: number; late: boolean }
  /** Over before it was seen. `late`: its windows were judged before, and were not a breach then. */
  | { do: 'was'; episode: Episode & { resolvedMs: number }; late: boolean };

/** Event times of a breach that was told, from the window that made it fire up to the one that ended it. */
export type ToldSpan = { fromMs: number; toMs: number };

export type Seen = {
  /** Up to where windows were judged before; null at first sight of a series. */
  judgedToMs: number | null;
  /** Up to where they were judged at first sight: breaches that were over by then are not told. */
  knownMs: number | null;
  /** The breaches that were told and are over. */
  told: readonly ToldSpan[];
};

/** Episodes that are over and may have to be told: then `told` has to be known. */
export const isPastNews = ({ firedMs, resolvedMs }: Episode, knownMs: number | null): boolean =>
  resolvedMs !== null && knownMs !== null && firedMs > knownMs;

/**
 * What changes, given the alert that is open. At first sight only what goes on now is told; later every breach, once:
 * one that shares windows with a breach that was told is that one, wherever late data let it begin or be cut.
 */
export function stepsOf(folded: Folded, open: { windowMs: number } | null, seen: Seen): Step[] {
  const { episodes, sureFromMs } = folded;
  const { judgedToMs, knownMs } = seen;
  const steps: Step[] = [];
  const told = [...seen.told];
  let own: Episode | undefined;
  if (open) {
    const span = { fromMs: open.windowMs, toMs: Math.max(open.windowMs, judgedToMs ?? 0) };
    told.push(span);
    own = episodes.findLast((episode) => shares(episode, span)) ?? episodes.find(goesOn);
    if (!own) steps.push({ do: 'resolve', windowMs: folded.judgedToMs ?? open.windowMs, late: true });
    else if (own.resolvedMs !== null) steps.push({ do: 'resolve', windowMs: own.resolvedMs, late: false });
  }
  for (const episode of episodes) {
    if (episode === own) continue;
    const { firedMs, resolvedMs } = episode;
    if (resolvedMs === null) steps.push({ do: 'open', episode });
    else if (isPastNews(episode, knownMs) && !told.some((span) => shares(episode, span))) {
      const late = judgedToMs !== null && firedMs <= judgedToMs;
      // At the beginning of what is looked at lies the end of a breach that may have begun at any time.
      if (late && (sureFromMs === null || firedMs < sureFromMs)) continue;
      steps.push({ do: 'was', episode: { ...episode, resolvedMs }, late });
    }
  }
  return steps;
}

const goesOn = ({ resolvedMs }: Episode): boolean => resolvedMs === null;
const shares = ({ firedMs, resolvedMs }: Episode, { fromMs, toMs }: ToldSpan): boolean =>
  firedMs <= toMs && fromMs < (resolvedMs ?? Number.POSITIVE_INFINITY);
