import { afterEach, describe, expect, it } from 'vitest';
import type { EstimatedMetric, PerformanceMetric, SeriesQuery } from '../../../contract/monitoring-series.ts';
import { DAY, ENDPOINT, HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';
import { rankMetrics } from './ranks.rules.ts';

let world: World;
afterEach(() => world.close());

/** The same numbers each time: the fractional parts of multiples of the golden section, which fill [0, 1) evenly. */
const even = (at: number, step = 0.6180339887498949) => (at * step) % 1;

type Made = { id: string; score: number; truth: boolean; eventMs: number };
/** Rows whose score is the probability of their truth, `shift` added to that probability. */
const calibrated = (name: string, count: number, fromMs: number, everyMs: number, shift = 0): Made[] =>
  Array.from({ length: count }, (_, at) => {
    const score = even(at + 1);
    return {
      ...{ id: `${name}${at}`, score, eventMs: fromMs + at * everyMs },
      truth: even(at + 1, 0.41421356237309515) < score + shift,
    };
  });

async function serve(rows: readonly Made[], labelledUntil = Number.POSITIVE_INFINITY): Promise<void> {
  await world.monitoring.ingest(rows.map(({ id, score, eventMs }) => row(id, { score, eventMs })));
  await world.labels.push(
    rows
      .filter(({ eventMs }) => eventMs < labelledUntil)
      .map(({ id, truth, eventMs }) => ({
        predictionId: id,
        label: truth ? '1' : '0',
        labelledMs: eventMs + HOUR,
      })),
  );
}
const { performance, estimated } = {
  performance: (metric: PerformanceMetric, part: Partial<SeriesQuery> = {}) =>
    world.monitoring.performanceSources.performance({
      ...{ endpoint: ENDPOINT, per: 'day', series: { of: 'performance', metric } },
      ...part,
    }),
  estimated: (part: Partial<SeriesQuery> = {}) =>
    world.monitoring.performanceSources.estimated({
      ...{ endpoint: ENDPOINT, per: 'day', series: { of: 'estimated', metric: 'accuracy' } },
      ...part,
    }),
};
const right = (rows: readonly Made[]) =>
  rows.filter(({ score, truth }) => score >= 0.5 === truth).length / rows.length;

describe('performance over time', () => {
  it('is that of the rows of the span, as counting gives it', async () => {
    world = await openWorld();
    const rows = calibrated('r', 2_000, NOW - 20 * DAY, 15 * 60_000);
    await serve(rows);
    const series = await performance('accuracy');
    expect(series).toMatchObject({ per: 'day', span: 7, unit: 'share', good: 'higher', version: '1' });
    const days = new Set(rows.map(({ eventMs }) => Math.floor(eventMs / DAY) * DAY));
    expect(series.points.map(({ windowMs }) => windowMs)).toEqual([...days]);
    for (const { windowMs, value, n, low, high } of series.points) {
      const own = rows.filter(({ eventMs }) => eventMs >= windowMs - 6 * DAY && eventMs < windowMs + DAY);
      expect(n).toBe(own.length);
      expect(value).toBeCloseTo(right(own), 12);
      expect(low).toBeLessThan(value ?? 0);
      expect(high).toBeGreaterThan(value ?? 0);
    }
    expect(series.points.map(({ complete }) => complete)).toEqual([
      ...Array(series.points.length - 1).fill(true),
      false,
    ]);
    // Ranks come from a histogram of a thousand cells.
    const auc = (await performance('roc-auc')).points.at(-1);
    const own = rows.filter(({ eventMs }) => eventMs >= (auc?.windowMs ?? 0) - 6 * DAY);
    const exact = rankMetrics({
      scores: Float64Array.from(own, ({ score }) => score),
      truths: Uint8Array.from(own, ({ truth }) => Number(truth)),
    })['roc-auc'];
    expect(auc?.value).toBeCloseTo(exact?.value ?? 0, 3);
    expect(auc?.low).toBeCloseTo(exact?.low ?? 0, 3);
  });

  it('says where labels are still to come', async () => {
    world = await openWorld();
    const rows = calibrated('r', 600, NOW - 25 * HOUR, 150_000);
    await serve(rows, NOW - HOUR);
    const { points, notes } = await performance('accuracy', { per: 'hour' });
    expect(points.slice(0, -1).every(({ mature }) => mature)).toBe(true);
    // The last hour has no label; over the day that ends with it most have come.
    expect(points.at(-1)).toMatchObject({ mature: true });
    const single = await world.labels.maturity(ENDPOINT, 'hour', null);
    expect(single.cohorts.at(-1)).toMatchObject({ labelled: 0, mature: false });
    expect(notes[0]).toContain('time of the prediction');
  });

  it('is answered by the hour where minutes are asked for', async () => {
    world = await openWorld();
    await serve(calibrated('r', 50, NOW - 2 * HOUR, 60_000));
    const series = await performance('brier', { per: 'minute' });
    expect(series).toMatchObject({ per: 'hour', span: 24, good: 'lower' });
    expect(series.notes[0]).toContain('by the hour');
  });

  it('of a regression is told by its errors', async () => {
    world = await openWorld({ task: 'regression' });
    const rows = Array.from({ length: 100 }, (_, at) => ({
      id: `r${at}`,
      score: 10 + even(at + 1),
      y: 10 + at / 100,
    }));
    await world.monitoring.ingest(rows.map(({ id, score }) => row(id, { score })));
    await world.labels.push(rows.map(({ id, y }) => ({ predictionId: id, label: String(y) })));
    const errors = rows.map(({ score, y }) => score - y);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const last = async (metric: PerformanceMetric) => (await performance(metric)).points.at(-1)?.value;
    expect(await last('mae')).toBeCloseTo(mean(errors.map(Math.abs)), 12);
    expect(await last('rmse')).toBeCloseTo(Math.sqrt(mean(errors.map((e) => e * e))), 12);
    expect(await last('bias')).toBeCloseTo(mean(errors), 12);
    expect(await last('mape')).toBeCloseTo(mean(errors.map((e, at) => Math.abs(e / (rows[at]?.y ?? 1)))), 12);
    const detail = await world.monitoring.performanceDetail({ endpoint: ENDPOINT });
    expect(detail).toMatchObject({ task: 'regression', predictions: 100, labelled: 100, confusion: null });
    expect(detail.errors.reduce((sum, { n }) => sum + n, 0)).toBe(100);
    expect(detail.errors[0]?.from).toBeCloseTo(Math.min(...errors), 12);
    expect((await estimated()).notes.at(-1)).toContain('binary');
  });
});

describe('performance without labels', () => {
  it('is near the real one while scores mean what they did, and says what it was learned from', async () => {
    world = await openWorld();
    const rows = calibrated('r', 6_000, NOW - 30 * DAY, 6 * 60_000);
    const later = NOW - 10 * DAY;
    await serve(rows, later);
    const { points, notes } = await estimated();
    const last = points.at(-1);
    const own = rows.filter(({ eventMs }) => eventMs >= (last?.windowMs ?? 0) - 6 * DAY);
    expect(last?.n).toBe(own.length);
    expect(Math.abs((last?.value ?? 0) - right(own))).toBeLessThan(0.02);
    expect(last?.low).toBeLessThan(right(own));
    expect(last?.high).toBeGreaterThan(right(own));
    expect(notes[0]).toMatch(
      /^Version 1: scores are .* first 5\d\d\d labelled predictions|^Version 1: scores are .* first \d+ labelled/,
    );
    expect(notes.at(-1)).toContain('cannot see');
  });

  it('is the same at a point of a chart and for its days in full, of every metric', async () => {
    world = await openWorld();
    const rows = calibrated('r', 4_000, NOW - 20 * DAY, 6 * 60_000);
    await serve(rows);
    for (const per of ['day', 'hour'] as const) {
      const last = (await estimated({ per })).points.at(-1);
      const toMs = (last?.windowMs ?? 0) + (per === 'day' ? DAY : DAY / 24);
      const { span } = await estimated({ per });
      const { metrics } = await world.monitoring.performanceDetail({
        ...{ endpoint: ENDPOINT, toMs },
        fromMs: toMs - span * (per === 'day' ? DAY : DAY / 24),
      });
      const estimates = metrics.flatMap(({ metric, estimated: of }) => (of ? [{ metric, of }] : []));
      expect(estimates.length).toBe(7);
      for (const { metric, of } of estimates) {
        const series = { of: 'estimated', metric: metric as EstimatedMetric } as const;
        const point = (await estimated({ per, series })).points.at(-1);
        for (const part of ['value', 'low', 'high'] as const)
          expect(point?.[part], `${metric} ${part}, ${per}`).toBeCloseTo(of[part] ?? Number.NaN, 11);
      }
    }
  });

  it('cannot see that the relation changed: the real one beside it tells', async () => {
    world = await openWorld();
    await serve(calibrated('a', 3_000, NOW - 30 * DAY, 5 * 60_000));
    await serve(calibrated('b', 1_000, NOW - 7 * DAY, 10 * 60_000, -0.6));
    const [told, real] = [(await estimated()).points.at(-1), (await performance('accuracy')).points.at(-1)];
    expect((told?.value ?? 0) - (real?.value ?? 0)).toBeGreaterThan(0.1);
    const { metrics } = await world.monitoring.performanceDetail({
      endpoint: ENDPOINT,
      fromMs: NOW - 7 * DAY,
    });
    const accuracy = metrics.find(({ metric }) => metric === 'accuracy');
    expect(accuracy?.estimated?.low).toBeGreaterThan(accuracy?.high ?? 1);
  });

  it('is not told from too few labels', async () => {
    world = await openWorld();
    await serve(calibrated('r', 40, NOW - DAY, 60_000));
    const { points, notes } = await estimated();
    expect(points.map(({ value }) => value)).toEqual(points.map(() => null));
    expect(notes[0]).toContain('too few labels');
  });

  it('is learned from the reference where that has scores and labels', async () => {
    const rows = calibrated('r', 2_000, 0, 1);
    const reference = {
      scores: Float64Array.from(rows, ({ score }) => score),
      truths: Uint8Array.from(rows, ({ truth }) => Number(truth)),
    };
    world = await openWorld({ labelled: async () => reference });
    await world.monitoring.ingest(
      calibrated('s', 500, NOW - DAY, 60_000).map(({ id, score, eventMs }) => row(id, { score, eventMs })),
    );
    const { points, notes, reference: accuracy } = await estimated();
    expect(points.at(-1)?.value).toBeCloseTo(0.75, 1);
    expect(accuracy).toBeCloseTo(right(rows), 12);
    expect(notes[0]).toContain('2000 labelled rows of the reference');
    const { metrics } = await world.monitoring.performanceDetail({ endpoint: ENDPOINT });
    expect(metrics.find(({ metric }) => metric === 'accuracy')).toMatchObject({
      value: null,
      reference: accuracy,
    });
  });
});

it('one stretch in full: confusion, calibration, by arm and version', async () => {
  world = await openWorld();
  const rows = calibrated('r', 1_000, NOW - DAY, 60_000);
  await serve(rows);
  const detail = await world.monitoring.performanceDetail({ endpoint: ENDPOINT });
  const count = (positive: boolean, truth: boolean) =>
    rows.filter((each) => each.score >= 0.5 === positive && each.truth === truth).length;
  expect(detail).toMatchObject({
    ...{ task: 'binary-classification', predictions: 1_000, labelled: 1_000, mature: true, errors: [] },
    confusion: {
      ...{ tp: count(true, true), fp: count(true, false), fn: count(false, true), tn: count(false, false) },
      threshold: 0.5,
    },
  });
  expect(detail.calibration).toHaveLength(10);
  for (const { score, share, n, from, to } of detail.calibration) {
    const own = rows.filter((each) => each.score >= from && each.score < to);
    expect(n).toBe(own.length);
    expect(share).toBeCloseTo(own.filter(({ truth }) => truth).length / own.length, 12);
    expect(Math.abs((score ?? 0) - (from + to) / 2)).toBeLessThan(0.01);
  }
  const none = await world.monitoring.performanceDetail({ endpoint: ENDPOINT, arm: 'b' });
  expect(none).toMatchObject({ predictions: 0, labelled: 0, mature: false });
  await expect(world.monitoring.performanceDetail({ endpoint: 'nobody' })).rejects.toThrow('no endpoint');
});
