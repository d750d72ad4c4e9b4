/** The difference of two texts as a component sees it: at once for short ones, from a worker for long ones. */
import { useEffect, useMemo, useState } from 'react';
import type { DiffAnswer, DiffQuestion } from './diff-worker.ts';
import { diffLines, linesOf, type Run, replaced } from './text-diff.ts';

export type TextDiff = {
  left: readonly string[];
  right: readonly string[];
  runs: readonly Run[];
  /** They differ too much: all of the left one is gone, all of the right one is new. */
  isReplaced: boolean;
};

/** Together no longer than this: told apart in less than a frame, if they are alike enough. */
const SHORT = 20_000;
const FEW_EDITS = 300;

/** Null while it is worked out. */
export function useTextDiff(left: string, right: string): TextDiff | null {
  const texts = useMemo(() => ({ left: linesOf(left), right: linesOf(right) }), [left, right]);
  const quick = useMemo(
    () =>
      left.length + right.length <= SHORT
        ? diffLines(texts.left, texts.right, { edits: FEW_EDITS, ms: 10 })
        : null,
    [left, right, texts],
  );
  const [answer, setAnswer] = useState<{ of: typeof texts; runs: DiffAnswer } | null>(null);
  useEffect(() => {
    if (quick) return;
    const worker = new Worker(new URL('./diff-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<DiffAnswer>) => setAnswer({ of: texts, runs: data });
    worker.onerror = () => setAnswer({ of: texts, runs: null });
    worker.postMessage({ left, right } satisfies DiffQuestion);
    return () => worker.terminate();
  }, [quick, left, right, texts]);

  return useMemo(() => {
    if (quick) return { ...texts, runs: quick, isReplaced: false };
    if (answer?.of !== texts) return null;
    return {
      ...texts,
      runs: answer.runs ?? replaced(texts.left, texts.right),
      isReplaced: answer.runs === null,
    };
  }, [quick, answer, texts]);
}
