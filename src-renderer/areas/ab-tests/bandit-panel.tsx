/** What the bandit's weights come from. */
import { formatCompact, formatNumber, formatPercent, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';

type Arm = { key: string; rewards: number; mean: number | null; best: number; weight: number };

const COLUMNS: Column<Arm>[] = [
  { id: 'arm', header: 'Arm', cell: ({ key }) => key },
  { id: 'rewards', header: 'Rewards', align: 'right', cell: ({ rewards }) => formatCompact(rewards) },
  { id: 'mean', header: 'Mean', align: 'right', cell: ({ mean }) => formatNumber(mean, 3) },
  {
    id: 'best',
    header: 'Best?',
    align: 'right',
    cell: ({ best }) => formatPercent(best, 0),
    hint: 'Probability that its mean reward is the highest',
  },
  { id: 'weight', header: 'Gets', align: 'right', cell: ({ weight }) => formatPercent(weight / 10_000, 0) },
];

export function BanditPanel({ endpoint }: { endpoint: string }) {
  const bandit = useData(['abTests', 'bandit', endpoint], (rpc, signal) =>
    rpc.abTests.bandit({ endpoint }, { signal }),
  );
  return (
    <Panel title="Bandit" hint="weights follow the rewards" padded={false}>
      <QueryState query={bandit} what="The bandit">
        {(data) =>
          data === null ? (
            <p className="p-3 text-ink-3">It begins with the first rewards.</p>
          ) : (
            <>
              <div className="overflow-x-auto">
                <Table
                  label="Arms of the bandit"
                  columns={COLUMNS}
                  rows={data.arms}
                  rowKey={({ key }) => key}
                />
              </div>
              <p className="num border-t border-line px-3 py-2 text-xs text-ink-2">
                {plural(data.since, 'reward')} of {formatCompact(data.every)} until the weights are worked out
                anew
                {data.computedMs === null ? '' : '; last '}
                {data.computedMs === null ? null : <TimeAgo ms={data.computedMs} />}. Every arm keeps{' '}
                {formatPercent(data.floor / 10_000, 0)}.
              </p>
            </>
          )
        }
      </QueryState>
    </Panel>
  );
}
