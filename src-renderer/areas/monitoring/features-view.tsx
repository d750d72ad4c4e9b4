/** All features of an endpoint: how far each has moved, what is wrong with its values, and whether quality goes with it. */
import { Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { FrozenMethod } from '../../../src-main/contract/monitoring-series.ts';
import { useWidth } from '../../charts/use-width.ts';
import { type MonitoringScope, scopedPath } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { DRIFT, METRICS, SPAN_WORD } from '../../lib/series-words.ts';
import { useMetric } from '../../lib/use-metric.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { Table } from '../../ui/Table.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { DataQualityPanel } from './data-quality-panel.tsx';
import { featureColumns } from './features-columns.tsx';
import { type FeatureFilter, featureRows, filterRows } from './features-rules.ts';
import { PredictionTable } from './prediction-table.tsx';

export function FeaturesView(scope: MonitoringScope) {
  const { endpoint, per, arm, reference } = scope;
  const { query } = useLocation();
  const method = FrozenMethod.safeParse(query.method).data ?? 'lathe.psi.frozen@1';
  const [filter, setFilter] = useState<FeatureFilter>({ text: '', show: 'all' });
  const { metric } = useMetric(endpoint);
  const armed = arm === null ? {} : { arm };
  const drift = useData(
    ['monitoring', 'drift', endpoint, per, arm, reference, method],
    (rpc, signal) =>
      rpc.monitoring.drift(
        { endpoint, per, method, ...armed, ...(reference === null ? {} : { reference }) },
        { signal },
      ),
    { keep: true },
  );
  const quality = useData(
    ['monitoring', 'quality', endpoint, per, arm],
    (rpc, signal) => rpc.monitoring.quality({ endpoint, per, ...armed }, { signal }),
    { keep: true },
  );
  const ranking = useData(
    ['monitoring', 'ranking', endpoint, per, metric],
    (rpc, signal) => rpc.monitoring.ranking({ endpoint, per, metric }, { signal }),
    { keep: true },
  );
  const [ref, width] = useWidth();
  const narrow = width > 0 && width < 900;
  const columns = useMemo(
    () =>
      featureColumns({
        scope: { endpoint, per, arm, reference },
        method,
        score: DRIFT[method] ?? method,
        metric: METRICS[metric].title,
        span: SPAN_WORD[per],
        narrow,
      }),
    [endpoint, per, arm, reference, method, metric, narrow],
  );
  return (
    <div ref={ref} className="flex flex-col gap-3">
      <QueryState query={drift} what="Drift">
        {(features) => {
          const rows = featureRows(features, quality.data?.features ?? [], ranking.data ?? []);
          const shown = filterRows(rows, filter);
          return (
            <Panel
              padded={false}
              title="Features"
              hint={`over the newest whole ${SPAN_WORD[per]}`}
              actions={<FeatureTools method={method} filter={filter} onFilter={setFilter} />}
            >
              <div className="max-h-[560px] overflow-auto">
                <Table
                  label="Features"
                  columns={columns}
                  rows={shown}
                  rowKey={({ drift: { feature } }) => feature}
                  href={({ drift: { feature } }) =>
                    scopedPath(query, [endpoint, feature], { method: query.method ?? null })
                  }
                  defaultSort={{ id: 'score', direction: 'desc' }}
                  empty={
                    rows.length > 0 ? (
                      <p className="p-3 text-ink-3">No feature fits this filter.</p>
                    ) : (
                      <EmptyState
                        icon={Search}
                        title="No feature is watched yet"
                        action={
                          <Link to={scopedPath(query, [endpoint], { tab: 'setup' })}>Add a reference</Link>
                        }
                      >
                        Features are counted on the grid of a reference: the data of the run that made the
                        version, a file, or a stretch of past traffic.
                      </EmptyState>
                    )
                  }
                />
              </div>
            </Panel>
          );
        }}
      </QueryState>
      <QueryState query={quality} what="Data quality">
        {(data) => <DataQualityPanel quality={data} endpoint={endpoint} />}
      </QueryState>
      <PredictionTable endpoint={endpoint} />
    </div>
  );
}

type FeatureToolsProps = {
  method: FrozenMethod;
  filter: FeatureFilter;
  onFilter: (filter: FeatureFilter) => void;
};

function FeatureTools({ method, filter, onFilter }: FeatureToolsProps) {
  return (
    <>
      <div className="w-28">
        <TextField
          label="Find a feature"
          hideLabel
          type="search"
          placeholder="Find"
          value={filter.text}
          onChange={(text) => onFilter({ ...filter, text })}
        />
      </div>
      <SegmentedControl<FeatureFilter['show']>
        label="Which features"
        value={filter.show}
        onChange={(show) => onFilter({ ...filter, show })}
        options={[
          { value: 'all', label: 'All' },
          { value: 'drifted', label: 'Drifted' },
          { value: 'findings', label: 'Findings' },
        ]}
      />
      <div className="w-36">
        <Select<FrozenMethod>
          label="Score"
          hideLabel
          value={method}
          onChange={(next) => setQuery({ method: next === 'lathe.psi.frozen@1' ? null : next })}
          options={FrozenMethod.options.map((value) => ({ value, label: DRIFT[value] ?? value }))}
        />
      </div>
    </>
  );
}
