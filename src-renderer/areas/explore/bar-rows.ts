/** Bars: a metric's value of each run, or of each group of runs with its spread. Pure. */
import { directionOf } from '../../lib/metric-direction.ts';
import { type ColumnId, columnOf } from '../../lib/run-columns.ts';
import { type CellColumn, type Cells, textAt } from './cells.ts';

export type BarRow = {
  id: string;
  label: string;
  /** The run's value, or the group's mean. */
  value: number;
  /** Of the group; the value itself for a run. */
  low: number;
  high: number;
  /** Standard deviation of a group of two or more runs (n − 1), else null. */
  std: number | null;
  runs: number;
};

/** Best first where the metric's name says what is better, else the largest first. Runs without the metric are left out. */
export function barRows(cells: Cells, metric: ColumnId, groupBy: ColumnId | null): BarRow[] {
  const values = cells.column(metric)?.values;
  const groups = groupBy === null ? null : cells.column(groupBy);
  if (!values || (groupBy !== null && !groups)) return [];
  const rows = groups ? groupRows(cells.ids, values, groups) : runRows(cells, values);
  const column = columnOf(metric);
  const ascending = column?.kind === 'metric' && directionOf(column.key) === 'lower';
  return rows.sort(
    (a, b) => (ascending ? a.value - b.value : b.value - a.value) || (a.label < b.label ? -1 : 1),
  );
}

function runRows(cells: Cells, values: Float64Array): BarRow[] {
  return cells.ids.flatMap((id, at) => {
    const value = values[at] ?? Number.NaN;
    if (Number.isNaN(value)) return [];
    return [{ id, label: cells.names.get(id) ?? id, value, low: value, high: value, std: null, runs: 1 }];
  });
}

function groupRows(ids: readonly string[], values: Float64Array, groups: CellColumn): BarRow[] {
  const found = new Map<string, number[]>();
  ids.forEach((_, at) => {
    const value = values[at] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    const label = textAt(groups, at) ?? 'none';
    const members = found.get(label);
    if (members) members.push(value);
    else found.set(label, [value]);
  });
  return [...found].map(([label, members]) => {
    const mean = members.reduce((sum, value) => sum + value, 0) / members.length;
    const squares = members.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return {
      id: `g:${label}`,
      label,
      value: mean,
      low: members.reduce((a, b) => Math.min(a, b)),
      high: members.reduce((a, b) => Math.max(a, b)),
      std: members.length > 1 ? Math.sqrt(squares / (members.length - 1)) : null,
      runs: members.length,
    };
  });
}

/** From where bars begin to where the longest ends; zero is always in it. */
export function barExtent(rows: readonly BarRow[]): [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const row of rows) {
    low = Math.min(low, row.low);
    high = Math.max(high, row.high);
  }
  return low === high ? [0, 1] : [low, high];
}
