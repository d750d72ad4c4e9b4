import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SliceCondition } from '../../../contract/slices.ts';
import { areasOn, DAY, ENDPOINT, HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';
import { compile, featuresIn } from './conditions.rules.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const OLD: SliceCondition = { feature: 'age', op: 'range', from: 50, to: null };
const create = (name: string, ...conditions: SliceCondition[]) =>
  world.slices.create({ endpoint: ENDPOINT, name, conditions });
const compare = (part: object = {}) =>
  world.slices.compare({ endpoint: ENDPOINT, metric: 'accuracy', per: 'day', ...part });
const sizes = async () =>
  Object.fromEntries((await compare()).map(({ slice, predictions }) => [slice?.name ?? 'all', predictions]));
const aged = (id: string, age: number | string | null, part: object = {}) =>
  row(id, { features: { age, plan: 'basic' }, ...part });

describe('a slice', () => {
  it('holds rows from its making on, and the older ones soon after', async () => {
    await world.monitoring.ingest(
      Array.from({ length: 450 }, (_, at) => aged(`old${at}`, at % 3 === 0 ? 60 : 20)),
    );
    await world.labels.push([{ predictionId: 'old0', label: '1' }]);
    const slice = create('old', OLD);
    expect(slice).toMatchObject({ endpoint: ENDPOINT, name: 'old', filling: true });
    await world.monitoring.ingest([aged('new', 70), aged('young', 7)]);
    await world.slices.settled();
    expect(world.slices.list(ENDPOINT)).toMatchObject([{ id: slice.id, filling: false }]);
    expect(await sizes()).toEqual({ all: 452, old: 151 });
    expect((await compare())[1]).toMatchObject({ labelled: 1, value: 1, share: 151 / 452 });
  });

  it('goes on being filled by the next engine, and counts no row twice', async () => {
    await world.monitoring.ingest(Array.from({ length: 1_000 }, (_, at) => aged(`r${at}`, 60)));
    create('old', OLD);
    await new Promise((resolve) => setTimeout(resolve, 25));
    // The engine ends in the midst of it.
    await world.slices.close();
    const before = world.context.db.prepare('SELECT next_seq AS at, state FROM slice').get();
    expect(before).toMatchObject({ state: 'filling' });
    const next = areasOn(world.context);
    next.slices.start();
    await next.slices.settled();
    const [, old] = await next.slices.compare({ endpoint: ENDPOINT, metric: 'accuracy', per: 'day' });
    expect(old?.predictions).toBe(1_000);
    await next.close();
  });

  it('that is removed takes its sums along and gives its place to another', async () => {
    await world.monitoring.ingest([aged('a', 60), aged('b', 20)]);
    const { id } = create('old', OLD);
    await world.slices.settled();
    expect(world.slices.remove(id)).toBe(true);
    expect(world.slices.remove(id)).toBe(false);
    expect(world.slices.list(ENDPOINT)).toEqual([]);
    await world.slices.settled();
    create('young', { feature: 'age', op: 'range', from: null, to: 50 });
    await world.slices.settled();
    expect(await sizes()).toEqual({ all: 2, young: 1 });
    expect(world.context.db.prepare('SELECT id, slices FROM prediction ORDER BY id').all()).toEqual([
      { id: 'a', slices: 0 },
      { id: 'b', slices: 1 },
    ]);
  });

  it('cannot be of a masked column, and can once the mask is off', async () => {
    await world.close();
    const masked = new Set(['age']);
    world = await openWorld({ masked: () => masked });
    expect(() => create('old', { feature: 'plan', op: 'in', values: ['basic'] }, OLD)).toThrow(
      expect.objectContaining({
        code: 'LATHE_SLICES_MASKED',
        details: { endpoint: ENDPOINT, feature: 'age' },
      }),
    );
    expect(world.slices.list(ENDPOINT)).toEqual([]);
    masked.clear();
    expect(create('old', OLD)).toMatchObject({ name: 'old' });
  });

  it('finds rows that were moved into files, through those who keep them', async () => {
    await world.close();
    const asked: unknown[] = [];
    world = await openWorld({
      matching: async (...input) => {
        asked.push(input);
        return Float64Array.of(1, 3);
      },
    });
    await world.monitoring.ingest([aged('a', 60), aged('b', 60), aged('c', 20)]);
    world.context.db.exec("UPDATE prediction SET features = '' WHERE id <> 'c'");
    create('old', OLD);
    await world.slices.settled();
    expect(asked).toEqual([[1, [OLD], 1, 4]]);
    expect(world.context.db.prepare('SELECT id FROM prediction WHERE slices = 1').pluck().all()).toEqual([
      'a',
      'c',
    ]);
  });

  it('may be the 32nd, but not the 33rd', () => {
    for (let at = 0; at < 32; at++) create(`s${at}`, OLD);
    expect(() => create('one too many', OLD)).toThrow(expect.objectContaining({ code: 'LATHE_SLICES_FULL' }));
  });

  it('counts rows in all 32 places', async () => {
    for (let at = 0; at < 32; at++) create(`s${at}`, { ...OLD, from: at });
    await world.monitoring.ingest([aged('a', 31), aged('b', 30.5)]);
    await world.labels.push([{ predictionId: 'b', label: '1' }]);
    await world.slices.settled();
    const rows = (await compare()).slice(1);
    expect(rows.map(({ predictions }) => predictions)).toEqual([...Array(31).fill(2), 1]);
    expect(rows.map(({ labelled }) => labelled)).toEqual([...Array(31).fill(1), 0]);
  });

  it('is refused on a feature that is not there, on an empty range, and under a name that is taken', () => {
    expect(() => create('x', { feature: 'height', op: 'missing' })).toThrow(
      expect.objectContaining({ code: 'LATHE_SLICES_FEATURE' }),
    );
    expect(() => create('x', { ...OLD, from: 3, to: 3 })).toThrow(
      expect.objectContaining({ code: 'LATHE_SLICES_RANGE' }),
    );
    expect(() => create('x', { ...OLD, from: null })).toThrow('holds no value');
    create('x', OLD);
    expect(() => create('x', OLD)).toThrow(expect.objectContaining({ code: 'LATHE_SLICES_NAME_TAKEN' }));
    expect(() => world.slices.create({ endpoint: 'nobody', name: 'x', conditions: [OLD] })).toThrow(
      'no endpoint',
    );
  });

  it('of a feature that is text in half of the rows holds those whose text is a number in its range', async () => {
    await world.monitoring.ingest([
      ...[60, 20].map((age, at) => aged(`number${at}`, age)),
      ...['60', '20', 'old', ''].map((age, at) => aged(`text${at}`, age)),
    ]);
    create('old', OLD);
    create('sixty', { feature: 'age', op: 'in', values: ['60'] });
    await world.slices.settled();
    expect(await sizes()).toEqual({ all: 6, old: 2, sixty: 2 });
  });
});

describe('beside each other', () => {
  it('slices are compared with the rest, with the time before, and said to be apart', async () => {
    const rows = Array.from({ length: 800 }, (_, at) =>
      aged(`r${at}`, at % 4 === 0 ? 60 : 20, {
        eventMs: NOW - (at < 400 ? 10 * DAY : DAY) + at,
        score: 0.9,
      }),
    );
    await world.monitoring.ingest(rows);
    // Old people were predicted as well as the others, and are not any more.
    const wrong = (at: number) => (at < 400 ? at % 10 === 0 : at % 4 === 0 ? at % 8 === 0 : at % 10 === 1);
    await world.labels.push(rows.map(({ id }, at) => ({ predictionId: id, label: wrong(at) ? '0' : '1' })));
    create('old', OLD);
    await world.slices.settled();
    const [all, old] = await compare();
    expect(all).toMatchObject({ slice: null, predictions: 400, share: 1, rest: null, apart: false });
    expect(old).toMatchObject({
      predictions: 100,
      labelled: 100,
      value: 0.5,
      beforeLabelled: 100,
      apart: true,
    });
    const missed = rows.filter((_, at) => at >= 400 && at % 4 !== 0 && wrong(at)).length;
    expect(old?.rest).toBeCloseTo(1 - missed / 300, 12);
    expect(old?.before).toBeCloseTo(
      1 - [...Array(400).keys()].filter((at) => at % 4 === 0 && wrong(at)).length / 100,
      12,
    );
    // The same over a named time, by another figure.
    const [, then] = await compare({ fromMs: NOW - 11 * DAY, toMs: NOW - 9 * DAY, metric: 'brier' });
    expect(then).toMatchObject({ predictions: 100, before: null, beforeLabelled: 0, metric: 'brier' });
  });

  it('are estimated without labels: as on their own, the rest too', async () => {
    const rows = Array.from({ length: 1_200 }, (_, at) => {
      const score = ((at + 1) * 0.6180339887498949) % 1;
      return aged(`r${at}`, at % 4 === 0 ? 60 : 20, { eventMs: NOW - 3 * DAY + at * 120_000, score });
    });
    await world.monitoring.ingest(rows);
    const truth = (at: number) => ((at + 1) * 0.41421356237309515) % 1 < Number(rows[at]?.score);
    await world.labels.push(rows.map(({ id }, at) => ({ predictionId: id, label: truth(at) ? '1' : '0' })));
    const [old, young] = [create('old', OLD), create('young', { ...OLD, from: null, to: 50 })];
    create('nobody', { ...OLD, from: 500 });
    await world.slices.settled();
    const windowMs = Math.floor((NOW - 1) / DAY) * DAY;
    for (const metric of ['accuracy', 'roc-auc'] as const) {
      const ofSlice = async (slice: string) =>
        (
          await world.monitoring.performanceSources.estimated({
            ...{ endpoint: ENDPOINT, per: 'day', slice },
            series: { of: 'estimated', metric },
          })
        ).points.at(-1);
      const [inside, rest] = [await ofSlice(old.id), await ofSlice(young.id)];
      const found = await world.slices.estimates({
        ...{ endpoint: ENDPOINT, metric, per: 'day', arm: null, windowMs },
      });
      expect(found.map(({ name, n, tooFew }) => [name, n, tooFew])).toEqual([
        ['old', 300, false],
        ['young', 900, false],
        ['nobody', 0, true],
      ]);
      expect(inside?.n).toBe(300);
      expect(found[0]?.value).toBeCloseTo(inside?.value ?? Number.NaN, 12);
      expect(found[0]?.rest).toBeCloseTo(rest?.value ?? Number.NaN, 12);
      expect(found[1]?.rest).toBeCloseTo(inside?.value ?? Number.NaN, 12);
      expect(found[2]).toMatchObject({ value: null, apart: false });
    }
    const other = { endpoint: ENDPOINT, metric: 'accuracy', per: 'day', arm: 'nobody', windowMs } as const;
    expect((await world.slices.estimates(other)).map(({ value, rest }) => [value, rest])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it('say nothing without rows', async () => {
    create('old', OLD);
    expect(await compare()).toMatchObject([
      { predictions: 0, share: 0, value: null },
      { predictions: 0, share: 0, value: null, rest: null, apart: false },
    ]);
  });

  it('have series of their own', async () => {
    await world.monitoring.ingest([aged('a', 60), aged('b', 60, { eventMs: NOW - 3 * HOUR }), aged('c', 20)]);
    const { id } = create('old', OLD);
    await world.slices.settled();
    const { volume, performance } = world.monitoring.performanceSources;
    const query = { endpoint: ENDPOINT, per: 'hour' as const, slice: id };
    const rows = await volume({ ...query, series: { of: 'volume' } });
    expect(rows.points.map(({ windowMs, value }) => [windowMs, value])).toEqual([
      [NOW - 3 * HOUR, 1],
      [NOW - HOUR, 1],
    ]);
    await world.labels.push([
      { predictionId: 'a', label: '0' },
      { predictionId: 'c', label: '1' },
    ]);
    const right = await performance({ ...query, series: { of: 'performance', metric: 'accuracy' } });
    expect(right.points.at(-1)).toMatchObject({ value: 0, n: 1 });
    await expect(volume({ ...query, slice: 'nobody', series: { of: 'volume' } })).rejects.toThrow('no slice');
  });
});

it('values to choose from come from the reference, or the input', async () => {
  expect(world.slices.values(ENDPOINT, 'plan')).toMatchObject({ kind: 'categorical', values: [] });
  await world.close();
  world = await openWorld({
    reference: {
      ...{ schema: 1, rows: 4, predictionRows: 0, prediction: null },
      features: [
        { kind: 'numeric', name: 'age', edges: [18, 30, 90], counts: [2, 2], below: 0, above: 0, missing: 0 },
        { kind: 'categorical', name: 'plan', categories: [['gold', 3]], other: 1, missing: 0 },
      ],
    },
  });
  expect(world.slices.values(ENDPOINT, 'plan')).toEqual({
    ...{ kind: 'categorical', values: ['gold'], min: null, max: null },
  });
  expect(world.slices.values(ENDPOINT, 'age')).toEqual({ kind: 'numeric', values: [], min: 18, max: 90 });
  expect(() => world.slices.values(ENDPOINT, 'height')).toThrow('No version');
});

describe('conditions', () => {
  const holds = (
    features: Record<string, string | number | boolean | null>,
    ...conditions: SliceCondition[]
  ) => compile(conditions)(featuresIn(features));

  it('all have to hold', () => {
    const young: SliceCondition = { feature: 'age', op: 'range', from: null, to: 30 };
    const gold: SliceCondition = { feature: 'plan', op: 'in', values: ['gold'] };
    expect(holds({ age: 29, plan: 'gold' }, young, gold)).toBe(true);
    expect(holds({ age: 30, plan: 'gold' }, young, gold)).toBe(false);
    expect(holds({ age: 29 }, young, gold)).toBe(false);
    expect(holds({ plan: 'gold' }, { feature: 'age', op: 'missing' }, gold)).toBe(true);
  });

  it('take numbers as numbers, whatever stands for them', () => {
    const five: SliceCondition = { feature: 'x', op: 'in', values: [5] };
    expect([5, '5', '5.0', true, 'x', null, Number.NaN].map((x) => holds({ x }, five))).toEqual([
      ...[true, true, true, false, false, false, false],
    ]);
    const yes: SliceCondition = { feature: 'x', op: 'in', values: [true] };
    expect([true, 'true', false, 1].map((x) => holds({ x }, yes))).toEqual([true, true, false, true]);
    const up: SliceCondition = { feature: 'x', op: 'range', from: 1, to: null };
    expect([Number.POSITIVE_INFINITY, 'inf', 'NaN', '1e3', 0.5].map((x) => holds({ x }, up))).toEqual([
      ...[true, true, false, true, false],
    ]);
    expect(holds({}, { feature: 'toString', op: 'missing' })).toBe(true);
  });

  it('of a range and what lies outside of it share every number between them', () => {
    const number = fc.double({ noNaN: true });
    fc.assert(
      fc.property(number, number, (x, cut) => {
        const below = holds({ x }, { feature: 'x', op: 'range', from: null, to: cut });
        const above = holds({ x }, { feature: 'x', op: 'range', from: cut, to: null });
        expect(below).toBe(!above);
      }),
    );
  });
});
