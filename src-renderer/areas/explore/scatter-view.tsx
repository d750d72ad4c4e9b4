/** One metric or parameter against another: a dot for each run. */
import { ArrowLeftRight, ChartScatter, ListChecks, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ChartFrame } from '../../charts/chart-frame.tsx';
import { ScatterChart } from '../../charts/scatter-chart.tsx';
import { type Trend, trendOf } from '../../charts/scatter-rules.ts';
import { useHeight } from '../../charts/use-width.ts';
import { type ValueAxis, valueAxis, valueText } from '../../charts/value-axis.ts';
import { formatFixed, plural } from '../../lib/format.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import type { ColumnId } from '../../lib/run-columns.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import type { Cells } from './cells.ts';
import { ColorLegend } from './color-legend.tsx';
import { useColors } from './colors-of.ts';
import {
  groupChoices,
  mainMetric,
  metricChoices,
  usualAxes,
  valueChoices,
  valueColumn,
} from './column-choice.ts';
import type { ExploreProps } from './explore-props.ts';
import { useExplorePart } from './explore-state.ts';
import { Labelled } from './lines-toolbar.tsx';
import { Toggle } from './toggle.tsx';
import { useImportance } from './use-importance.ts';
import { useCells } from './use-matrix.ts';

const NO_COLOR = '';

export function ScatterView(props: ExploreProps) {
  const { experiment, keys, filter, selected, onSelect } = props;
  const [state, change] = useExplorePart(experiment, 'scatter');
  const [boxed, setBoxed] = useState<readonly string[]>([]);
  const runIds = useMemo(() => (selected.size > 0 ? [...selected] : null), [selected]);
  const y = state.y ?? mainMetric(keys);
  // The param that matters most; which one that is takes a moment to know.
  const importance = useImportance({ experiment, filter, runIds }, mainMetric(keys), state.x === null);
  const decided = !importance.isLoading;
  const [usual] = useMemo(
    () =>
      usualAxes(
        keys,
        (importance.data?.params ?? []).map(({ key }) => key),
      ),
    [keys, importance.data],
  );
  const x = state.x ?? (decided ? (usual ?? null) : null);
  const color = state.color ?? NO_COLOR;
  const wanted = useMemo(
    () => [...new Set([x, y, color].filter((id): id is ColumnId => id !== null && id !== NO_COLOR))],
    [x, y, color],
  );
  const { query, cells } = useCells({ experiment, filter, runIds }, wanted);
  const choices = useMemo(() => valueChoices(keys), [keys]);
  const colorChoices = useMemo(() => [...metricChoices(keys), ...groupChoices(keys)], [keys]);
  const axisOf = (id: ColumnId | null, log: boolean | null): ValueAxis | null => {
    const column = cells && id !== null && id !== NO_COLOR ? valueColumn(cells, id) : null;
    return column && valueAxis(column, log);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what `axisOf` reads is named here.
  const axes = useMemo(
    () => ({ x: axisOf(x, state.logX), y: axisOf(y, state.logY), color: axisOf(color, null) }),
    [cells, x, y, color, state.logX, state.logY],
  );

  if (keys && decided && (x === null || y === null))
    return (
      <Panel>
        <EmptyState icon={ChartScatter} title="Nothing to set against each other">
          A scatter plot needs a metric and a parameter or a second metric.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2">
        <Labelled label="x">
          <Select
            label="Horizontal axis"
            hideLabel
            value={x ?? ''}
            onChange={(next) => change({ x: next, logX: null })}
            options={choices}
          />
        </Labelled>
        <IconButton
          icon={ArrowLeftRight}
          label="Swap the axes"
          onClick={() => change({ x: y, y: x, logX: state.logY, logY: state.logX })}
        />
        <Labelled label="y">
          <Select
            label="Vertical axis"
            hideLabel
            value={y ?? ''}
            onChange={(next) => change({ y: next, logY: null })}
            options={choices}
          />
        </Labelled>
        <Labelled label="Colour by">
          <Select
            label="Colour by"
            hideLabel
            value={color}
            onChange={(next) => change({ color: next })}
            options={[{ value: NO_COLOR, label: 'One colour' }, ...colorChoices]}
          />
        </Labelled>
        <div className="flex items-center gap-1">
          <Toggle label="Log x" on={axes.x?.log ?? false} onChange={(logX) => change({ logX })} />
          <Toggle label="Log y" on={axes.y?.log ?? false} onChange={(logY) => change({ logY })} />
          <Toggle
            label="Trend"
            title="The straight line that fits the dots best, over logarithms where an axis has them"
            on={state.trend}
            onChange={(trend) => change({ trend })}
          />
        </div>
        {boxed.length > 0 ? (
          <div className="ml-auto flex items-center gap-2">
            <Button variant="ghost" icon={X} onClick={() => setBoxed([])}>
              Clear the box
            </Button>
            <Button
              icon={ListChecks}
              onClick={() => {
                onSelect(new Set(boxed));
                setBoxed([]);
              }}
            >
              Select {plural(boxed.length, 'run')}
            </Button>
          </div>
        ) : (
          <span className="ml-auto text-xs text-ink-3">Drag a box to pick runs</span>
        )}
      </div>
      <div className="min-h-0 flex-1">
        <Panel fill>
          <QueryState query={query} what="Scatter plot">
            {() =>
              cells && axes.x && axes.y ? (
                <Chart
                  cells={cells}
                  x={axes.x}
                  y={axes.y}
                  color={axes.color}
                  trend={state.trend}
                  boxed={boxed}
                  onBox={setBoxed}
                />
              ) : null
            }
          </QueryState>
        </Panel>
      </div>
    </div>
  );
}

/** The frame's head. */
const FRAME_PX = 34;

function Chart({
  cells,
  x,
  y,
  color,
  trend: withTrend,
  boxed,
  onBox,
}: {
  cells: Cells;
  x: ValueAxis;
  y: ValueAxis;
  color: ValueAxis | null;
  trend: boolean;
  boxed: readonly string[];
  onBox(ids: readonly string[]): void;
}) {
  const [box, height] = useHeight();
  const colors = useColors(color, cells.ids.length);
  const names = useMemo(() => cells.ids.map((id) => cells.names.get(id) ?? id), [cells]);
  const trend = useMemo(() => trendOf(inScale(x), inScale(y)), [x, y]);
  const marked = useMemo(() => {
    const set = new Set(boxed);
    return set.size === 0 ? null : Uint8Array.from(cells.ids, (id) => Number(set.has(id)));
  }, [boxed, cells]);
  const drawn = x.values.reduce(
    (sum, value, at) => sum + Number(!Number.isNaN(value) && !Number.isNaN(y.values[at])),
    0,
  );
  const left = cells.ids.length - drawn;
  const title = `${y.title} over ${x.title}`;
  const summary = `${title}: ${plural(drawn, 'run')}${trend ? `, correlation ${formatFixed(trend.r, 2)}` : ''}. ${x.title} from ${valueText(x, x.range[0])} to ${valueText(x, x.range[1])}, ${y.title} from ${valueText(y, y.range[0])} to ${valueText(y, y.range[1])}.`;
  return (
    <div ref={box} className="h-full min-h-64 overflow-hidden">
      {height > 0 ? (
        <ChartFrame
          title={title}
          summary={summary}
          height={height - FRAME_PX}
          legend={
            <div className="flex items-center justify-end gap-4">
              {left > 0 ? <span className="num text-xs text-ink-3">{left} without both values</span> : null}
              {trend ? <Fit trend={trend} /> : null}
              <ColorLegend axis={color} />
            </div>
          }
          table={() => ({
            columns: ['Run', x.title, y.title, ...(color ? [color.title] : [])],
            rows: names.map((name, at) => [
              name,
              ...[x, y, ...(color ? [color] : [])].map((axis) =>
                valueText(axis, axis.values[at] ?? Number.NaN),
              ),
            ]),
            keep: 'first',
          })}
        >
          <ScatterChart
            title={title}
            names={names}
            x={x}
            y={y}
            color={color}
            colors={colors}
            marked={marked}
            trend={withTrend ? trend : null}
            onOpen={(at) => navigate(pathTo('runs', cells.ids[at] ?? ''))}
            onBox={(dots) => onBox(dots.map((dot) => cells.ids[dot] ?? ''))}
            height={height - FRAME_PX}
          />
        </ChartFrame>
      ) : null}
    </div>
  );
}

const Fit = ({ trend }: { trend: Trend }) => (
  <span className="num text-xs text-ink-2" title="Pearson’s correlation of the dots as they lie">
    r = {formatFixed(trend.r, 2)}
  </span>
);

/** Names have no order that a line could go by. */
const inScale = (axis: ValueAxis): Float64Array => {
  if (axis.categories) return new Float64Array(axis.values.length).fill(Number.NaN);
  return axis.log ? axis.values.map((value) => Math.log10(value)) : axis.values;
};
