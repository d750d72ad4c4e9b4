import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

/**
 * Commits of a machine on which all that a transaction may take takes `wholeMs` of the thread, and which gives the thread
 * `given` of its time, told in ticks of `tickMs`. Returns what each took of the thread.
 */
function commits(
  count: number,
  { wholeMs, given = 1, tickMs = 0 }: { wholeMs: (at: number) => number; given?: number; tickMs?: number },
): number[] {
  let ownMs = 0;
  const threadMs = () => (tickMs > 0 ? Math.floor(ownMs / tickMs) * tickMs : ownMs);
  const pace = createPace({ wallMs: () => ownMs / given, threadMs });
  return Array.from({ length: count }, (_, at) =>
    pace.measured((share) => {
      const tookMs = 0.3 + wholeMs(at) * share;
      ownMs += tookMs;
      return tookMs;
    }),
  );
}

it('finds what the machine commits in five milliseconds, however quick it is, however busy, however coarse its clock', () => {
  const machine = fc.record({
    wholeMs: fc.double({ min: 10, max: 120, noNaN: true }),
    given: fc.double({ min: 0.1, max: 1, noNaN: true }),
    tickMs: fc.constantFrom(0, 4, 15.6),
  });
  fc.assert(
    fc.property(machine, ({ wholeMs, ...rest }) => {
      const later = commits(120, { wholeMs: () => wholeMs, ...rest }).slice(60);
      expect(later.reduce((sum, tookMs) => sum + tookMs) / later.length).toBeGreaterThan(3);
      for (const tookMs of later) expect(tookMs).toBeLessThan(10);
    }),
  );
});

it('takes all that a transaction may take where that is quick, and no more', () => {
  expect(commits(60, { wholeMs: () => 1 }).at(-1)).toBeCloseTo(1.3);
});

it('is down within a few commits when rows become dearer, and back when they do not', () => {
  const took = commits(150, { wholeMs: (at) => (at < 50 || at >= 100 ? 20 : 120) });
  expect(took[50]).toBeGreaterThan(20);
  for (const tookMs of took.slice(54, 100)) expect(tookMs).toBeLessThan(6.5);
  expect(took.at(-1)).toBeGreaterThan(3.5);
});

it('hands on what the work gives, and what it throws', () => {
  const pace = createPace();
  expect(pace.measured(() => 7)).toBe(7);
  expect(() =>
    pace.measured(() => {
      throw new Error('disk');
    }),
  ).toThrow('disk');
});
