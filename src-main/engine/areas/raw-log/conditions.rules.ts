/** Conditions of a slice as SQL over the log's columns; the values are parameters. Pure. */
import type { SliceCondition } from '../../../contract/slices.ts';
import { quoted } from '../../analysis/sql.ts';
import type { LogColumn } from './log-reading.ts';

export type Predicate = { sql: string; params: (string | number)[] };

/** All of them hold. A feature that no row has is missing everywhere. */
export function predicate(conditions: readonly SliceCondition[], columns: readonly LogColumn[]): Predicate {
  const params: (string | number)[] = [];
  const terms = conditions.map((condition) => {
    const column = columns.find(({ feature }) => feature === condition.feature);
    if (!column) return condition.op === 'missing' ? 'true' : 'false';
    return term(condition, column, params);
  });
  return { sql: terms.length === 0 ? 'true' : terms.join(' AND '), params };
}

function term(condition: SliceCondition, { column, type }: LogColumn, params: (string | number)[]): string {
  const name = quoted(column);
  if (condition.op === 'missing') return `${name} IS NULL`;
  if (condition.op === 'range') {
    const value =
      type === 'BOOLEAN' || type === 'VARCHAR' ? `TRY_CAST(${name} AS DOUBLE)` : `CAST(${name} AS DOUBLE)`;
    // To DuckDB, NaN is the largest number.
    const parts = [`${name} IS NOT NULL`, `${value} IS NOT NULL`, `NOT isnan(${value})`];
    for (const [operator, bound] of [
      ['>=', condition.from],
      ['<', condition.to],
    ] as const) {
      if (bound === null) continue;
      parts.push(`${value} ${operator} CAST(? AS DOUBLE)`);
      params.push(bound);
    }
    return `(${parts.join(' AND ')})`;
  }
  const numbers = condition.values.map(Number).filter((value) => !Number.isNaN(value));
  const asNumber = `coalesce(TRY_CAST(${name} AS DOUBLE) IN (${marks(numbers.length, 'CAST(? AS DOUBLE)')}), false)`;
  const isText = type === 'VARCHAR' || type === 'BOOLEAN';
  const terms: string[] = [];
  if (isText) {
    terms.push(`coalesce(CAST(${name} AS VARCHAR) IN (${marks(condition.values.length, '?')}), false)`);
    params.push(...condition.values.map(String));
  }
  // A column of mixed types is text, in which 5 may stand as 5.0.
  if (numbers.length > 0 && type !== 'BOOLEAN') {
    terms.push(asNumber);
    params.push(...numbers);
  }
  return terms.length === 0 ? 'false' : `(${terms.join(' OR ')})`;
}

const marks = (count: number, mark: string): string => Array(count).fill(mark).join(', ');
