/** Parallel coordinates of all runs found: what goes in on the left, what comes out on the right. */
import { ChevronDown, ListChecks, ListFilter, SlidersHorizontal, Workflow, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ChartFrame } from '../../charts/chart-frame.tsx';
import type { Range } from '../../charts/curve.ts';
import { createHighlight } from '../../charts/highlight.ts';
import { ParallelChart } from '../../charts/parallel-chart.tsx';
import { moved, passing } from '../../charts/parallel-rules.ts';
import { useHeight } from '../../charts/use-width.ts';
import { sharesOf, type ValueAxis, valueAxis, valueText } from '../../charts/value-axis.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import type { ColumnId } from '../../lib/run-columns.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { AxesDialog } from './axes-dialog.tsx';
import { filterOf } from './brush-filter.ts';
import type { Cells } from './cells.ts';
import { ColorLegend } from './color-legend.tsx';
import { useColors } from './colors-of.ts';
import { mainMetric, titleOf, usualAxes, valueColumn } from './column-choice.ts';
import type { ExploreProps } from './explore-props.ts';
import { type ChangePart, type ParallelState, useExplorePart } from './explore-state.ts';
import { Labelled } from './lines-toolbar.tsx';
import { useImportance } from './use-importance.ts';
import { useCells } from './use-matrix.ts';

const MOST_AXES = 20;
const NO_COLOR = '';

export function ParallelView(props: ExploreProps) {
  const { experiment, keys, filter, selected } = props;
  const [state, change] = useExplorePart(experiment, 'parallel');
  const [choosing, setChoosing] = useState(false);
  const runIds = useMemo(() => (selected.size > 0 ? [...selected] : null), [selected]);
  const metric = mainMetric(keys);
  const importance = useImportance({ experiment, filter, runIds }, metric, state.axes === null);
  const ids = useMemo<readonly ColumnId[]>(() => {
    if (state.axes !== null) return state.axes;
    const decided = importance.data !== undefined || importance.error !== null || (keys && !metric);
    return decided
      ? usualAxes(
          keys,
          (importance.data?.params ?? []).map(({ key }) => key),
        )
      : [];
  }, [state.axes, importance.data, importance.error, keys, metric]);
  const color = state.color ?? (state.axes === null ? (metric ?? NO_COLOR) : NO_COLOR);
  const wanted = useMemo(() => [...new Set([...ids, ...(color === NO_COLOR ? [] : [color])])], [ids, color]);
  const { query, cells } = useCells({ experiment, filter, runIds }, wanted);

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-3">
        <Button icon={SlidersHorizontal} onClick={() => setChoosing(true)}>
          Axes
        </Button>
        <Labelled label="Colour by">
          <Select
            label="Colour by"
            hideLabel
            value={color}
            onChange={(next) => change({ color: next })}
            options={[
              { value: NO_COLOR, label: 'One colour' },
              ...wanted.map((value) => ({ value, label: titleOf(value) })),
            ]}
          />
        </Labelled>
        {cells ? <Picked {...props} state={state} change={change} cells={cells} ids={ids} /> : null}
      </div>
      <div className="min-h-0 flex-1">
        <Panel fill>
          {keys && ids.length < 2 && (state.axes !== null || !importance.isLoading) ? (
            <EmptyState
              icon={Workflow}
              title="Two axes at least"
              action={<Button onClick={() => setChoosing(true)}>Choose axes</Button>}
            >
              Each axis is a metric or a parameter, and each run is a line through its values.
            </EmptyState>
          ) : (
            <QueryState query={query} what="Parallel coordinates">
              {() => (cells ? <Chart {...{ cells, ids, color, state, change }} /> : null)}
            </QueryState>
          )}
        </Panel>
      </div>
      <AxesDialog
        open={choosing}
        onClose={() => setChoosing(false)}
        keys={keys}
        chosen={ids}
        most={MOST_AXES}
        onChange={(axes) => change({ axes })}
        onReset={() => change({ axes: null, color: null, log: {}, brushes: {} })}
      />
    </div>
  );
}

type Own = { state: ParallelState; change: ChangePart<'parallel'> };

function axesOf(cells: Cells, ids: readonly ColumnId[], log: ParallelState['log']): ValueAxis[] {
  return ids.flatMap((id) => {
    const column = valueColumn(cells, id);
    return column ? [valueAxis(column, log[id] ?? null)] : [];
  });
}

const maskOf = (cells: Cells, axes: readonly ValueAxis[], brushes: ParallelState['brushes']) =>
  passing(
    axes.map(sharesOf),
    axes.map(({ id }) => brushes[id] ?? null),
    cells.ids.length,
  );

/** What can be done with the runs that the brushes pick. */
function Picked({
  state,
  change,
  cells,
  ids,
  filter,
  onSelect,
  onFilter,
}: ExploreProps & Own & { cells: Cells; ids: readonly ColumnId[] }) {
  const axes = useMemo(() => axesOf(cells, ids, state.log), [cells, ids, state.log]);
  const brushed = axes.some(({ id }) => state.brushes[id]);
  if (!brushed)
    return (
      <span className="text-xs text-ink-3">
        {plural(cells.ids.length, 'run')}; drag along an axis to pick some
      </span>
    );
  const mask = maskOf(cells, axes, state.brushes);
  const picked = cells.ids.filter((_, at) => mask[at] === 1);
  const text = filterOf(axes, state.brushes);
  return (
    <div className="ml-auto flex flex-wrap items-center gap-2">
      <span className="num text-xs text-ink-3" role="status">
        {formatCount(picked.length)} of {plural(cells.ids.length, 'run')} picked
      </span>
      <Button variant="ghost" icon={X} onClick={() => change({ brushes: {} })}>
        Clear brushes
      </Button>
      {text === null ? null : (
        <Button
          icon={ListFilter}
          onClick={() => {
            change({ brushes: {} });
            onFilter(filter.trim() === '' ? text : `(${filter}) AND ${text}`);
          }}
        >
          Filter by this
        </Button>
      )}
      <Button
        icon={ListChecks}
        disabled={picked.length === 0}
        onClick={() => {
          change({ brushes: {} });
          onSelect(new Set(picked));
        }}
      >
        Select {plural(picked.length, 'run')}
      </Button>
    </div>
  );
}

/** Title line of the frame around the drawing. */
const FRAME_PX = 34;

function Chart({
  cells,
  ids,
  color,
  state,
  change,
}: Own & { cells: Cells; ids: readonly ColumnId[]; color: ColumnId }) {
  const [highlight] = useState(createHighlight);
  const [box, height] = useHeight();
  const axes = useMemo(() => axesOf(cells, ids, state.log), [cells, ids, state.log]);
  const colorAxis = useMemo(() => {
    const column = color === NO_COLOR ? null : valueColumn(cells, color);
    return column && valueAxis(column, state.log[color] ?? null);
  }, [cells, color, state.log]);
  const colors = useColors(colorAxis, cells.ids.length);
  const names = useMemo(() => cells.ids.map((id) => cells.names.get(id) ?? id), [cells]);
  const order = axes.map(({ id }) => id);
  const summary = `${plural(names.length, 'run')} as lines through ${plural(axes.length, 'axis', 'axes')}: ${axes.map((axis) => `${axis.title} from ${valueText(axis, axis.range[0])} to ${valueText(axis, axis.range[1])}`).join('; ')}.`;

  const onBrush = (id: string, brush: Range | null) => {
    const { [id]: _, ...others } = state.brushes;
    change({ brushes: brush ? { ...others, [id]: brush } : others });
  };
  const head = (axis: ValueAxis, at: number) => (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          title={axis.title}
          className="flex h-6 max-w-full items-center gap-1 rounded-sm px-1.5 text-xs font-medium hover:bg-hover"
        >
          <span className="min-w-0 truncate">{axis.title}</span>
          <ChevronDown size={11} aria-hidden="true" className="shrink-0 text-ink-3" />
        </button>
      }
      items={[
        { id: 'color', label: 'Colour by this', run: () => change({ color: axis.id }) },
        {
          id: 'log',
          label: axis.log ? 'Even scale' : 'Logarithmic scale',
          reason: axis.log || canLog(axis) ? null : 'Only for numbers above zero',
          run: () =>
            change({ log: { ...state.log, [axis.id]: !axis.log }, brushes: without(state.brushes, axis.id) }),
        },
        {
          id: 'clear',
          label: 'Clear its brush',
          reason: state.brushes[axis.id] ? null : 'There is none',
          run: () => onBrush(axis.id, null),
        },
        'separator',
        {
          id: 'left',
          label: 'Move left',
          reason: at > 0 ? null : 'It is the first',
          run: () => change({ axes: moved(order, at, at - 1) }),
        },
        {
          id: 'right',
          label: 'Move right',
          reason: at < order.length - 1 ? null : 'It is the last',
          run: () => change({ axes: moved(order, at, at + 1) }),
        },
        {
          id: 'remove',
          label: 'Take away',
          run: () =>
            change({
              axes: order.filter((id) => id !== axis.id),
              brushes: without(state.brushes, axis.id),
              color,
            }),
        },
      ]}
    />
  );
  return (
    <div ref={box} className="h-full min-h-64 overflow-hidden">
      {height > 0 ? (
        <ChartFrame
          title="Parallel coordinates"
          hideTitle
          summary={summary}
          height={height - FRAME_PX}
          legend={<ColorLegend axis={colorAxis} />}
          table={() => {
            const mask = maskOf(cells, axes, state.brushes);
            return {
              columns: ['Run', ...axes.map(({ title }) => title)],
              rows: names.flatMap((name, at) =>
                mask[at] === 1
                  ? [[name, ...axes.map((axis) => valueText(axis, axis.values[at] ?? Number.NaN))]]
                  : [],
              ),
              keep: 'first',
            };
          }}
        >
          <ParallelChart
            title="Parallel coordinates"
            summary={summary}
            names={names}
            ids={cells.ids}
            axes={axes}
            brushes={state.brushes}
            onBrush={onBrush}
            onOrder={(next) => change({ axes: next, color })}
            head={head}
            colors={colors}
            highlight={highlight}
            onOpen={(id) => navigate(pathTo('runs', id))}
            height={height - FRAME_PX}
          />
        </ChartFrame>
      ) : null}
    </div>
  );
}

const canLog = (axis: ValueAxis): boolean =>
  axis.categories === null && axis.kind === 'number' && axis.range[0] > 0;

function without(brushes: ParallelState['brushes'], id: string): ParallelState['brushes'] {
  const { [id]: _, ...others } = brushes;
  return others;
}
