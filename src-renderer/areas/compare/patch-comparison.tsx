/** The patch of a run, or what differs between the patches of two runs. */
import { useState } from 'react';
import type { ComparedRun } from '../../../src-main/contract/compare.ts';
import { PatchView } from '../../ui/PatchView.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TextDiff } from '../../ui/TextDiff.tsx';
import { useFile } from '../artifacts/index.tsx';
import { NOBODY, type Pair, PairChoice } from './pair-choice.tsx';

export function PatchComparison({ runs, run }: { runs: readonly ComparedRun[]; run: string | null }) {
  const patched = runs.filter(({ patch }) => patch !== null);
  const [pair, setPair] = useState<Pair>(() => ({
    left: NOBODY,
    right: (patched.find(({ id }) => id === run) ?? patched[0])?.id ?? NOBODY,
  }));
  const pathOf = (id: string) => patched.find((one) => one.id === id)?.patch ?? null;
  const left = useFile(pair.left, pathOf(pair.left));
  const right = useFile(pair.right, pathOf(pair.right));
  const nameOf = (id: string) => runs.find((one) => one.id === id)?.name ?? '';
  const missing = runs.length - patched.length;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PairChoice runs={patched} pair={pair} onChange={setPair} alone="the commit" />
      {missing > 0 ? (
        <p className="num border-b border-line px-3 py-1 text-xs text-ink-3">
          {missing} of {runs.length} runs have no patch: nothing differed from their commit, or it was not
          captured.
        </p>
      ) : null}
      <div className="min-h-0 flex-1">
        <QueryState query={right} what="The patch">
          {(after) =>
            pair.left === NOBODY ? (
              <PatchView patch={after.content} label={`Patch of ${nameOf(pair.right)}`} />
            ) : (
              <QueryState query={left} what="The patch">
                {(before) => (
                  <TextDiff
                    left={before.content}
                    right={after.content}
                    label={`Patch of ${nameOf(pair.right)} against that of ${nameOf(pair.left)}`}
                  />
                )}
              </QueryState>
            )
          }
        </QueryState>
      </div>
    </div>
  );
}
