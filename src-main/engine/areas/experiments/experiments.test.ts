import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentService, type Experiments, type MetricEntry } from './experiments.service.ts';
import { EMPTY_SERIES, type Point, withPoint } from './series.rules.ts';

let context: TestContext;
let experiments: Experiments;
let experimentId: string;
beforeEach(async () => {
  context = await openTestContext();
  experiments = createExperimentService(context);
  experimentId = experiments.ensureExperiment('delays', 'Which flights come late?');
});
afterEach(() => context.close());

const newRun = (name = 'run', startedMs = 1_000) => experiments.createRun({ experimentId, name, startedMs });

const arbitraryPoint = fc.record({
  key: fc.constantFrom('loss', 'auc'),
  step: fc.integer({ min: -3, max: 5 }),
  timestampMs: fc.integer({ min: 0, max: 4 }),
  value: fc.oneof(fc.constantFrom(0, 1, -1, 0.5, Number.NaN), fc.double({ noDefaultInfinity: true })),
});

/** What the summary must be, said the slow and plain way over the set of points. */
function expected(points: readonly Point[]) {
  const unique = [
    ...new Map(points.map((p) => [`${p.step}/${p.timestampMs}/${p.value === 0 ? 0 : p.value}`, p])).values(),
  ];
  const rank = ({ value }: Point) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
  const last = [...unique]
    .sort((a, b) => a.step - b.step || a.timestampMs - b.timestampMs || rank(a) - rank(b))
    .at(-1);
  const numbers = unique.filter(({ value }) => !Number.isNaN(value));
  const min = numbers.length === 0 ? null : Math.min(...numbers.map(({ value }) => value));
  const max = numbers.length === 0 ? null : Math.max(...numbers.map(({ value }) => value));
  return { n: unique.length, last: last?.value, min, max };
}

describe('the summary of a series', () => {
  test('is the same for any order of the points', () => {
    // Points of one series: without the key, which is the series' own.
    const point = arbitraryPoint.map(({ step, timestampMs, value }) => ({ step, timestampMs, value }));
    const shuffled = fc
      .array(point, { maxLength: 30 })
      .chain((points) =>
        fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })),
      );
    fc.assert(
      fc.property(shuffled, ([points, others]) => {
        const { sum: _a, ...one } = points.reduce<typeof EMPTY_SERIES>(withPoint, EMPTY_SERIES);
        const { sum: _b, ...other } = others.reduce<typeof EMPTY_SERIES>(withPoint, EMPTY_SERIES);
        expect(other).toEqual(one);
      }),
    );
  });

  test('in the database is that of the set of points, whatever the order, the batches and the retries', () => {
    const order = fc.array(arbitraryPoint, { minLength: 1, maxLength: 25 }).chain((points) =>
      fc.tuple(
        fc.constant(points),
        fc
          .array(fc.nat(points.length - 1), { maxLength: 60 })
          .map((again) => [...points, ...again.map((n) => points[n])]),
        fc.integer({ min: 1, max: 10 }),
      ),
    );
    fc.assert(
      fc.property(order, ([points, sent, size]) => {
        const runId = newRun();
        const all = sent.filter((point) => point !== undefined);
        for (let at = 0; at < all.length; at += size)
          experiments.log(runId, { metrics: all.slice(at, at + size) });
        for (const key of new Set(points.map((point) => point.key))) {
          const row = context.db
            .prepare(
              `SELECT s.n, s.last_val, s.last_nan, s.min_val, s.max_val FROM series s JOIN key k ON k.id = s.key_id
               JOIN run r ON r.id = s.run_id WHERE r.uuid = ? AND k.name = ?`,
            )
            .get(runId, key) as Record<string, number | null>;
          const right = expected(points.filter((point) => point.key === key));
          expect(row.n).toBe(right.n);
          expect(row.last_nan === 1 ? Number.NaN : row.last_val).toEqual(
            right.last === 0 ? row.last_val : right.last,
          );
          expect(row.min_val == null ? null : row.min_val + 0).toBe(
            right.min === null ? null : right.min + 0,
          );
          expect(row.max_val == null ? null : row.max_val + 0).toBe(
            right.max === null ? null : right.max + 0,
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('runs', () => {
  test('log params, tags and metrics, and show them', async () => {
    const runId = await experiments.logRun({
      experimentId,
      name: 'logreg',
      status: 'FINISHED',
      startedMs: 10,
      endedMs: 20,
      params: { C: '1.0', solver: 'lbfgs' },
      tags: { who: 'me' },
      metrics: [
        { key: 'auc', step: 1, value: 0.6, timestampMs: 11 },
        { key: 'auc', step: 2, value: 0.7, timestampMs: 12 },
        { key: 'nothing', step: 1, value: Number.NaN, timestampMs: 12 },
        { key: 'endless', step: 1, value: Number.POSITIVE_INFINITY, timestampMs: 12 },
      ],
    });
    expect(await experiments.run(runId)).toEqual({
      id: runId,
      experimentId,
      name: 'logreg',
      status: 'FINISHED',
      startedMs: 10,
      endedMs: 20,
      params: { C: '1.0', solver: 'lbfgs' },
      tags: { who: 'me' },
      metrics: { auc: 0.7 },
      produced: [],
    });
    expect(experiments.list()).toMatchObject([{ id: experimentId, name: 'delays', runCount: 1 }]);
  });

  test('pages in any size hold every run once, newest first', async () => {
    const made: { id: string; startedMs: number }[] = [];
    for (let n = 0; n < 23; n++) {
      // Many start in the same millisecond.
      const startedMs = 1_000 + Math.floor(n / 5);
      made.push({ id: newRun(`r${n}`, startedMs), startedMs });
    }
    const right = [...made]
      .sort((a, b) => b.startedMs - a.startedMs || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    for (const limit of [1, 4, 5, 22, 23, 24]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await experiments.runs(experimentId, limit, cursor);
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        seen.push(...page.rows.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(right);
    }
  });

  test('a param cannot change; the batch it came in changes nothing', async () => {
    const runId = newRun();
    experiments.log(runId, { params: { C: '1' } });
    experiments.log(runId, { params: { C: '1' } });
    const metrics: MetricEntry[] = [{ key: 'auc', step: 1, value: 1, timestampMs: 1 }];
    expect(() => experiments.log(runId, { params: { D: '4', C: '2' }, tags: { t: 'x' }, metrics })).toThrow(
      expect.objectContaining({ code: 'LATHE_INPUT_INVALID' }),
    );
    expect(await experiments.run(runId)).toMatchObject({ params: { C: '1' }, tags: {}, metrics: {} });
  });

  test('what cannot be a step, what is too much, and what is not there is refused', async () => {
    const runId = newRun();
    const point = { key: 'auc', step: 1, value: 1, timestampMs: 1 };
    const refused = (call: () => unknown, code: string) =>
      expect(call).toThrow(expect.objectContaining({ code }));
    refused(() => experiments.log(runId, { metrics: [{ ...point, step: 1.5 }] }), 'LATHE_INPUT_INVALID');
    refused(() => experiments.log(runId, { metrics: Array(1_001).fill(point) }), 'LATHE_INPUT_INVALID');
    refused(() => experiments.log('none', { metrics: [point] }), 'LATHE_NOT_FOUND');
    refused(
      () => experiments.createRun({ experimentId: 'none', name: 'x', startedMs: 1 }),
      'LATHE_NOT_FOUND',
    );
    refused(() => experiments.runs(experimentId, 10, 'none'), 'LATHE_NOT_FOUND');
    await expect(experiments.run('none')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
  });

  test('an experiment is made once', () => {
    expect(experiments.ensureExperiment('delays')).toBe(experimentId);
    expect(experiments.list()).toMatchObject([{ description: 'Which flights come late?' }]);
  });
});
