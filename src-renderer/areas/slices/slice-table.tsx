import { BellPlus, Ellipsis, Trash2 } from 'lucide-react';
import type { PerformanceMetric } from '../../../src-main/contract/monitoring-series.ts';
import type { Slice, SliceRow } from '../../../src-main/contract/slices.ts';
import { formatCount, formatPercent, NONE } from '../../lib/format.ts';
import { columnText, differenceText, METRICS } from '../../lib/series-words.ts';
import { useNarrow } from '../../lib/use-narrow.ts';
import { Badge } from '../../ui/Badge.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Explain } from '../explain/index.tsx';
import { byWeight, conditionsText } from './slice-words.ts';

type SliceTableProps = {
  rows: readonly SliceRow[];
  metric: PerformanceMetric;
  chosen: string | null;
  onChoose: (id: string) => void;
  onAlert: (slice: Slice) => void;
  onRemove: (slice: Slice) => void;
};

const ALL = 'all';
/** The interval and the time before are in the chart of a slice too. */
const NOT_NARROW = ['interval', 'before'];

export function SliceTable({ rows, metric, chosen, onChoose, onAlert, onRemove }: SliceTableProps) {
  const { unit, good } = METRICS[metric];
  const narrow = useNarrow();
  const columns: Column<SliceRow>[] = [
    {
      id: 'name',
      header: 'Slice',
      cell: ({ slice, apart }) =>
        slice ? (
          <span className={`flex min-w-0 items-center gap-2 ${narrow ? 'max-w-56' : ''}`}>
            <button
              type="button"
              aria-pressed={slice.id === chosen}
              title={conditionsText(slice.conditions)}
              onClick={() => onChoose(slice.id)}
              className="min-w-0 truncate rounded-xs text-left text-accent hover:underline"
              data-row-link=""
            >
              {slice.name}
            </button>
            {apart ? (
              <span title="The 95 % intervals of the slice and of the rest do not meet">
                <Badge tone="warn">apart</Badge>
              </span>
            ) : null}
            {slice.filling ? <Badge tone="info">filling</Badge> : null}
          </span>
        ) : (
          <span className="text-ink-2">All rows</span>
        ),
    },
    {
      id: 'n',
      header: 'Labelled',
      align: 'right',
      cell: ({ labelled, predictions }) => (
        <span title={`of ${formatCount(predictions)} predictions`}>{formatCount(labelled)}</span>
      ),
      sort: ({ labelled }) => labelled,
    },
    {
      id: 'share',
      header: 'Share',
      align: 'right',
      hint: 'Of all rows in this time',
      cell: ({ slice, share }) => (slice ? formatPercent(share) : NONE),
      sort: ({ share }) => share,
    },
    {
      id: 'value',
      header: METRICS[metric].title,
      align: 'right',
      cell: ({ slice, value, low, high, labelled }) => (
        <Explain
          method={`performance.${metric}`}
          value={value}
          n={labelled}
          low={low}
          high={high}
          of={`${METRICS[metric].title} of ${slice?.name ?? 'all rows'}: ${columnText(value, unit)}`}
        >
          <b className="font-semibold">{columnText(value, unit)}</b>
        </Explain>
      ),
      sort: ({ value }) => value,
    },
    {
      id: 'interval',
      header: '95 % interval',
      align: 'right',
      cell: ({ low, high }) => (
        <span className="text-ink-2">
          {low === null || high === null ? NONE : `${columnText(low, unit)} to ${columnText(high, unit)}`}
        </span>
      ),
    },
    { id: 'rest', header: 'Rest', align: 'right', cell: ({ rest }) => columnText(rest, unit) },
    {
      id: 'apart',
      header: 'To the rest',
      align: 'right',
      cell: ({ value, rest, apart }) => {
        if (value === null || rest === null) return NONE;
        const worse = good === 'lower' ? value > rest : value < rest;
        return (
          <span className={!apart || good === 'neither' ? 'text-ink-2' : worse ? 'text-bad' : 'text-ok'}>
            {differenceText(value - rest, unit)}
          </span>
        );
      },
      sort: ({ value, rest }) => (value === null || rest === null ? null : value - rest),
    },
    {
      id: 'before',
      header: 'Before',
      align: 'right',
      cell: ({ before, beforeLabelled }) =>
        before === null ? (
          NONE
        ) : (
          <span title={`n ${formatCount(beforeLabelled)}`}>{columnText(before, unit)}</span>
        ),
    },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: ({ slice }) =>
        slice ? (
          <Menu
            trigger={<IconButton icon={Ellipsis} size="sm" label={`Actions on ${slice.name}`} />}
            items={[
              { id: 'alert', label: 'Make an alert of it', icon: BellPlus, run: () => onAlert(slice) },
              'separator',
              { id: 'remove', label: 'Remove', icon: Trash2, danger: true, run: () => onRemove(slice) },
            ]}
          />
        ) : null,
    },
  ];
  const all = rows.filter(({ slice }) => slice === null);
  const ordered = [...all, ...byWeight(rows.filter(({ slice }) => slice !== null))];
  return (
    <div className="overflow-x-auto">
      <Table
        label="Slices"
        columns={narrow ? columns.filter(({ id }) => !NOT_NARROW.includes(id)) : columns}
        rows={ordered}
        rowKey={({ slice }) => slice?.id ?? ALL}
        current={chosen}
      />
    </div>
  );
}
