import { describe, expect, it } from 'vitest';
import { durationOf, labelColumns } from './labels-options.ts';
import { UsageError } from './output.ts';

const none = { predictionId: null, entity: null, atMs: null, label: null };

describe('the options of lathe labels', () => {
  it('are found in the file where they are left out, by id before by entity', () => {
    const guess = { predictionId: 'id', entity: 'user', atMs: 'time', label: 'y' };
    expect(labelColumns({}, guess)).toEqual({ labelColumn: 'y', predictionIdColumn: 'id' });
    expect(labelColumns({ at: 'time' }, guess)).toMatchObject({ atColumn: 'time' });
    expect(labelColumns({}, { ...guess, predictionId: null })).toEqual({
      ...{ labelColumn: 'y', entityColumn: 'user', atColumn: 'time', withinMs: 86_400_000 },
    });
    expect(labelColumns({ entity: 'who', within: '30m', at: 'when', label: 'truth' }, guess)).toEqual({
      ...{ labelColumn: 'truth', entityColumn: 'who', atColumn: 'when', withinMs: 1_800_000 },
    });
  });

  it.each([
    () => labelColumns({}, none),
    () => labelColumns({ label: 'y' }, none),
    () => labelColumns({ label: 'y', id: 'a', entity: 'b' }, none),
    () => labelColumns({ label: 'y', entity: 'b' }, none),
    () => durationOf('12'),
    () => durationOf('0h'),
    () => durationOf('1w'),
  ])('are asked for when nothing tells them: %s', (wrong) => {
    expect(wrong).toThrow(UsageError);
  });
});
