/** Beside a run's figures: the code and the machine it ran with, and its tags. */
import { useMemo } from 'react';
import type { RunRow } from '../../../src-main/contract/experiments.ts';
import { plural } from '../../lib/format.ts';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type Fact, runOrigin } from './run-origin.ts';

export function RunOrigin({ run }: { run: RunRow }) {
  const { code, environment, tags, internal } = useMemo(() => runOrigin(run.tags), [run.tags]);
  return (
    <>
      {code.length > 0 ? (
        <Panel title="Code">
          <Facts facts={code} />
        </Panel>
      ) : null}
      {environment.length > 0 ? (
        <Panel title="Environment">
          <Facts facts={environment} />
        </Panel>
      ) : null}
      <Panel title="Tags">
        {tags.length > 0 ? <Facts facts={tags} /> : <p className="text-ink-3">No tag.</p>}
        {internal.length > 0 ? (
          <details className="mt-3">
            <summary className="cursor-default rounded-xs text-ink-3 hover:text-ink">
              {plural(internal.length, 'tag')} that MLflow and Lathe keep
            </summary>
            <div className="mt-2">
              <Facts facts={internal} />
            </div>
          </details>
        ) : null}
      </Panel>
    </>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <KeyValue
      items={facts.map(([label, value]) => ({
        label,
        value: label === 'Commit' ? <Commit id={value} /> : <span className="break-all">{value}</span>,
        mono: true,
      }))}
    />
  );
}

function Commit({ id }: { id: string }) {
  return (
    <span className="flex items-center gap-1">
      <span title={id}>{id.slice(0, 12)}</span>
      <CopyButton text={id} label="Copy the commit" />
    </span>
  );
}
