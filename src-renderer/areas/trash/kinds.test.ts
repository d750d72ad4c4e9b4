import { expect, test } from 'vitest';
import { contentOf, weightText } from './kinds.ts';

test('what is freed is said with what stays', () => {
  expect(weightText({ items: 1, fileBytes: 0, rowBytes: 2_048, sharedBytes: 0 })).toBe(
    'About 2\u00a0KiB of the database come back.',
  );
  expect(weightText({ items: 2, fileBytes: 1_048_576, rowBytes: 10, sharedBytes: 1_024 })).toBe(
    '1\u00a0MiB of files and about 10\u00a0B of the database come back. 1\u00a0KiB are used elsewhere and stay.',
  );
});

test('what holds other things says how many', () => {
  expect(contentOf({ kind: 'experiment', id: '1', count: 1 })).toBe('1 run');
  expect(contentOf({ kind: 'model', id: '1', count: 2 })).toBe('2 versions');
  expect(contentOf({ kind: 'artifact', id: 'd5', count: 3 })).toBe('3 files');
  expect(contentOf({ kind: 'artifact', id: 'o5', count: 1 })).toBe('overwritten');
  expect(contentOf({ kind: 'run', id: '1', count: 1 })).toBe('');
});
