import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, ENDPOINT, HOUR, NOW, openWorld, recount, row, type World } from '../../testing-monitoring.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const push = (predictionId: string, label: string, labelledMs?: number) =>
  world.labels.push([{ predictionId, label, ...(labelledMs === undefined ? {} : { labelledMs }) }]);
const byEntity = (entity: string, label: string, atMs: number, withinMs = DAY) =>
  world.labels.pushByEntity(ENDPOINT, [{ entity, label, atMs, withinMs }], 'api');
const truths = () =>
  world.context.db
    .prepare('SELECT id, truth FROM prediction WHERE truth IS NOT NULL ORDER BY id')
    .all()
    .map((each) => Object.values(each as object).join('='));
const labelled = () => world.monitoring.totals().labelled;

describe('labels by id', () => {
  beforeEach(() => world.monitoring.ingest([row('one'), row('two')]));

  it('join once; ids that are not known are said', async () => {
    expect(
      await world.labels.push([
        { predictionId: 'one', label: '1' },
        { predictionId: 'nobody', label: '1' },
        { predictionId: 'one', label: '1' },
      ]),
    ).toEqual({ joined: 1, unchanged: 1, replaced: 0, stale: 0, unknown: ['nobody'], refused: [] });
    expect(await push('one', '1')).toMatchObject({ joined: 0, unchanged: 1 });
    expect(labelled()).toBe(1);
  });

  it('that contradict take the place of an older one and leave a newer one', async () => {
    await push('one', '1', NOW - 1_000);
    expect(await push('one', '0', NOW - 2_000)).toMatchObject({ joined: 0, stale: 1 });
    expect(truths()).toEqual(['one=1']);
    expect(await push('one', '0', NOW)).toMatchObject({ joined: 1, replaced: 1 });
    expect(truths()).toEqual(['one=0']);
    expect(world.labels.history('one')).toEqual([
      { label: '0', labelledMs: NOW, receivedMs: NOW, by: 'id', source: 'api' },
      { label: '1', labelledMs: NOW - 1_000, receivedMs: NOW, by: 'id', source: 'api' },
    ]);
    expect(labelled()).toBe(1);
    expect(() => world.labels.history('nobody')).toThrow('no prediction named nobody');
  });

  it('again, observed later, keep the later time: the order in which labels come does not matter', async () => {
    await push('one', '1', NOW - 5_000);
    expect(await push('one', '1', NOW - 1_000)).toMatchObject({ joined: 0, unchanged: 1 });
    expect(world.labels.history('one')).toMatchObject([{ label: '1', labelledMs: NOW - 1_000 }]);
    expect(await push('one', '0', NOW - 3_000)).toMatchObject({ joined: 0, stale: 1 });
    // Without a time it was said again, and not observed again.
    world.context.clock.advance(1_000);
    expect(await push('one', '1')).toMatchObject({ unchanged: 1 });
    expect(world.labels.history('one')).toMatchObject([{ label: '1', labelledMs: NOW - 1_000 }]);
    expect(labelled()).toBe(1);
  });

  it('from the future are taken as of now, so that they can be corrected', async () => {
    await push('one', '1', NOW + 365 * DAY);
    world.context.clock.advance(1_000);
    expect(await push('one', '0')).toMatchObject({ replaced: 1 });
  });

  it('from before their prediction join: another clock went wrong', async () => {
    await push('one', '1', NOW - 2 * DAY);
    const { delay, cohorts } = await world.labels.maturity(ENDPOINT, 'hour', null);
    expect(delay).toEqual([{ afterMs: 1_000, share: 0.5 }]);
    expect(cohorts).toEqual([{ windowMs: NOW - HOUR, predictions: 2, labelled: 1, mature: false }]);
  });

  it('that are not of the task are refused, with why', async () => {
    const { refused, joined } = await push('one', 'purple');
    expect(joined).toBe(0);
    expect(refused).toEqual([{ at: 0, reason: expect.stringContaining('1 or 0') }]);
    expect(truths()).toEqual([]);
    await world.close();
    world = await openWorld({ task: 'regression' });
    await world.monitoring.ingest([row('one')]);
    for (const wrong of ['NaN', 'Infinity', 'soon', '1e200'])
      expect((await push('one', wrong)).refused).toHaveLength(1);
    expect(await push('one', '0.25')).toMatchObject({ joined: 1 });
  });

  it('of an endpoint that is gone are unknown', async () => {
    world.endpoints.splice(0);
    expect(await push('one', '1')).toMatchObject({ joined: 0, unknown: ['one'] });
  });
});

describe('labels by entity and time', () => {
  const at = (ms: number) => ({ eventMs: NOW - DAY + ms, unit: 'u' });

  it('join the newest prediction before them, and none twice', async () => {
    await world.monitoring.ingest([row('early', at(0)), row('late', at(HOUR)), row('after', at(3 * HOUR))]);
    const when = NOW - DAY + 2 * HOUR;
    expect(await byEntity('u', '1', when)).toMatchObject({ joined: 1, unknown: [] });
    expect(truths()).toEqual(['late=1']);
    // Said again it joins no other one.
    expect(await byEntity('u', '1', when)).toMatchObject({ joined: 0, unchanged: 1 });
    expect(truths()).toEqual(['late=1']);
    // Another thing that happened joins what is left.
    expect(await byEntity('u', '0', when + 1)).toMatchObject({ joined: 1 });
    expect(truths()).toEqual(['early=0', 'late=1']);
    expect(await byEntity('u', '0', when + 2)).toMatchObject({ joined: 0, unknown: [0] });
    // The same thing, told otherwise, is corrected.
    expect(await byEntity('u', '0', when)).toMatchObject({ joined: 1, replaced: 1 });
    expect(truths()).toEqual(['early=0', 'late=0']);
    expect(world.labels.history('late').map(({ by }) => by)).toEqual(['entity', 'entity']);
    expect(await world.labels.maturity(ENDPOINT, 'day', null)).toMatchObject({ byEntity: 2, replaced: 1 });
  });

  it('without a prediction in time are said', async () => {
    await world.monitoring.ingest([row('one', at(0)), row('other', { ...at(0), unit: 'v' })]);
    const result = await world.labels.pushByEntity(
      ENDPOINT,
      [
        { entity: 'u', label: '1', atMs: NOW - DAY - 1, withinMs: DAY },
        { entity: 'u', label: '1', atMs: NOW, withinMs: HOUR },
        { entity: 'w', label: '1', atMs: NOW, withinMs: DAY },
        { entity: 'u', label: '1', atMs: NOW - DAY, withinMs: 1 },
      ],
      'api',
    );
    expect(result).toMatchObject({ joined: 1, unknown: [0, 1, 2] });
    await expect(byEntity('u', '1', NOW)).resolves.toMatchObject({ unknown: [0] });
    await expect(world.labels.pushByEntity('nobody', [], 'api')).rejects.toThrow('no endpoint');
  });

  it('give way to a newer label by id, which keeps others out all the same', async () => {
    await world.monitoring.ingest([row('one', at(0))]);
    await byEntity('u', '1', NOW - HOUR);
    expect(await push('one', '0', NOW)).toMatchObject({ replaced: 1 });
    expect(await byEntity('u', '1', NOW - HOUR)).toMatchObject({ stale: 1 });
    expect(await byEntity('u', '1', NOW - 2 * HOUR)).toMatchObject({ joined: 0, unknown: [0] });
    expect(truths()).toEqual(['one=0']);
  });
});

it('a stale label by entity is about its prediction all the same, and keeps the next one off it', async () => {
  await world.monitoring.ingest([
    row('old', { unit: 'u', eventMs: NOW - 3 * HOUR }),
    row('new', { unit: 'u', eventMs: NOW - 2 * HOUR }),
  ]);
  await push('new', '0', NOW);
  expect(await byEntity('u', '1', NOW - HOUR)).toMatchObject({ stale: 1 });
  expect(await byEntity('u', '1', NOW - HOUR + 1)).toMatchObject({ joined: 1 });
  expect(truths()).toEqual(['new=0', 'old=1']);
});

describe('maturity', () => {
  it('is reached with four fifths of the labels, or when nine tenths of the delays are over', async () => {
    const rows = Array.from({ length: 600 }, (_, each) =>
      row(`r${each}`, { eventMs: NOW - (1 + Math.floor(each / 100)) * 6 * HOUR + (each % 100) }),
    );
    await world.monitoring.ingest(rows);
    // Of each window 60 of 100 get a label, within two hours.
    for (const [each, { id, eventMs }] of rows.entries())
      if (each % 100 < 60)
        await world.labels.push([
          { predictionId: id, label: '1', labelledMs: eventMs + (each % 60) * 2 * 60_000 },
        ]);
    const found = await world.labels.maturity(ENDPOINT, 'hour', null);
    expect(found.p50Ms).toBeGreaterThan(50 * 60_000);
    expect(found.p90Ms).toBeLessThanOrEqual(2 * HOUR);
    expect(found.delay.at(-1)?.share).toBeCloseTo(0.6, 6);
    expect(found.cohorts.map(({ labelled: n, mature }) => [n, mature])).toEqual(
      Array.from({ length: 6 }, () => [60, true]),
    );
    await world.monitoring.ingest([row('new', { eventMs: NOW - 60_000 })]);
    await push('new', '1');
    world.context.clock.advance(5_000);
    await world.monitoring.ingest([row('newest', { eventMs: NOW, receivedMs: NOW })]);
    const { cohorts } = await world.labels.maturity(ENDPOINT, 'hour', null);
    expect(cohorts.at(-1)).toMatchObject({ predictions: 1, labelled: 0, mature: false });
  });

  it('goes by the clock of the events where rows are replayed', async () => {
    const past = Date.UTC(2013, 0, 1);
    const rows = Array.from({ length: 100 }, (_, each) =>
      row(`r${each}`, { eventMs: past + each * 60_000, receivedMs: NOW }),
    );
    await world.monitoring.ingest(rows);
    for (const { id, eventMs } of rows.slice(0, 60)) await push(id, '1', eventMs + 2 * HOUR);
    const { cohorts, p90Ms } = await world.labels.maturity(ENDPOINT, 'hour', null);
    expect(p90Ms).toBeGreaterThan(1.9 * HOUR);
    expect(p90Ms).toBeLessThan(2.1 * HOUR);
    // The second hour is just over: its labels may still come, thirteen years of wall clock or not.
    expect(cohorts.map(({ mature }) => mature)).toEqual([true, false]);
  });
});

it('quality counts what the labels say, by hand', async () => {
  await world.monitoring.ingest([
    row('a', { score: 0.9 }),
    row('b', { score: 0.2 }),
    row('c', { score: 0.6 }),
  ]);
  for (const [id, label] of [
    ['a', '1'],
    ['b', '1'],
    ['c', '0'],
  ] as const)
    await push(id, label);
  const [sums] = Object.values(recount(world, 'binary-classification', () => []));
  expect(sums).toMatchObject({ tp: 1, fn: 1, fp: 1, predictions: 3 });
  const { arms } = await world.monitoring.performance(ENDPOINT);
  expect(arms[0]).toMatchObject({ accuracy: 1 / 3, labelled: 3, positiveRate: 2 / 3 });
});
