/** What brushes pick out, written as a filter. Pure. */
import type { Range } from '../../charts/curve.ts';
import { scaleOf } from '../../charts/scale.ts';
import type { ValueAxis } from '../../charts/value-axis.ts';
import { columnOf } from '../../lib/run-columns.ts';

/** Null where a name or value cannot be written in a filter. */
export function filterOf(
  axes: readonly ValueAxis[],
  brushes: Readonly<Record<string, Range>>,
): string | null {
  const parts: string[] = [];
  for (const axis of axes) {
    const brush = brushes[axis.id];
    if (!brush) continue;
    const name = nameOf(axis.id);
    const scale = scaleOf(axis.range, axis.log);
    const ends: Range = [scale.value(brush[0]), scale.value(brush[1])];
    const conditions = name === null ? null : conditionsOf(axis, name, brush, ends);
    if (conditions === null) return null;
    parts.push(...conditions);
  }
  return parts.join(' AND ');
}

function conditionsOf(axis: ValueAxis, name: string, brush: Range, [low, high]: Range): string[] | null {
  if (axis.categories) {
    const picked = axis.categories
      .filter((_, at) => at >= low - 1e-6 && at <= high + 1e-6)
      .map((name) => quoted(name));
    return picked.length === 0 || picked.includes(null) ? null : [`${name} IN (${picked.join(', ')})`];
  }
  const unit = axis.kind === 'duration' ? 1000 : 1;
  const text = (value: number) => String(Number((value / unit).toPrecision(12)));
  // An end of the axis itself bounds nothing.
  return [
    ...(brush[0] > 1e-6 ? [`${name} >= ${text(low)}`] : []),
    ...(brush[1] < 1 - 1e-6 ? [`${name} <= ${text(high)}`] : []),
  ];
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  started: 'start_time',
  ended: 'end_time',
  duration: 'duration',
  status: 'status',
  user: 'user',
  name: 'name',
};

function nameOf(id: string): string | null {
  const column = columnOf(id);
  if (!column) return null;
  if (column.kind === 'attribute') return ATTRIBUTES[column.key] ?? null;
  const key = /^[A-Za-z_]\w*$/.test(column.key) ? column.key : quoted(column.key, '"');
  if (key === null) return null;
  if (column.kind !== 'metric') return `${column.kind}s.${key}`;
  return column.aggregate === 'last' ? `metrics.${key}` : `${column.aggregate}(metrics.${key})`;
}

/** The grammar has no escapes: a text with both kinds of quotes cannot be written. */
function quoted(text: string, first: '"' | "'" = "'"): string | null {
  const sign = [first, first === "'" ? '"' : "'"].find((one) => !text.includes(one));
  return sign === undefined || (first === '"' && sign === "'") ? null : `${sign}${text}${sign}`;
}
