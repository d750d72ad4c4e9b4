/** Where else a reference comes from, which one is active, and its labelled rows. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flights, putRows } from '../../testing-log.ts';
import { csvOf, givenReferences, HEADER, INPUTS, lines, referencesOn } from '../../testing-references.ts';
import type { Profile } from './grid.rules.ts';

const given = givenReferences();

const csv = (rows: readonly string[], header = HEADER, name = 'train.csv') =>
  csvOf(given.context, name, header, rows);
const place = { model: 'm', version: '1' };
const fromFile = (uploadId: string, more: object = {}) =>
  given.world.references.fromFile({ ...place, uploadId, title: '', ...more });
const profile = (id?: string) => given.world.references.reference('m', '1', id)?.profile as Profile;

describe('other sources', () => {
  it('a past serving window is made of hot and moved rows, with the score', async () => {
    putRows(given.context, flights(0, 60));
    await given.world.rawLog.moveAll();
    putRows(given.context, flights(60, 40));
    const nowMs = given.context.clock.now();
    const made = await given.world.references.fromWindow({
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
    await expect(given.world.references.fromWindow(empty)).rejects.toMatchObject({
      code: 'LATHE_REFERENCE_UNFIT',
    });
    await expect(given.world.references.fromWindow({ ...empty, fromMs: 5 })).rejects.toMatchObject({
      code: 'LATHE_INPUT_INVALID',
    });
  });

  it('a file of the run that made the version', async () => {
    const file = csv(lines(30));
    const artifact = (path: string) => ({ path: `runs/run/${path}`, sha256: 's', size: 9 });
    given.world = referencesOn(given.context, {
      artifacts: {
        find: (path) => (path === 'runs/run/data/train.csv' ? { ...artifact('data/train.csv'), file } : null),
        filesBelow: () => [artifact('data/train.csv'), artifact('model.onnx'), artifact('b.PARQUET')],
      },
    });
    expect(given.world.references.runFiles('m', '1')).toEqual([
      { path: 'data/train.csv', bytes: 9 },
      { path: 'b.PARQUET', bytes: 9 },
    ]);
    const train = { model: 'm', version: '1', path: 'data/train.csv' };
    const { rows, columns } = await given.world.references.previewRun(train);
    expect([rows, columns.some(({ role }) => role === 'input')]).toEqual([30, true]);
    expect(await given.world.references.fromRun(train)).toMatchObject({ kind: 'training-run', rows: 30 });
    const other = { ...train, path: 'other' };
    for (const refused of [given.world.references.previewRun(other), given.world.references.fromRun(other)])
      await expect(refused).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
  });

  it('what the version was registered with is listed, is active until another is, and stays', async () => {
    const other = await fromFile(csv(lines(50)));
    const registered = JSON.stringify({ ...profile(), rows: 9_999 });
    given.context.db.prepare('UPDATE model_version SET reference = ?').run(registered);
    expect(given.world.references.list('m', '1')).toMatchObject([
      { id: 'version-uuid', title: 'Training data', rows: 9_999, active: true, rawRows: 0 },
      { id: other.id, active: false },
    ]);
    given.world.references.activate(other.id);
    expect(given.world.references.reference('m', '1')?.id).toBe(other.id);
    expect(given.world.references.activate('version-uuid')).toMatchObject({ active: true });
    expect(() => given.world.references.remove('version-uuid')).toThrow(
      expect.objectContaining({ code: 'LATHE_REFERENCE_FROZEN' }),
    );
    expect(given.world.references.raw('version-uuid')).toBe(null);
    given.context.db.exec('UPDATE model_version SET reference = NULL, purged_ms = 1, deleted_ms = 1');
    expect(given.context.db.prepare('SELECT count(*) FROM reference').pluck().get()).toBe(0);
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
    expect(await given.world.references.labelled('m', '1')).toBe(null);
    await fromFile(csv(lines(50)));
    expect(await given.world.references.labelled('m', '1')).toBe(null);
    await fromFile(file(), { scoreColumn: 'score', labelColumn: 'late' });
    const found = await given.world.references.labelled('m', '1');
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
    expect(await given.world.references.labelled('m', '1')).toBe(found);
  });

  it('are those of the active reference where it has some, else of the newest', async () => {
    const first = await fromFile(file(), { scoreColumn: 'score', labelColumn: 'late' });
    await fromFile(csv(rows.slice(4), 'delay,score,airline,late', 'newer.csv'), {
      ...{ scoreColumn: 'score', labelColumn: 'late' },
    });
    expect((await given.world.references.labelled('m', '1'))?.scores.length).toBe(16);
    given.world.references.remove(given.world.references.list('m', '1')[1]?.id as string);
    await fromFile(csv(lines(50)));
    given.world.references.activate(given.world.references.list('m', '1')[1]?.id as string);
    expect((await given.world.references.labelled('m', '1'))?.scores.length).toBe(16);
    expect(first.active).toBe(true);
  });

  it('that cannot be read are none, and are looked for again', async () => {
    const { id } = await fromFile(file(), { scoreColumn: 'score', labelColumn: 'late' });
    const blob = given.world.references.raw(id)?.file as string;
    const content = readFileSync(blob);
    chmodSync(blob, 0o600);
    writeFileSync(blob, 'no Parquet');
    expect(await given.world.references.labelled('m', '1')).toBe(null);
    writeFileSync(blob, content);
    expect((await given.world.references.labelled('m', '1'))?.scores.length).toBe(16);
  });
});
