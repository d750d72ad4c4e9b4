import { describe, expect, test } from 'vitest';
import type { LabelPreview } from '../../../src-main/contract/labels.ts';
import { checkMapping, type Mapping, startMapping } from './mapping.ts';

const preview = (
  guess: Partial<LabelPreview['guess']>,
  columns = ['flight', 'when', 'delayed'],
): LabelPreview => ({
  rows: 2,
  columns,
  sample: [],
  guess: { predictionId: null, entity: null, atMs: null, label: null, ...guess },
});
const byEntity: Mapping = {
  by: 'entity',
  label: 'delayed',
  predictionId: '',
  entity: 'flight',
  at: 'when',
  within: '2',
  unit: 'day',
};

describe('the columns of a file of labels', () => {
  test('an id is preferred; without one an entity is taken', () => {
    expect(startMapping(preview({ predictionId: 'id', entity: 'flight' })).by).toBe('id');
    expect(startMapping(preview({ entity: 'flight', atMs: 'when', label: 'delayed' }))).toMatchObject({
      by: 'entity',
      entity: 'flight',
      at: 'when',
      label: 'delayed',
    });
    expect(startMapping(preview({})).by).toBe('id');
  });

  test('by id only the id and the label are sent', () => {
    const { columns } = checkMapping({ ...byEntity, by: 'id', predictionId: 'id' });
    expect(columns).toEqual({ labelColumn: 'delayed', predictionIdColumn: 'id' });
  });

  test('by entity the time back is sent in milliseconds', () => {
    expect(checkMapping(byEntity).columns).toEqual({
      labelColumn: 'delayed',
      entityColumn: 'flight',
      atColumn: 'when',
      withinMs: 2 * 86_400_000,
    });
    expect(checkMapping({ ...byEntity, within: '1,5', unit: 'hour' }).columns?.withinMs).toBe(5_400_000);
  });

  test.each<[Partial<Mapping>, keyof Mapping]>([
    [{ by: 'id', predictionId: '' }, 'predictionId'],
    [{ by: 'id', predictionId: 'delayed' }, 'predictionId'],
    [{ label: '' }, 'label'],
    [{ entity: '' }, 'entity'],
    [{ at: '' }, 'at'],
    [{ at: 'flight' }, 'label'],
    [{ within: '' }, 'within'],
    [{ within: '0' }, 'within'],
    [{ within: 'soon' }, 'within'],
    [{ within: '91' }, 'within'],
  ])('%o is told at %s', (change, field) => {
    const { columns, problems } = checkMapping({ ...byEntity, ...change });
    expect(columns).toBeNull();
    expect(problems[field]).toBeDefined();
  });
});
