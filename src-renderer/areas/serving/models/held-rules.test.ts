import { describe, expect, it } from 'vitest';
import type { ModelTuning } from '../../../../src-main/contract/serving.ts';
import {
  costText,
  type HeldVersion,
  isResting,
  optionalNumber,
  policyText,
  servedModels,
  tuningWords,
  versionList,
} from './held-rules.ts';

const held = (part: Partial<HeldVersion>): HeldVersion => ({
  model: 'm',
  version: '1',
  state: 'ready',
  error: null,
  loadMs: 5,
  memoryBytes: 10,
  provider: 'cpu',
  fallback: null,
  estimate: null,
  ...part,
});
const plain: ModelTuning = {
  loaded: true,
  versions: { kind: 'routed' },
  provider: null,
  maxBatchRows: null,
  sloMs: null,
  maxQueueRows: null,
  priority: null,
  weight: null,
  padded: null,
  threads: null,
};

it('models are those served and those held, their versions newest first', () => {
  const models = servedModels(
    {
      memory: null,
      models: [held({}), held({ version: '10' }), held({ version: '2' }), held({ model: 'a' })],
    },
    [
      { name: 'e', model: 'm' },
      { name: 'f', model: 'unloaded' },
    ],
  );
  expect(models.map(({ model, endpoints, memoryBytes }) => [model, endpoints, memoryBytes])).toEqual([
    ['a', [], 10],
    ['m', ['e'], 30],
    ['unloaded', ['f'], 0],
  ]);
  expect(models[1]?.versions.map(({ version }) => version)).toEqual(['10', '2', '1']);
});

it('a version rests when it is ready and others have its memory', () => {
  expect(isResting(held({ memoryBytes: 0 }))).toBe(true);
  expect(isResting(held({}))).toBe(false);
  expect(isResting(held({ memoryBytes: 0, state: 'failed' }))).toBe(false);
});

describe('words', () => {
  it('name only what somebody chose', () => {
    expect(tuningWords(plain)).toEqual([]);
    expect(
      tuningWords({ ...plain, sloMs: 50, priority: 1, padded: false, threads: 1, provider: 'cpu' }),
    ).toEqual([
      'runs on cpu',
      'answers within 50 ms',
      'priority 1',
      'runs on 1 thread',
      'batches as they are',
    ]);
  });

  it('tell what a policy keeps and what a batch costs', () => {
    expect(policyText({ kind: 'latest', count: 3 })).toBe('those, and the newest 3');
    expect(policyText({ kind: 'specific', versions: ['2', '5'] })).toBe('those, and 2 versions: 2, 5');
    expect(costText({ baseMs: 1.234, rowMs: 0.0567, cap: 8, rowsPerSecond: 1 })).toBe('1.2 + 0.057·n ms');
  });
});

it('an empty field means that Lathe chooses', () => {
  const limits = { min: 1, max: 16, integer: true };
  expect(optionalNumber(' ', limits)).toEqual({ value: null });
  expect(optionalNumber('4', limits)).toEqual({ value: 4 });
  for (const text of ['0', '17', '1.5', 'many'])
    expect(optionalNumber(text, limits)).toHaveProperty('problem');
  expect(versionList('3, 1 3')).toEqual({ versions: ['3', '1'] });
  expect(versionList('v3')).toEqual({ problem: '“v3” is no version number.' });
  expect(versionList('')).toHaveProperty('problem');
});
