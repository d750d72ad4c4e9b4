/** Columns that a chart can show, by their names, and which of them it shows first. Pure. */
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';
import type { ValueColumn, ValueKind } from '../../charts/value-axis.ts';
import { type ColumnId, columnOf, columnTitle, rankMetrics } from '../../lib/run-columns.ts';
import type { Cells } from './cells.ts';

export type Choice = { value: ColumnId; label: string };

const MOST = 400;
/** A parameter with longer values is a text, not a choice. */
const LONGEST = 60;

export const titleOf = (id: ColumnId): string => {
  const column = columnOf(id);
  return column ? columnTitle(column) : id;
};

const choice = (value: ColumnId): Choice => ({ value, label: titleOf(value) });

/** Metrics, the most telling first, each with its last, least and greatest value where those differ. */
export function metricChoices(keys: RunKeys | null): Choice[] {
  if (!keys) return [];
  const curves = new Set(keys.metrics.filter(({ curve }) => curve).map(({ key }) => key));
  return rankMetrics(keys.metrics, keys.sampled)
    .flatMap((key) =>
      curves.has(key) ? [`m:last:${key}`, `m:min:${key}`, `m:max:${key}`] : [`m:last:${key}`],
    )
    .slice(0, MOST)
    .map(choice);
}

/** Params that differ first, then the others. */
export function paramChoices(keys: RunKeys | null): Choice[] {
  const params = (keys?.params ?? []).filter(({ longest }) => longest <= LONGEST);
  const [differ, same] = [params.filter(({ varies }) => varies), params.filter(({ varies }) => !varies)];
  return [...differ, ...same].slice(0, MOST).map(({ key }) => choice(`p:${key}`));
}

const attributeChoices: Choice[] = ['a:started', 'a:duration', 'a:status', 'a:user'].map(choice);

/** What runs can be grouped or coloured by: what differs among them, the usual attributes first. */
export function groupChoices(keys: RunKeys | null): Choice[] {
  const params = (keys?.params ?? []).filter(({ varies, longest }) => varies && longest <= LONGEST);
  const tags = (keys?.tags ?? []).filter(({ key }) => !key.startsWith('mlflow.'));
  return [
    ...['a:status', 'a:user'].map(choice),
    ...params.map(({ key }) => choice(`p:${key}`)),
    ...tags.map(({ key }) => choice(`t:${key}`)),
  ].slice(0, MOST);
}

export const valueChoices = (keys: RunKeys | null): Choice[] => [
  ...metricChoices(keys),
  ...paramChoices(keys),
  ...attributeChoices,
];

export const mainMetric = (keys: RunKeys | null): ColumnId | null => metricChoices(keys)[0]?.value ?? null;

const USUAL_PARAMS = 5;
const USUAL_METRICS = 2;

/** The params that matter most, as far as that is known, and then the metrics that they are to explain. */
export function usualAxes(keys: RunKeys | null, important: readonly string[]): ColumnId[] {
  const varying = (keys?.params ?? [])
    .filter(({ varies, longest }) => varies && longest <= LONGEST)
    .map(({ key }) => key);
  const params = [...new Set([...important, ...varying])].slice(0, USUAL_PARAMS);
  const metrics = rankMetrics(keys?.metrics ?? [], keys?.sampled ?? 0).slice(0, USUAL_METRICS);
  return [...params.map((key) => `p:${key}`), ...metrics.reverse().map((key) => `m:last:${key}`)];
}

/** A column of the matrix as an axis has it; null while it is not here. */
export function valueColumn(cells: Cells, id: ColumnId): ValueColumn | null {
  const column = cells.column(id);
  return column && { id, title: titleOf(id), kind: kindOf(id), ...column };
}

const kindOf = (id: ColumnId): ValueKind => {
  if (id === 'a:started' || id === 'a:ended') return 'time';
  return id === 'a:duration' ? 'duration' : 'number';
};
