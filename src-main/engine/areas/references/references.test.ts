/** Where else a reference comes from, which one is active, and its labelled rows. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { flights, putRows } from '../../testing-log.ts';
import { csvOf, INPUTS, referencesOn } from '../../testing-references.ts';
import type { Profile } from './grid.rules.ts';

let context: TestContext;
let world: ReturnType<typeof referencesOn>;
// One workspace and one analysis process for all: starting one takes longer than any of these tests.
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());
beforeEach(() => {
  world = referencesOn(context);
});
afterEach(() => {
  for (const table of ['reference_active', 'reference', 'model_version', 'log_file', 'raw_log', 'prediction'])
    context.db.exec(`DELETE FROM ${table}`);
});

const HEADER = 'delay,stops,airline,night,when,score';
const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => {
    const row = at + from;
    return `${row / 2},${row % 3},${['AA', 'BB', 'CC'][row % 3]},${row % 2 === 0},2024-01-01,0.${row % 10}`;
  });
const csv = (rows: readonly string[], header = HEADER, name = 'train.csv') =>
  csvOf(context, name, header, rows);
const place = { model: 'm', version: '1' };
const fromFile = (uploadId: string, more: object = {}) =>
  world.references.fromFile({ ...place, uploadId, title: '', ...more });
const profile = (id?: string) => world.references.reference('m', '1', id)?.profile as Profile;

describe('other sources', () => {
  it('a past serving window is made of hot and moved rows, with the score', async () => {
    putRows(context, flights(0, 60));
    await world.rawLog.moveAll();
    putRows(context, flights(60, 40));
    const nowMs = context.clock.now();
    const made = await world.references.fromWindow({
      endpoint: 'live',
      version: '1',
      fromMs: nowMs - 1000,
      toMs: nowMs + 1,
      title: '',
    });
    expect(made).toMatchObject({
      kind: 'serving-window',
      rows: 100,
      features: INPUTS.map(({ name }) => name),
      ignored: [],
    });
    expect(made.title).toMatch(/^live, 2026-01-05/);
    expect(profile()).toMatchObject({ predictionRows: 100, prediction: { missing: 0 } });
    const empty = { endpoint: 'live', version: '1', fromMs: 0, toMs: 1, title: '' };
    await expect(world.references.fromWindow(empty)).rejects.toMatchObject({ code: 'LATHE_REFERENCE_UNFIT' });
    await expect(world.references.fromWindow({ ...empty, fromMs: 5 })).rejects.toMatchObject({
      code: 'LATHE_INPUT_INVALID',
    });
  });

  it('a file of the run that made the version', async () => {
    const file = csv(lines(30));
    const artifact = (path: string) => ({ path: `runs/run/${path}`, sha256: 's', size: 9 });
    world = referencesOn(context, {
      artifacts: {
        find: (path) => (path === 'runs/run/data/train.csv' ? { ...artifact('data/train.csv'), file } : null),
        filesBelow: () => [artifact('data/train.csv'), artifact('model.onnx'), artifact('b.PARQUET')],
      },
    });
    expect(world.references.runFiles('m', '1')).toEqual([
      { path: 'data/train.csv', bytes: 9 },
      { path: 'b.PARQUET', bytes: 9 },
    ]);
    expect(await world.references.fromRun('m', '1', 'data/train.csv')).toMatchObject({
      kind: 'training-run',
      rows: 30,
    });
    await expect(world.references.fromRun('m', '1', 'other')).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
  });

  it('what the version was registered with is listed, is active until another is, and stays', async () => {
    const other = await fromFile(csv(lines(50)));
    const registered = JSON.stringify({ ...profile(), rows: 9_999 });
    context.db.prepare('UPDATE model_version SET reference = ?').run(registered);
    expect(world.references.list('m', '1')).toMatchObject([
      { id: 'version-uuid', title: 'Training data', rows: 9_999, active: true, rawRows: 0 },
      { id: other.id, active: false },
    ]);
    world.references.activate(other.id);
    expect(world.references.reference('m', '1')?.id).toBe(other.id);
    expect(world.references.activate('version-uuid')).toMatchObject({ active: true });
    expect(() => world.references.remove('version-uuid')).toThrow(
      expect.objectContaining({ code: 'LATHE_REFERENCE_FROZEN' }),
    );
    expect(world.references.raw('version-uuid')).toBe(null);
    context.db.exec('UPDATE model_version SET reference = NULL, purged_ms = 1, deleted_ms = 1');
    expect(context.db.prepare('SELECT count(*) FROM reference').pluck().get()).toBe(0);
  });
});

describe('labelled rows', () => {
  const labelled = [
    '0.25,yes,1',
    '0.5,no,0',
    '0.75,yes,TRUE',
    '0.125,no,false',
    ',no,1',
    '0.5,no,',
    '0.5,no,maybe',
    '1.5,no,1',
  ];
  const rows = [...labelled, ...Array.from({ length: 12 }, () => '0.875,no,0')].map(
    (row, at) => `${at},${row}`,
  );
  const file = () => csv(rows, 'delay,score,airline,late', 'labelled.csv');

  it('are those with a probability and a class; a version without any has none', async () => {
    expect(await world.references.labelled('m', '1')).toBe(null);
    await fromFile(csv(lines(50)));
    expect(await world.references.labelled('m', '1')).toBe(null);
    await fromFile(file(), { scoreColumn: 'score', labelColumn: 'late' });
    const found = await world.references.labelled('m', '1');
    const pairs = [...(found?.scores ?? [])].map((score, at) => [score, found?.truths[at]]);
    const known = [
      ...[
        [0.125, 0],
        [0.25, 1],
        [0.5, 0],
        [0.75, 1],
      ],
      ...Array.from({ length: 12 }, () => [0.875, 0]),
    ];
    expect(pairs.sort(([one = 0], [two = 0]) => one - two)).toEqual(known);
    expect(await world.references.labelled('m', '1')).toBe(found);
  });

  it('are those of the active reference where it has some, else of the newest', async () => {
    const first = await fromFile(file(), { scoreColumn: 'score', labelColumn: 'late' });
    await fromFile(csv(rows.slice(4), 'delay,score,airline,late', 'newer.csv'), {
      ...{ scoreColumn: 'score', labelColumn: 'late' },
    });
    expect((await world.references.labelled('m', '1'))?.scores.length).toBe(16);
    world.references.remove(world.references.list('m', '1')[1]?.id as string);
    await fromFile(csv(lines(50)));
    world.references.activate(world.references.list('m', '1')[1]?.id as string);
    expect((await world.references.labelled('m', '1'))?.scores.length).toBe(16);
    expect(first.active).toBe(true);
  });

  it('that cannot be read are none, and are looked for again', async () => {
    const { id } = await fromFile(file(), { scoreColumn: 'score', labelColumn: 'late' });
    const blob = world.references.raw(id)?.file as string;
    const content = readFileSync(blob);
    chmodSync(blob, 0o600);
    writeFileSync(blob, 'no Parquet');
    expect(await world.references.labelled('m', '1')).toBe(null);
    writeFileSync(blob, content);
    expect((await world.references.labelled('m', '1'))?.scores.length).toBe(16);
  });
});
