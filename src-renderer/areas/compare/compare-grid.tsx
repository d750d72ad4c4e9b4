/** The table of a comparison: rows and columns in any number, of which those in sight are drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type MouseEvent, memo, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { ComparedRun, CompareRow } from '../../../src-main/contract/compare.ts';
import { formatCount } from '../../lib/format.ts';
import { cx } from '../../ui/cx.ts';
import { moveBetweenRows } from '../../ui/Table.tsx';
import { CompareCell } from './compare-cell.tsx';
import { type Item, isTall, rowId, valuesOf } from './compare-model.ts';
import { RunHead } from './run-head.tsx';

const NAME_WIDTH = 230;
const RUN_WIDTH = 178;
const HEAD_HEIGHT = 52;

export type CompareGridProps = {
  /** The first one is the baseline. */
  runs: readonly ComparedRun[];
  items: readonly Item[];
  /** The row that is looked at closely. */
  current: string | null;
  onFold(section: string): void;
  onRuns(runs: readonly string[]): void;
  onOpen(row: string, run: string | null): void;
  onShowAll(): void;
};

export function CompareGrid({ runs, items, current, onFold, onRuns, onOpen, onShowAll }: CompareGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const [compact] = useState(rowHeight);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    // The virtualizer measures all rows anew when it is given another function.
    estimateSize: useCallback((at: number) => heightOf(items[at], compact), [items, compact]),
    getItemKey: useCallback((at: number) => keyOf(items[at], at), [items]),
    overscan: 6,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: Math.max(0, runs.length - 1),
    getScrollElement: () => box.current,
    estimateSize: columnWidth,
    overscan: 1,
  });
  const shownRows = rows.getVirtualItems();
  const shownColumns = columns.getVirtualItems();
  const [first, last] = [shownColumns[0]?.index ?? 0, shownColumns.at(-1)?.index ?? -1];
  const before = first * RUN_WIDTH;
  const after = Math.max(0, runs.length - 2 - last) * RUN_WIDTH;
  const currentAt = items.findIndex((item) => item.kind === 'row' && rowId(item.row) === current);
  useEffect(() => {
    if (currentAt >= 0) rows.scrollToIndex(currentAt, { align: 'auto' });
  }, [currentAt, rows]);
  const span = 3 + (last - first + 1) + (before > 0 ? 1 : 0) + (after > 0 ? 1 : 0);
  const edges = { first, last, before, after };

  return (
    <div ref={box} className="h-full overflow-auto">
      <table
        aria-label="Comparison"
        aria-rowcount={items.length + 1}
        aria-colcount={runs.length + 1}
        className="table-fixed border-separate border-spacing-0 text-left"
        style={{ width: '100%', minWidth: NAME_WIDTH + runs.length * RUN_WIDTH }}
      >
        <Head runs={runs} onRuns={onRuns} {...edges} />
        <tbody onKeyDown={moveBetweenRows}>
          <Space height={shownRows[0]?.start ?? 0} span={span} />
          {shownRows.map(({ index, key }) => {
            const item = items[index];
            if (!item) return null;
            const height = heightOf(item, compact);
            if (item.kind === 'section')
              return (
                <SectionRow
                  key={key}
                  {...{ item, index, span, height, onShowAll }}
                  onFold={() => onFold(item.section)}
                />
              );
            if (item.kind === 'group')
              return (
                <tr key={key} aria-rowindex={index + 2} style={{ height }}>
                  <th scope="colgroup" colSpan={span} className="border-b border-line bg-surface px-3">
                    <span className="sticky left-3 text-xs font-medium text-ink-2">
                      {item.title} <span className="num font-normal text-ink-3">{item.rows}</span>
                    </span>
                  </th>
                </tr>
              );
            return (
              <ValueRow
                key={key}
                {...{ row: item.row, index, runs, height, onOpen, ...edges }}
                isCurrent={rowId(item.row) === current}
              />
            );
          })}
          <Space height={rows.getTotalSize() - (shownRows.at(-1)?.end ?? 0)} span={span} />
        </tbody>
      </table>
    </div>
  );
}

const columnWidth = () => RUN_WIDTH;

const HEAD = 'sticky top-0 z-20 border-b border-line bg-surface align-middle font-medium';
const BASE_LEFT = { left: NAME_WIDTH };

type Edges = { first: number; last: number; before: number; after: number };

/** The baseline, then the columns in sight, with empty cells as wide as what is left out on either side. */
function cellsOf(
  runs: readonly ComparedRun[],
  { first, last, before, after }: Edges,
  cell: (run: ComparedRun, at: number) => ReactNode,
  emptyClass = 'border-b border-line',
): ReactNode[] {
  const [base] = runs;
  const gap = (key: string, width: number) =>
    width > 0
      ? [<td key={key} aria-hidden="true" style={{ width, padding: 0 }} className={emptyClass} />]
      : [];
  return [
    ...(base ? [cell(base, 0)] : []),
    ...gap('before', before),
    ...runs.slice(first + 1, last + 2).map((run, at) => cell(run, first + 1 + at)),
    ...gap('after', after),
    // Takes what room is left, so that the others keep their widths.
    <td key="rest" aria-hidden="true" className={emptyClass} />,
  ];
}

type HeadProps = Edges & Pick<CompareGridProps, 'runs' | 'onRuns'>;

/** Drawn anew only when its columns change, not with each row that comes into sight. */
const Head = memo(function Head({ runs, onRuns, ...edges }: HeadProps) {
  const mixed = new Set(runs.map(({ experimentId }) => experimentId)).size > 1;
  return (
    <thead>
      <tr style={{ height: HEAD_HEIGHT }}>
        <th scope="col" style={{ width: NAME_WIDTH }} className={cx(HEAD, 'left-0 z-30 px-3')}>
          <span className="sr-only">Name</span>
        </th>
        {cellsOf(
          runs,
          edges,
          (run, at) => (
            <th
              key={run.id}
              scope="col"
              aria-colindex={at + 2}
              style={{ width: RUN_WIDTH, ...(at === 0 ? BASE_LEFT : {}) }}
              className={cx(HEAD, 'px-2', at === 0 && 'z-30 border-r')}
            >
              <RunHead runs={runs} at={at} mixed={mixed} onRuns={onRuns} />
            </th>
          ),
          HEAD,
        )}
      </tr>
    </thead>
  );
}, isSameDrawing);

/** What a row calls is another function at each drawing, and does the same. */
function isSameDrawing<Props extends object>(a: Props, b: Props): boolean {
  return (Object.keys(a) as (keyof Props)[]).every(
    (key) => typeof a[key] === 'function' || Object.is(a[key], b[key]),
  );
}

type ValueRowProps = Edges & {
  row: CompareRow;
  index: number;
  runs: readonly ComparedRun[];
  height: number;
  isCurrent: boolean;
  onOpen(row: string, run: string | null): void;
};

const ValueRow = memo(function ValueRow({
  row,
  index,
  runs,
  height,
  isCurrent,
  onOpen,
  ...edges
}: ValueRowProps) {
  const values = valuesOf(row, runs.length);
  const base = values[0] ?? null;
  const id = rowId(row);
  const open = (event: MouseEvent<HTMLTableRowElement>) => {
    if (window.getSelection()?.toString()) return;
    const cell = (event.target as Element).closest<HTMLElement>('[data-run]');
    onOpen(id, cell?.dataset.run ?? null);
  };
  const ground = isCurrent ? 'bg-selected' : 'bg-surface group-hover/row:bg-hover';
  return (
    <tr
      aria-rowindex={index + 2}
      aria-current={isCurrent ? 'true' : undefined}
      onClick={open}
      style={{ height }}
      className={cx('group/row cursor-default', isCurrent ? 'bg-selected' : 'hover:bg-hover')}
    >
      <th
        scope="row"
        className="sticky left-0 z-10 border-b border-line bg-surface p-0 text-left font-normal"
      >
        <span className={cx('flex items-center px-3', ground)} style={{ height: height - 1 }}>
          <button
            type="button"
            data-row-link=""
            title={row.key}
            className="max-w-full truncate rounded-xs text-left text-ink-2 hover:text-ink"
          >
            {row.key}
          </button>
        </span>
      </th>
      {cellsOf(runs, edges, (run, at) => (
        <td
          key={run.id}
          data-run={run.id}
          aria-colindex={at + 2}
          style={at === 0 ? BASE_LEFT : undefined}
          className={cx(
            'border-b border-line align-middle',
            at === 0 ? 'sticky z-10 border-r bg-surface p-0' : 'px-2',
          )}
        >
          {at === 0 ? (
            <span className={cx('flex items-center px-2', ground)} style={{ height: height - 1 }}>
              <CompareCell row={row} value={base} base={null} isBase />
            </span>
          ) : (
            <CompareCell row={row} value={values[at] ?? null} base={base} />
          )}
        </td>
      ))}
    </tr>
  );
}, isSameDrawing);

function SectionRow({
  item,
  index,
  span,
  height,
  onFold,
  onShowAll,
}: {
  item: Extract<Item, { kind: 'section' }>;
  index: number;
  span: number;
  height: number;
  onFold(): void;
  onShowAll(): void;
}) {
  const Icon = item.folded ? ChevronRight : ChevronDown;
  return (
    <tr aria-rowindex={index + 2} style={{ height }} className="bg-canvas">
      <th scope="colgroup" colSpan={span} className="border-b border-line px-2 font-medium">
        <span className="sticky left-2 inline-flex items-center gap-3">
          <button
            type="button"
            aria-expanded={!item.folded}
            onClick={onFold}
            className="inline-flex items-center gap-1.5 rounded-xs"
          >
            <Icon size={14} aria-hidden="true" />
            {item.title}
          </button>
          <span className="num text-xs font-normal text-ink-3">
            {item.rows === 0 ? 'nothing differs' : formatCount(item.rows)}
            {item.cut > 0 ? `, ${formatCount(item.cut)} more are not shown` : ''}
            {item.note === '' ? '' : `, ${item.note}`}
          </span>
          {item.alike > 0 ? (
            <button
              type="button"
              onClick={onShowAll}
              className="num rounded-xs text-xs font-normal text-ink-3 underline-offset-2 hover:text-ink hover:underline"
            >
              {formatCount(item.alike)} alike hidden
            </button>
          ) : null}
        </span>
      </th>
    </tr>
  );
}

function Space({ height, span }: { height: number; span: number }) {
  return height > 0 ? (
    <tr>
      <td colSpan={span} aria-hidden="true" style={{ height, padding: 0 }} />
    </tr>
  ) : null;
}

const keyOf = (item: Item | undefined, at: number): string => {
  if (!item) return String(at);
  if (item.kind === 'row') return rowId(item.row);
  return item.kind === 'group' ? item.id : `section-${item.section}`;
};

function heightOf(item: Item | undefined, compact: number): number {
  return item?.kind === 'row' && isTall(item.row) ? compact + 8 : compact;
}

/** The density's row height in pixels. */
const rowHeight = () =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row-h')) || 34;
