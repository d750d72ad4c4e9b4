/** One metric's value of each run as a bar, or the mean of each group with its spread. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChartBarBig } from 'lucide-react';
import { useCallback, useMemo, useRef } from 'react';
import { readValue } from '../../charts/format.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { moveBetweenRows } from '../../ui/Table.tsx';
import { type BarRow, barExtent, barRows } from './bar-rows.ts';
import { groupChoices, mainMetric, metricChoices, titleOf } from './column-choice.ts';
import type { ExploreProps } from './explore-props.ts';
import { useExplorePart } from './explore-state.ts';
import { Labelled } from './lines-toolbar.tsx';
import { useCells } from './use-matrix.ts';

const NO_GROUPS = '';

export function BarsView({ experiment, keys, filter, selected }: ExploreProps) {
  const [state, change] = useExplorePart(experiment, 'bars');
  const runIds = useMemo(() => (selected.size > 0 ? [...selected] : null), [selected]);
  const metric = state.metric ?? mainMetric(keys);
  const { groupBy } = state;
  const wanted = useMemo(() => [metric, groupBy].filter((id) => id !== null), [metric, groupBy]);
  const { query, cells } = useCells({ experiment, filter, runIds }, wanted);
  const rows = useMemo(
    () => (cells && metric !== null ? barRows(cells, metric, groupBy) : []),
    [cells, metric, groupBy],
  );
  if (keys && metric === null)
    return (
      <Panel>
        <EmptyState icon={ChartBarBig} title="No metric yet">
          Each metric that a run logs can be compared here, a bar for each run.
        </EmptyState>
      </Panel>
    );
  const without = (cells?.ids.length ?? 0) - rows.reduce((sum, { runs }) => sum + runs, 0);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-3">
        <Labelled label="Metric">
          <Select
            label="Metric"
            hideLabel
            value={metric ?? ''}
            onChange={(next) => change({ metric: next })}
            options={metricChoices(keys)}
          />
        </Labelled>
        <Labelled label="Group by">
          <Select
            label="Group by"
            hideLabel
            value={groupBy ?? NO_GROUPS}
            onChange={(next) => change({ groupBy: next === NO_GROUPS ? null : next })}
            options={[{ value: NO_GROUPS, label: 'Nothing' }, ...groupChoices(keys)]}
          />
        </Labelled>
        <span className="num text-xs text-ink-3" role="status">
          {plural(rows.length, groupBy === null ? 'run' : 'group')}
          {without > 0 ? `; ${plural(without, 'run')} without this metric` : ''}
        </span>
      </div>
      <div className="min-h-0 flex-1">
        <Panel padded={false} fill>
          <QueryState query={query} what="Bars">
            {() =>
              rows.length === 0 ? (
                <EmptyState icon={ChartBarBig} title="No run has this metric">
                  Another metric, or another filter, may have something to show.
                </EmptyState>
              ) : (
                <Bars
                  rows={rows}
                  title={titleOf(metric ?? '')}
                  group={groupBy === null ? null : titleOf(groupBy)}
                />
              )
            }
          </QueryState>
        </Panel>
      </div>
    </div>
  );
}

const ROW = 28;
const rowHeight = () => ROW;
const HEAD =
  'sticky top-0 z-10 h-8 border-b border-line bg-surface px-3 text-xs font-medium whitespace-nowrap text-ink-3';
const CELL = 'h-7 border-b border-line px-3 align-middle whitespace-nowrap';

function Bars({ rows, title, group }: { rows: readonly BarRow[]; title: string; group: string | null }) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: rowHeight,
    overscan: 12,
    getItemKey: useCallback((at: number) => rows[at]?.id ?? at, [rows]),
  });
  const shown = virtual.getVirtualItems();
  const extent = useMemo(() => barExtent(rows), [rows]);
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div ref={box} className="h-full overflow-auto">
      <table
        aria-label={group === null ? `${title} of each run` : `${title} by ${group}`}
        aria-rowcount={rows.length + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-left"
      >
        <thead>
          <tr>
            <th scope="col" className={cx(HEAD, 'w-64')}>
              {group ?? 'Run'}
            </th>
            <th scope="col" title={title} className={cx(HEAD, 'w-44 truncate text-right')}>
              {group === null ? title : `Mean ${title}`}
            </th>
            <th scope="col" className={HEAD}>
              {group === null ? null : 'Mean, ± standard deviation, least to greatest'}
            </th>
            {group === null ? null : (
              <>
                <th scope="col" className={cx(HEAD, 'w-24 text-right')}>
                  ± std
                </th>
                <th scope="col" className={cx(HEAD, 'w-36 text-right')}>
                  Range
                </th>
                <th scope="col" className={cx(HEAD, 'w-16 text-right')}>
                  Runs
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody onKeyDown={moveBetweenRows}>
          <Gap height={before} span={group === null ? 3 : 6} />
          {shown.map(({ index, key }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <tr key={key} aria-rowindex={index + 2} className="hover:bg-hover">
                <th scope="row" className={cx(CELL, 'truncate text-left text-xs font-medium')}>
                  {group === null ? (
                    <Link to={pathTo('runs', row.id)} quiet data-row-link="">
                      {row.label}
                    </Link>
                  ) : (
                    row.label
                  )}
                </th>
                <td className={cx(CELL, 'num text-right text-xs')}>{readValue(row.value, 'number')}</td>
                <td className={CELL}>
                  <Bar row={row} extent={extent} />
                </td>
                {group === null ? null : (
                  <>
                    <td className={cx(CELL, 'num text-right text-xs text-ink-2')}>
                      {readValue(row.std, 'number')}
                    </td>
                    <td className={cx(CELL, 'num text-right text-xs text-ink-2')}>
                      {readValue(row.low, 'number')} – {readValue(row.high, 'number')}
                    </td>
                    <td className={cx(CELL, 'num text-right text-xs text-ink-2')}>{formatCount(row.runs)}</td>
                  </>
                )}
              </tr>
            );
          })}
          <Gap height={after} span={group === null ? 3 : 6} />
        </tbody>
      </table>
    </div>
  );
}

/** A bar from zero, and over a group's bar its standard deviation and its whole range. */
function Bar({ row, extent: [low, high] }: { row: BarRow; extent: readonly [number, number] }) {
  const share = (value: number) => `${((value - low) / (high - low)) * 100}%`;
  const width = (from: number, to: number) => `${(Math.abs(to - from) / (high - low)) * 100}%`;
  const { value, std } = row;
  return (
    <div aria-hidden="true" className="relative h-4">
      <div className="absolute inset-y-0 w-px bg-line-strong" style={{ left: share(0) }} />
      <div
        className="absolute inset-y-0.5 rounded-[2px] bg-chart-1"
        style={{ left: share(Math.min(0, value)), width: width(0, value) }}
      />
      {row.runs > 1 ? (
        <div
          className="absolute top-1/2 h-px bg-ink"
          style={{ left: share(row.low), width: width(row.low, row.high) }}
        />
      ) : null}
      {std === null ? null : (
        <div
          className="absolute inset-y-1 rounded-[2px] border-x-2 border-ink bg-ink/20"
          style={{
            left: share(Math.max(low, value - std)),
            width: width(Math.max(low, value - std), Math.min(high, value + std)),
          }}
        />
      )}
    </div>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  return height > 0 ? (
    <tr>
      <td colSpan={span} aria-hidden="true" style={{ height, padding: 0 }} />
    </tr>
  ) : null;
}
