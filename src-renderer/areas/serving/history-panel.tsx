import type { Endpoint } from '../../../src-main/contract/serving.ts';
import type { RouteChange } from '../../../src-main/contract/serving-route.ts';
import { StackedShare } from '../../charts/stacked-share.tsx';
import { armColor } from '../../charts/theme.ts';
import { formatPercent } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';

export function HistoryPanel({ endpoint }: { endpoint: Endpoint }) {
  const history = useData(['serving', 'history', endpoint.name], (rpc, signal) =>
    rpc.serving.history({ name: endpoint.name }, { signal }),
  );
  return (
    <Panel title="Route history" hint="newest first" padded={false}>
      <QueryState query={history} what="The history">
        {(changes) => (
          <ol className="max-h-80 overflow-y-auto">
            {changes
              .toSorted((a, b) => b.revision - a.revision)
              .map((change) => (
                <Change key={change.revision} change={change} />
              ))}
          </ol>
        )}
      </QueryState>
    </Panel>
  );
}

function Change({ change }: { change: RouteChange }) {
  return (
    <li className="flex flex-col gap-1 border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex items-baseline gap-2 text-xs">
        <span className="min-w-0 flex-1 truncate text-sm" title={change.reason}>
          {change.reason || 'No reason given'}
        </span>
        <span className="shrink-0 text-ink-3">
          {change.actor} · <TimeAgo ms={change.atMs} />
        </span>
      </div>
      <StackedShare
        label={`Split of revision ${change.revision}`}
        height={4}
        shares={change.route.arms.map((arm, i) => ({
          id: arm.key,
          label: arm.key,
          share: arm.weight / 10_000,
          color: armColor(arm.key, i),
        }))}
      />
      <span className="num text-xs text-ink-3">
        {change.route.arms
          .map((arm) => `${arm.key} v${arm.version} ${formatPercent(arm.weight / 10_000, 0)}`)
          .join(' · ')}
      </span>
    </li>
  );
}
