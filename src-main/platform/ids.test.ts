import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIds } from './ids.ts';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids are UUIDv7, unique, and ordered as they were made, even when the clock stands or goes back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 45 }),
      fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 3_000 })), {
        maxLength: 5,
      }),
      (startMs, moves) => {
        let nowMs = startMs;
        const ids = createIds({ now: () => nowMs, monotonic: () => 0 });
        const made: string[] = [];
        for (const [step, count] of moves) {
          nowMs = Math.max(1, nowMs + step);
          for (let n = 0; n < count; n++) made.push(ids.next());
        }
        for (const id of made) expect(id).toMatch(UUID7);
        expect(new Set(made).size).toBe(made.length);
        expect([...made].sort()).toEqual(made);
      },
    ),
    { numRuns: 30 },
  );
});

test('an id says when it was made; two sources do not make the same', () => {
  const clock = { now: () => Date.UTC(2026, 10, 24), monotonic: () => 0 };
  const [a, b] = [createIds(clock), createIds(clock)];
  const made = Array.from({ length: 1_000 }, () => [a.next(), b.next()]).flat();
  expect(new Set(made).size).toBe(2_000);
  for (const id of made)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBeLessThan(clock.now() + 5);
});
