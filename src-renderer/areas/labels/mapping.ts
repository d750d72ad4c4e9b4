/** Which column of a file is what, and how far back an entity's prediction may lie. Pure. */
import type { LabelPreview } from '../../../src-main/contract/labels.ts';

export type Mapping = {
  by: 'id' | 'entity';
  label: string;
  predictionId: string;
  entity: string;
  at: string;
  within: string;
  unit: Unit;
};

export const UNITS = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
} as const;
type Unit = keyof typeof UNITS;
const MOST_MS = 90 * UNITS.day;

/** Columns as their names suggest; by id where one looks like it. */
export function startMapping({ guess, columns }: LabelPreview): Mapping {
  return {
    by: guess.predictionId === null && guess.entity !== null ? 'entity' : 'id',
    label: guess.label ?? (columns.length === 1 ? (columns[0] ?? '') : ''),
    predictionId: guess.predictionId ?? '',
    entity: guess.entity ?? '',
    at: guess.atMs ?? '',
    within: '1',
    unit: 'day',
  };
}

export type LabelColumns = {
  labelColumn: string;
  predictionIdColumn?: string;
  entityColumn?: string;
  atColumn?: string;
  withinMs?: number;
};
export type MappingCheck = {
  columns: LabelColumns | null;
  problems: Partial<Record<keyof Mapping, string>>;
};

/** What the engine is asked to do, or what is still missing. */
export function checkMapping(mapping: Mapping): MappingCheck {
  const { by, label, predictionId, entity, at } = mapping;
  const problems: MappingCheck['problems'] = {};
  if (label === '') problems.label = 'Choose the column with what was true.';
  if (by === 'id') {
    if (predictionId === '') problems.predictionId = 'Choose the column with the prediction’s id.';
    else if (predictionId === label) problems.predictionId = 'This is the label’s column.';
    return Object.keys(problems).length > 0
      ? { columns: null, problems }
      : { columns: { labelColumn: label, predictionIdColumn: predictionId }, problems };
  }
  if (entity === '') problems.entity = 'Choose the column with the entity.';
  if (at === '') problems.at = 'Choose the column with the time.';
  const columns = [label, entity, at].filter((name) => name !== '');
  if (new Set(columns).size < columns.length) problems.label = 'One column cannot be two things.';
  const within = Math.round(Number(mapping.within.replace(',', '.')) * UNITS[mapping.unit]);
  if (mapping.within.trim() === '' || !(within > 0)) problems.within = 'Enter a number above 0.';
  else if (within > MOST_MS) problems.within = '90 days at most.';
  return Object.keys(problems).length > 0
    ? { columns: null, problems }
    : {
        columns: { labelColumn: label, entityColumn: entity, atColumn: at, withinMs: within },
        problems,
      };
}
