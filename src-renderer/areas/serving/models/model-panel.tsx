/** One served model: its versions in memory, what they cost, and how they are treated. */
import { Power, PowerOff, RotateCw, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { formatBytes, formatCompact, formatCount, formatDuration, NONE } from '../../../lib/format.ts';
import { useAction, useData } from '../../../lib/query.ts';
import { pathTo } from '../../../lib/router.ts';
import { StatusDot } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Callout } from '../../../ui/Callout.tsx';
import { FailureCallout } from '../../../ui/FailureCallout.tsx';
import { Link } from '../../../ui/Link.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { type Column, Table } from '../../../ui/Table.tsx';
import { ArmStatus } from '../arm-look.tsx';
import {
  costText,
  type HeldVersion,
  isResting,
  policyText,
  type ServedModel,
  tuningWords,
} from './held-rules.ts';
import { TuningDialog } from './tuning-dialog.tsx';

const COLUMNS: Column<HeldVersion>[] = [
  { id: 'version', header: 'Version', width: '84px', cell: ({ version }) => `v${version}` },
  {
    id: 'state',
    header: 'State',
    width: '120px',
    cell: (held) =>
      isResting(held) ? <StatusDot tone="neutral">resting</StatusDot> : <ArmStatus state={held.state} />,
    hint: 'Resting: others needed its memory; its next request brings it back',
  },
  { id: 'provider', header: 'Runs on', width: '96px', cell: ({ provider }) => provider ?? NONE },
  {
    id: 'memory',
    header: 'Memory',
    align: 'right',
    cell: ({ memoryBytes }) => (memoryBytes > 0 ? formatBytes(memoryBytes) : NONE),
    hint: 'Measured when it was loaded and warmed up',
  },
  { id: 'load', header: 'Loaded in', align: 'right', cell: ({ loadMs }) => formatDuration(loadMs) },
  {
    id: 'cost',
    header: 'Cost of n rows',
    align: 'right',
    cell: ({ estimate }) => (estimate ? costText(estimate) : NONE),
    hint: 'What its batches were measured to cost: a start, and so much for each row',
  },
  {
    id: 'cap',
    header: 'Largest batch',
    align: 'right',
    cell: ({ estimate }) => (estimate ? formatCount(estimate.cap) : NONE),
    hint: 'The largest batch that still answers in time',
  },
  {
    id: 'rate',
    header: 'Rows/s',
    align: 'right',
    cell: ({ estimate }) => (estimate ? formatCompact(Math.round(estimate.rowsPerSecond)) : NONE),
    hint: 'At most, with the largest batch',
  },
];

export function ModelPanel({ served }: { served: ServedModel }) {
  const { model, endpoints, versions } = served;
  const [editing, setEditing] = useState(false);
  const tuned = useData(['serving', 'tuning', model], (rpc, signal) =>
    rpc.serving.tuning({ model }, { signal }),
  );
  const setLoaded = useAction((rpc, loaded: boolean) => rpc.serving.setLoaded({ model, loaded }), {
    topics: ['serving', 'models', 'overview'],
  });
  const tuning = tuned.data?.tuning ?? null;
  const hasFailed = tuning?.loaded === true && versions.some(({ state }) => state === 'failed');
  const words = tuning ? tuningWords(tuning) : [];
  return (
    <Panel
      title={
        <Link to={pathTo('models', model)} quiet>
          {model}
        </Link>
      }
      hint={
        endpoints.length === 0 ? (
          'no endpoint serves it'
        ) : (
          <>
            serves{' '}
            {endpoints.map((name, at) => (
              <span key={name}>
                {at > 0 ? ', ' : ''}
                <Link to={pathTo('serving', name)} quiet>
                  {name}
                </Link>
              </span>
            ))}
          </>
        )
      }
      padded={false}
      actions={
        tuning ? (
          <>
            {hasFailed || !tuning.loaded ? (
              <Button
                size="sm"
                icon={hasFailed ? RotateCw : Power}
                busy={setLoaded.isPending}
                onClick={() => setLoaded.mutate(true)}
              >
                {hasFailed ? 'Load again' : 'Load'}
              </Button>
            ) : null}
            {tuning.loaded ? (
              <Button
                size="sm"
                icon={PowerOff}
                busy={setLoaded.isPending}
                onClick={() => setLoaded.mutate(false)}
              >
                Unload
              </Button>
            ) : null}
            <Button size="sm" icon={SlidersHorizontal} onClick={() => setEditing(true)}>
              Batching and queue
            </Button>
          </>
        ) : null
      }
    >
      {tuning && !tuning.loaded ? (
        <div className="p-3 pb-0">
          <Callout
            tone="warn"
            title={`${model} is unloaded: its endpoints answer 503 until it is loaded again.`}
          />
        </div>
      ) : null}
      {versions.length > 0 ? (
        <div className="overflow-x-auto">
          <Table
            label={`Versions of ${model}`}
            columns={COLUMNS}
            rows={versions}
            rowKey={({ version }) => version}
          />
        </div>
      ) : (
        <p className="p-3 text-ink-3">None of its versions is held.</p>
      )}
      {versions.map(({ version, error, fallback }) =>
        error ? (
          <div key={version} className="px-3 pb-2">
            <FailureCallout of={`v${version}`} report={error} />
          </div>
        ) : fallback ? (
          <p key={version} className="px-3 pb-2 text-xs text-ink-2">
            v{version}: {fallback}
          </p>
        ) : null,
      )}
      {tuning ? (
        <p className="border-t border-line px-3 py-2 text-xs text-ink-2">
          {words.length > 0
            ? words.join(' · ')
            : `Kept in memory: ${policyText(tuning.versions)}. Batching and queue are as Lathe chooses.`}
        </p>
      ) : null}
      {editing && tuned.data ? <TuningDialog tuned={tuned.data} onClose={() => setEditing(false)} /> : null}
    </Panel>
  );
}
