/** What is told of the values that come in, from rows that are served. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import type { MonitoringService } from './monitoring.service.ts';
import { blockOf, chunkOf, FACTS, watch } from './testing-watch.ts';

const T = 20_000 * 86_400_000;

let context: TestContext;
let service: MonitoringService;
beforeEach(async () => {
  context = await openTestContext();
  service = watch(context);
});
afterEach(async () => {
  service.close();
  await context.close();
});

it('tells that rows have stopped coming, by the hours of the week before', async () => {
  const now = context.clock.now();
  const rows = Array.from({ length: 48 }, (_, at) => ({ atMs: now - at * 3_600_000 }));
  await service.ingestTap([chunkOf(1, blockOf(rows))]);
  const staleness = async () => (await service.quality({ endpoint: 'e', arm: 'a' })).staleness;
  expect(await staleness()).toBeNull();
  context.clock.advance(4 * 3_600_000);
  expect(await staleness()).toEqual({
    level: 'warning',
    text: 'No row for 4 hours. In the week before, hours with rows were at most 1 hour apart.',
  });
  await service.ingestTap([chunkOf(2, blockOf([{ atMs: context.clock.now() }]))]);
  expect(await staleness()).toBeNull();
});

describe('NaN', () => {
  /** As many of 1,000 rows, to a model whose reference had `missing` beside 1,000 numbers. */
  async function served(nan: number, missing: number) {
    const reference = structuredClone(FACTS.reference) as { features: { missing: number }[] };
    (reference.features[0] as { missing: number }).missing = missing;
    service.close();
    service = watch(context, { grid: () => JSON.stringify(reference) });
    const rows = Array.from({ length: 1_000 }, (_, at) => ({ atMs: T, x: at < nan ? Number.NaN : at % 10 }));
    await service.ingestTap([chunkOf(1, blockOf(rows))]);
    return (await service.quality({ endpoint: 'e' })).features[0];
  }

  it('is no news to a model that was trained with as much of it', async () => {
    expect(await served(200, 250)).toMatchObject({ missing: 0.2, notFinite: 0.2, finding: null });
    const series = await service.series({
      ...{ endpoint: 'e', per: 'day', series: { of: 'quality', feature: 'x', measure: 'missing' } },
    });
    expect(series).toMatchObject({ reference: 0.2, points: [{ value: 0.2 }] });
    expect(series.notes[0]).toContain('NaN');
  });

  it('is a missing value to it, of which there may be more than there were', async () => {
    expect(await served(450, 250)).toMatchObject({ missing: 0.45, finding: { level: 'critical' } });
  });

  it('is wrong where the reference had a number in every row', async () => {
    const x = await served(60, 0);
    expect(x).toMatchObject({ missing: 0, notFinite: 0.06, finding: { level: 'critical' } });
  });
});
