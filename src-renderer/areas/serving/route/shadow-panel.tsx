/** How the shadow's answers differ from those that clients got. */
import { useEffect } from 'react';
import type { Endpoint } from '../../../../src-main/contract/serving.ts';
import type {
  ShadowExample,
  ShadowOutput,
  ShadowReport,
} from '../../../../src-main/contract/serving-route.ts';
import { formatCompact, formatCount, formatNumber, formatPercent } from '../../../lib/format.ts';
import { queryClient, useData } from '../../../lib/query.ts';
import { FailureCallout } from '../../../ui/FailureCallout.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { QueryState } from '../../../ui/QueryState.tsx';
import { ScrollRegion } from '../../../ui/ScrollRegion.tsx';
import { type Column, Table } from '../../../ui/Table.tsx';
import { TimeAgo } from '../../../ui/TimeAgo.tsx';
import { ArmStatus } from '../arm-look.tsx';

/** Copies come with the traffic, and no event tells of each. */
const EVERY_MS = 3_000;

const OUTPUTS: Column<ShadowOutput>[] = [
  { id: 'name', header: 'Output', cell: ({ name }) => name },
  { id: 'rows', header: 'Rows', align: 'right', cell: ({ rows }) => formatCompact(rows) },
  {
    id: 'agreement',
    header: 'Agree',
    align: 'right',
    cell: ({ agreement }) => formatPercent(agreement),
    hint: 'Rows with the same label, or the largest value at the same place',
  },
  { id: 'mean', header: 'Mean diff.', align: 'right', cell: ({ meanAbs }) => formatNumber(meanAbs, 3) },
  { id: 'max', header: 'Largest', align: 'right', cell: ({ maxAbs }) => formatNumber(maxAbs, 3) },
  {
    id: 'kl',
    header: 'KL',
    align: 'right',
    cell: ({ meanKl }) => formatNumber(meanKl, 3),
    hint: 'Mean divergence of the probabilities, in nats',
  },
];

export function ShadowPanel({ endpoint }: { endpoint: Endpoint }) {
  const { name, shadow } = endpoint;
  const report = useData(
    ['serving', 'shadow', name],
    (rpc, signal) => rpc.serving.shadowReport({ name }, { signal }),
    { enabled: shadow !== null },
  );
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible')
        void queryClient.invalidateQueries(
          { queryKey: ['serving', 'shadow', name] },
          { cancelRefetch: false },
        );
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [name]);
  if (!shadow) return null;
  return (
    <Panel
      title={`Shadow v${shadow.version}`}
      hint={`copies of ${formatPercent(shadow.fraction, 0)}`}
      actions={<ArmStatus state={shadow.state} />}
    >
      <FailureCallout report={shadow.error} />
      <QueryState query={report} what="The shadow’s report">
        {(data) =>
          data === null || data.seen === 0 ? (
            <p className="text-ink-3">Its answers are compared with the first requests that come.</p>
          ) : (
            <Report report={data} />
          )
        }
      </QueryState>
    </Panel>
  );
}

function Report({ report }: { report: ShadowReport }) {
  const { seen, compared, failed, dropped, outputs, examples, lastError, sinceMs } = report;
  return (
    <div className="flex flex-col gap-3">
      <p className="num text-ink-2">
        {formatCount(compared)} of {formatCount(seen)} requests compared ({formatPercent(compared / seen)})
        since <TimeAgo ms={sinceMs} />
        {dropped > 0 ? `; ${formatCount(dropped)} copies left out because the device was busy` : ''}
        {failed > 0 ? `; it failed on ${formatCount(failed)}` : ''}.
      </p>
      <FailureCallout report={lastError} tone="warn" />
      {outputs.length > 0 ? (
        <div className="-mx-3 overflow-x-auto">
          <Table
            label="How the outputs differ"
            columns={OUTPUTS}
            rows={outputs}
            rowKey={({ name }) => name}
          />
        </div>
      ) : null}
      {examples.length > 0 ? (
        <section aria-label="Rows that differ the most">
          <h3 className="mb-1 text-xs font-medium text-ink-2">Rows that differ the most</h3>
          <ScrollRegion label="Differing rows" className="-mx-1 max-h-56 px-1">
            <ul className="num flex flex-col gap-1 text-xs">
              {examples.map((example) => (
                <Example key={`${example.requestId}#${example.row}${example.output}`} example={example} />
              ))}
            </ul>
          </ScrollRegion>
        </section>
      ) : null}
    </div>
  );
}

function Example({ example }: { example: ShadowExample }) {
  const { requestId, row, output, primary, shadow, difference, arm } = example;
  const text = (values: ShadowExample['primary']) =>
    values.map((value) => (typeof value === 'number' ? formatNumber(value, 4) : value)).join(', ');
  return (
    <li className="border-t border-line pt-1" title={`request ${requestId}, row ${row + 1}`}>
      <span className="font-medium">{output}</span>: {arm} {text(primary)} · shadow {text(shadow)}{' '}
      <span className="text-ink-3">differs by {formatNumber(difference, 3)}</span>
    </li>
  );
}
