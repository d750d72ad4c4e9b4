/** Slices: quality of parts of the traffic that the user names, beside the rest. */
import { ChartPie, Plus } from 'lucide-react';
import { useState } from 'react';
import { SLICES_PER_ENDPOINT, type Slice } from '../../../src-main/contract/slices.ts';
import { plural } from '../../lib/format.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { METRICS } from '../../lib/series-words.ts';
import { useMetric } from '../../lib/use-metric.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RemoveDialog } from '../../ui/RemoveDialog.tsx';
import { Select } from '../../ui/Select.tsx';
import { RuleDialog } from '../alerts/index.tsx';
import { MakeSliceDialog } from './make-slice-dialog.tsx';
import { SliceOverTime } from './slice-over-time.tsx';
import { SliceTable } from './slice-table.tsx';

type Asking = { what: 'make' } | { what: 'remove' | 'alert'; slice: Slice };

export function SlicesView(scope: MonitoringScope) {
  const { endpoint, per, arm, range } = scope;
  const { query } = useLocation();
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const { metric, choices } = useMetric(endpoint);
  const rows = useData(
    ['monitoring', 'slices-compare', endpoint, metric, per, arm, range?.fromMs ?? null, range?.toMs ?? null],
    (rpc, signal) =>
      rpc.slices.compare(
        { endpoint, metric, per, ...(range ?? {}), ...(arm === null ? {} : { arm }) },
        { signal },
      ),
    { keep: true },
  );
  const slices = rows.data?.flatMap(({ slice }) => slice ?? []) ?? [];
  const chosen = slices.find(({ id }) => id === query.slice) ?? null;
  const full = slices.length >= SLICES_PER_ENDPOINT;
  const make = (
    <Button
      icon={Plus}
      variant="primary"
      disabled={full}
      title={full ? `An endpoint has ${SLICES_PER_ENDPOINT} slices at most.` : undefined}
      onClick={() => setAsking({ what: 'make' })}
    >
      Make a slice
    </Button>
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <div className="w-48">
          <Select
            label="Metric"
            hideLabel
            value={metric}
            onChange={(value) => setQuery({ metric: value })}
            options={choices.map((value) => ({
              value,
              label: METRICS[value].title,
            }))}
          />
        </div>
        <p className="text-xs text-ink-3 max-lg:hidden">
          each slice beside the rest of the traffic, in the same time; before: the same length of time before
          it
        </p>
        {slices.length > 0 ? <span className="ml-auto">{make}</span> : null}
      </div>
      <Panel
        title="Slices"
        hint={slices.length > 0 ? `${plural(slices.length, 'slice')}, what matters most first` : null}
        padded={false}
      >
        <QueryState query={rows} what="The slices">
          {(data) =>
            slices.length === 0 ? (
              <EmptyState icon={ChartPie} title="No slice yet" action={make}>
                A slice is a part of the traffic that is watched on its own: one airport, the evenings, rows
                where a value is missing. A model can be right on the whole and wrong there.
              </EmptyState>
            ) : (
              <SliceTable
                rows={data}
                metric={metric}
                chosen={chosen?.id ?? null}
                onChoose={(id) => setQuery({ slice: id === chosen?.id ? null : id })}
                onAlert={(slice) => setAsking({ what: 'alert', slice })}
                onRemove={(slice) => setAsking({ what: 'remove', slice })}
              />
            )
          }
        </QueryState>
      </Panel>
      {chosen ? (
        <SliceOverTime
          key={chosen.id}
          scope={scope}
          slice={chosen}
          metric={metric}
          onAlert={() => setAsking({ what: 'alert', slice: chosen })}
        />
      ) : null}
      {asking?.what === 'make' ? (
        <MakeSliceDialog endpoint={endpoint} taken={slices.map(({ name }) => name)} onClose={close} />
      ) : null}
      {asking?.what === 'remove' ? <RemoveSlice slice={asking.slice} onClose={close} /> : null}
      {asking?.what === 'alert' ? (
        <RuleDialog
          start={{
            endpoint,
            of: 'performance',
            metric,
            per,
            slice: asking.slice.id,
            kind: 'change',
            from: 'reference',
            moved: METRICS[metric].good === 'lower' ? 'up' : 'down',
            by: METRICS[metric].unit === 'share' ? '5' : '10',
            relative: METRICS[metric].unit !== 'share',
          }}
          onClose={close}
        />
      ) : null}
    </div>
  );
}

const RemoveSlice = ({ slice, onClose }: { slice: Slice; onClose: () => void }) => (
  <RemoveDialog
    what={`the slice ${slice.name}`}
    name={slice.name}
    remove={(rpc) => rpc.slices.remove({ id: slice.id })}
    topics={['monitoring', 'alerts']}
    onClose={onClose}
  >
    Its figures go and rules on it can judge nothing any more. The rows themselves stay; a slice made again is
    filled from those that are still logged.
  </RemoveDialog>
);
