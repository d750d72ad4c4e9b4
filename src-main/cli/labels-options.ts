/** What people write after `lathe labels`, with what the file's own columns tell. Pure. Throws UsageError. */
import type { LabelPreview } from '../contract/labels.ts';
import { UsageError } from './output.ts';

export type LabelColumns = {
  labelColumn: string;
  predictionIdColumn?: string;
  entityColumn?: string;
  atColumn?: string;
  withinMs?: number;
};
export type LabelValues = {
  label?: string | undefined;
  id?: string | undefined;
  entity?: string | undefined;
  at?: string | undefined;
  within?: string | undefined;
};

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DAY = '1d';

/** A number with s, m, h or d behind it, in milliseconds. */
export function durationOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const ms = Number(found?.[1]) * (UNITS[found?.[2] ?? ''] ?? 0);
  if (!(ms >= 1))
    throw new UsageError(`--within is a number with s, m, h or d behind it, as in 12h, not ${text}`);
  return Math.round(ms);
}

/** Named columns come first; by id where the file has one, else by entity. */
export function labelColumns(values: LabelValues, guess: LabelPreview['guess']): LabelColumns {
  if (values.id !== undefined && values.entity !== undefined)
    throw new UsageError('give --id or --entity, not both');
  const labelColumn = values.label ?? guess.label;
  if (labelColumn === null)
    throw new UsageError('--label COLUMN is missing: no column has a name that says it');
  const byEntity =
    values.entity ?? (values.id === undefined && guess.predictionId === null ? guess.entity : null);
  if (byEntity === null) {
    const id = values.id ?? guess.predictionId;
    if (id === null)
      throw new UsageError('--id COLUMN or --entity COLUMN is missing: no column has a name that says it');
    return {
      labelColumn,
      predictionIdColumn: id,
      ...(values.at === undefined ? {} : { atColumn: values.at }),
    };
  }
  const atColumn = values.at ?? guess.atMs;
  if (atColumn === null) throw new UsageError('--at COLUMN is missing: labels by entity need a time');
  return { labelColumn, entityColumn: byEntity, atColumn, withinMs: durationOf(values.within ?? DAY) };
}
