/** Which parameters a metric depends on, by what each of them explains alone. */
import { Scale } from 'lucide-react';
import { useMemo } from 'react';
import type { Importance, ParamImportance } from '../../../src-main/contract/explore.ts';
import { readValue } from '../../charts/format.ts';
import { formatCount, formatFixed, formatPercent, NONE, plural } from '../../lib/format.ts';
import { setQuery } from '../../lib/router.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { mainMetric, metricChoices, titleOf } from './column-choice.ts';
import type { ExploreProps } from './explore-props.ts';
import { changeExplore, useExplorePart } from './explore-state.ts';
import { Labelled } from './lines-toolbar.tsx';
import { useImportance } from './use-importance.ts';

/** A correlation of fewer runs than this is mostly chance. */
const FEW = 10;

export function ImportanceView({ experiment, keys, filter, selected }: ExploreProps) {
  const [state, change] = useExplorePart(experiment, 'importance');
  const runIds = useMemo(() => (selected.size > 0 ? [...selected] : null), [selected]);
  const id = state.metric ?? mainMetric(keys);
  const query = useImportance({ experiment, filter, runIds }, id);
  if (keys && id === null)
    return (
      <Panel>
        <EmptyState icon={Scale} title="No metric yet">
          Importance says how much of a metric’s differences a parameter explains.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-3">
        <Labelled label="Metric">
          <Select
            label="Metric"
            hideLabel
            value={id ?? ''}
            onChange={(next) => change({ metric: next })}
            options={metricChoices(keys)}
          />
        </Labelled>
        <span className="num text-xs text-ink-3" role="status">
          {query.data ? `${plural(query.data.runs, 'run')} with this metric` : ''}
        </span>
      </div>
      <div className="min-h-0 flex-1">
        <Panel padded={false} fill>
          <QueryState query={query} what="Importance">
            {(found) => (
              <Params
                found={found}
                metric={titleOf(id ?? '')}
                onShow={(key) => {
                  changeExplore(experiment, 'scatter', { x: `p:${key}`, y: id, logX: null, logY: null });
                  setQuery({ view: 'scatter' });
                }}
              />
            )}
          </QueryState>
        </Panel>
      </div>
    </div>
  );
}

function Params({ found, metric, onShow }: { found: Importance; metric: string; onShow(key: string): void }) {
  const columns: Column<ParamImportance>[] = [
    {
      id: 'param',
      header: 'Parameter',
      cell: ({ key }) => (
        <button
          type="button"
          title={`${metric} over ${key}, as a scatter plot`}
          onClick={() => onShow(key)}
          className="max-w-full truncate rounded-xs text-accent underline-offset-2 hover:underline"
        >
          {key}
        </button>
      ),
      sort: ({ key }) => key,
      width: '26%',
    },
    {
      id: 'importance',
      header: 'Importance',
      hint: 'How much of the differences in the metric’s ranks the parameter explains alone, 0 to 100 %',
      cell: ({ importance, correlation }) => <ImportanceBar share={importance} correlation={correlation} />,
      sort: ({ importance }) => importance,
      width: '34%',
    },
    {
      id: 'correlation',
      header: 'Correlation',
      align: 'right',
      hint: 'Spearman’s rank correlation: 1 when more of the parameter always goes with more of the metric, −1 with less',
      cell: ({ correlation }) =>
        correlation === null
          ? NONE
          : `${correlation > 0 ? '+' : ''}${formatFixed(correlation, 2)}`.replace('-', '−'),
      sort: ({ correlation }) => correlation ?? Number.NEGATIVE_INFINITY,
    },
    {
      id: 'kind',
      header: 'Kind',
      cell: ({ kind }) => (kind === 'number' ? 'number' : 'names'),
      sort: ({ kind }) => kind,
    },
    {
      id: 'distinct',
      header: 'Values',
      align: 'right',
      cell: ({ distinct }) => formatCount(distinct),
      sort: ({ distinct }) => distinct,
    },
    {
      id: 'runs',
      header: 'Runs',
      align: 'right',
      hint: 'Runs that have both the parameter and the metric',
      cell: ({ runs }) => (
        <span
          className={runs < FEW ? 'text-warn' : ''}
          title={runs < FEW ? 'Few runs: mostly chance' : undefined}
        >
          {readValue(runs, 'count')}
          {runs < FEW ? ', few' : ''}
        </span>
      ),
      sort: ({ runs }) => runs,
    },
  ];
  return (
    <Table
      label={`Importance of parameters for ${metric}`}
      columns={columns}
      rows={found.params}
      rowKey={({ key }) => key}
      empty={
        <EmptyState icon={Scale} title="No parameter to weigh">
          A parameter counts when it differs among at least three runs that have the metric.
        </EmptyState>
      }
    />
  );
}

/** Which way it pulls is said by the sign beside it, and by the colour. */
function ImportanceBar({ share, correlation }: { share: number; correlation: number | null }) {
  const color = correlation === null ? 'bg-chart-8' : correlation >= 0 ? 'bg-chart-1' : 'bg-chart-2';
  return (
    <span className="num flex items-center gap-3">
      <span className="relative h-2.5 min-w-20 flex-1 rounded-full bg-inset" aria-hidden="true">
        <span
          className={`absolute inset-y-0 left-0 rounded-full ${color}`}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="w-14 text-right">{formatPercent(share)}</span>
    </span>
  );
}
