import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextKeys } from './row-keys.ts';

const none = { of: new Map<string, number>(), next: 0 };

describe('keys of rows', () => {
  test('a run that stays in sight keeps its key, whatever is around it', () => {
    const first = nextKeys(none, ['a', 'b', 'c']);
    const then = nextKeys(first, ['c', 'd', 'a']);
    expect(then.of.get('a')).toBe(first.of.get('a'));
    expect(then.of.get('c')).toBe(first.of.get('c'));
    expect([...first.of.values()]).not.toContain(then.of.get('d'));
  });

  test('after a jump the same rows are filled anew', () => {
    const first = nextKeys(none, ['a', 'b', 'c']);
    expect([...nextKeys(first, ['x', 'y', 'z']).of.values()]).toEqual([...first.of.values()]);
  });

  test('no two rows share a key, wherever one scrolls', () => {
    const windows = fc.array(fc.tuple(fc.nat(60), fc.nat(12)), { maxLength: 40 });
    fc.assert(
      fc.property(windows, (steps) => {
        let keys: ReturnType<typeof nextKeys> = none;
        for (const [from, count] of steps) {
          keys = nextKeys(
            keys,
            Array.from({ length: count }, (_, at) => `run ${from + at}`),
          );
          expect(new Set(keys.of.values()).size).toBe(count);
        }
      }),
    );
  });
});
