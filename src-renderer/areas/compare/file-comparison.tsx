/** One path in several runs: two texts line by line, images side by side, anything else by size and hash. */
import { useState } from 'react';
import type { ArtifactContent } from '../../../src-main/contract/artifacts.ts';
import type { ComparedRun } from '../../../src-main/contract/compare.ts';
import { formatBytes, plural } from '../../lib/format.ts';
import { Button } from '../../ui/Button.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TextDiff } from '../../ui/TextDiff.tsx';
import { FileView, ImageView, useFile } from '../artifacts/index.tsx';
import { fileOf } from './compare-model.ts';
import { firstPair, type Pair, PairChoice } from './pair-choice.tsx';
import { RunName } from './run-name.tsx';

export type RunWithFile = { run: ComparedRun; at: number; cell: string };

type FileComparisonProps = {
  path: string;
  /** Only those that have it. */
  runs: readonly RunWithFile[];
  /** The run that was pointed at. */
  run: string | null;
};

export function FileComparison({ path, runs, run }: FileComparisonProps) {
  const [only] = runs;
  if (runs.length === 1 && only)
    return (
      <div className="flex h-full flex-col">
        <p className="border-b border-line px-3 py-1 text-xs text-ink-2">
          Only {only.run.name} has this file.
        </p>
        <div className="min-h-0 flex-1">
          <FileView runId={only.run.id} path={path} />
        </div>
      </div>
    );
  return /\.(png|jpe?g|gif|webp|svg)$/i.test(path) ? (
    <Gallery path={path} runs={runs} />
  ) : (
    <TwoFiles path={path} runs={runs} run={run} />
  );
}

const FIRST_IMAGES = 6;

function Gallery({ path, runs }: Omit<FileComparisonProps, 'run'>) {
  const [count, setCount] = useState(FIRST_IMAGES);
  const rest = runs.length - count;
  return (
    <div className="grid h-full auto-rows-[minmax(180px,100%)] grid-cols-[repeat(auto-fit,minmax(240px,1fr))] overflow-auto">
      {runs.slice(0, count).map(({ run, at, cell }) => (
        <figure key={run.id} className="flex min-h-0 min-w-0 flex-col border-r border-b border-line">
          <figcaption className="flex items-center gap-2 border-b border-line px-3 py-1 text-xs">
            <RunName run={run} at={at} />
            <span className="num ml-auto whitespace-nowrap text-ink-3">{formatBytes(fileOf(cell).size)}</span>
          </figcaption>
          <div className="min-h-0 flex-1">
            <OneImage runId={run.id} path={path} name={`${path} of ${run.name}`} />
          </div>
        </figure>
      ))}
      {rest > 0 ? (
        <div className="flex items-center justify-center">
          <Button onClick={() => setCount(count + 12)}>
            Show {plural(Math.min(rest, 12), 'more image')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function OneImage({ runId, path, name }: { runId: string; path: string; name: string }) {
  const file = useFile(runId, path);
  return (
    <QueryState query={file} what="The image">
      {(content) =>
        content.kind === 'image' ? (
          <ImageView file={content} name={name} />
        ) : (
          <p className="p-3 text-ink-3">The image is too large to show.</p>
        )
      }
    </QueryState>
  );
}

function TwoFiles({ path, runs, run }: FileComparisonProps) {
  const all = runs.map((one) => one.run);
  const [pair, setPair] = useState<Pair>(() => firstPair(all, run));
  const left = useFile(pair.left, path);
  const right = useFile(pair.right, path);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PairChoice runs={all} pair={pair} onChange={setPair} />
      <div className="min-h-0 flex-1">
        <QueryState query={left} what="The file">
          {(before) => (
            <QueryState query={right} what="The file">
              {(after) => <TwoContents path={path} left={before} right={after} />}
            </QueryState>
          )}
        </QueryState>
      </div>
    </div>
  );
}

function TwoContents({ path, left, right }: { path: string; left: ArtifactContent; right: ArtifactContent }) {
  if (left.sha256 === right.sha256) return <p className="p-3 text-ink-2">Both have the same bytes.</p>;
  if (left.kind !== 'text' || right.kind !== 'text')
    return (
      <div className="num p-3 text-ink-2">
        <p>These files are not text. They differ in their bytes:</p>
        <p className="mt-1 font-mono text-xs break-all">
          {formatBytes(left.size)} {left.sha256}
        </p>
        <p className="font-mono text-xs break-all">
          {formatBytes(right.size)} {right.sha256}
        </p>
      </div>
    );
  return (
    <div className="flex h-full min-h-0 flex-col">
      {left.whole && right.whole ? null : (
        <p className="num border-b border-line bg-info-soft px-3 py-1 text-xs text-info">
          Only the first {formatBytes(1024 * 1024)} of each are compared.
        </p>
      )}
      <div className="min-h-0 flex-1">
        <TextDiff left={left.content} right={right.content} label={`What differs in ${path}`} />
      </div>
    </div>
  );
}
