/** Files that a reference is made of: looked at, taken, and refused with words. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  copyOf,
  csvOf,
  fileOf,
  givenReferences,
  HEADER,
  lines,
  referencesOn,
} from '../../testing-references.ts';
import { ReferenceProfile } from '../monitoring/index.ts';
import type { Profile } from './grid.rules.ts';

const given = givenReferences();

const csv = (rows: readonly string[], header = HEADER, name = 'train.csv') =>
  csvOf(given.context, name, header, rows);
const place = { model: 'm', version: '1' };
const fromFile = (uploadId: string, more: object = {}) =>
  given.world.references.fromFile({ ...place, uploadId, title: '', ...more });
const profile = (id?: string) => given.world.references.reference('m', '1', id)?.profile as Profile;
const feature = (name: string, id?: string) => profile(id).features.find((one) => one.name === name);

describe('a file', () => {
  it('is looked at, and taken as the first reference, which freezes the grid', async () => {
    const upload = csv(lines(300));
    expect(await given.world.references.preview('m', '1', upload)).toMatchObject({
      rows: 300,
      absent: [],
      columns: [
        {
          name: 'delay',
          type: 'DOUBLE',
          role: 'input',
          kind: 'numeric',
          missing: 0,
          distinct: 300,
          problem: null,
        },
        { name: 'stops', role: 'input', kind: 'numeric', distinct: 3 },
        { name: 'airline', role: 'input', kind: 'categorical', distinct: 3 },
        { name: 'night', role: 'input', kind: 'categorical', distinct: 2 },
        { name: 'when', role: 'other', kind: null },
        { name: 'score', role: 'prediction', kind: null },
      ],
    });
    const made = await fromFile(upload, { scoreColumn: 'score', title: 'First' });
    expect(made).toMatchObject({
      ...{ kind: 'file', title: 'First', source: 'train.csv', rows: 300, rawRows: 300, active: true },
      features: ['delay', 'stops', 'airline', 'night'],
      absent: [],
      ignored: ['when'],
    });
    expect(existsSync(upload)).toBe(false);
    expect(ReferenceProfile.safeParse(profile()).error).toBeUndefined();
    expect(profile()).toMatchObject({ rows: 300, predictionRows: 300 });
    expect(feature('airline')).toMatchObject({
      categories: [
        ['AA', 100],
        ['BB', 100],
        ['CC', 100],
      ],
    });
    expect(feature('night')).toMatchObject({
      categories: [
        ['false', 150],
        ['true', 150],
      ],
    });
    expect(given.world.changed).toEqual(['m 1']);
    const raw = given.world.references.raw(made.id);
    expect(raw).toMatchObject({ rows: 300, title: 'First' });
    expect(readFileSync(raw?.file ?? '').toString('latin1', 0, 4)).toBe('PAR1');
  });

  it('that comes second is counted on the same grid, and can be made active and removed', async () => {
    const first = await fromFile(csv(lines(300)));
    const second = await fromFile(csv(lines(100, 1_000), HEADER, 'later.csv'));
    expect(second).toMatchObject({ active: false, title: 'later.csv' });
    const [grid, again] = [feature('delay', first.id), feature('delay', second.id)];
    expect(grid?.kind === 'numeric' && again?.kind === 'numeric' && again.edges).toEqual(
      grid?.kind === 'numeric' && grid.edges,
    );
    expect(again).toMatchObject({ above: 100, below: 0 });
    expect(given.world.references.activate(second.id)).toMatchObject({ id: second.id, active: true });
    expect(given.world.references.reference('m', '1')?.id).toBe(second.id);
    expect(given.world.references.grid('m', '1')?.id).toBe(first.id);
    expect(given.world.references.list('m', '1').map(({ id, active }) => [id, active])).toEqual([
      [first.id, false],
      [second.id, true],
    ]);
    expect(() => given.world.references.remove(first.id)).toThrow(
      expect.objectContaining({ code: 'LATHE_REFERENCE_FROZEN' }),
    );
    expect(given.world.references.remove(second.id)).toBe(true);
    expect(given.world.references.reference('m', '1')?.id).toBe(first.id);
    expect(() => given.world.references.activate(second.id)).toThrow(
      expect.objectContaining({ code: 'LATHE_NOT_FOUND' }),
    );
  });

  it.each([
    ['of other columns', () => csv(lines(50), 'a,b,c,d,e,f'), /none of the model's inputs \(delay, stops/],
    ['without rows', () => csv([]), /it has 0 rows/],
    ['of one row', () => csv(lines(1)), /it has 1 row, and a distribution needs at least 10/],
    [
      'whose columns are all missing',
      () =>
        csvOf(
          given.context,
          'a.csv',
          'delay,x',
          Array.from({ length: 20 }, (_, at) => `,${at}`),
        ),
      /none of the model's inputs can be watched \(delay: All of its values are missing/,
    ],
  ])('%s is refused with words', async (_, upload, words) => {
    const path = upload();
    await expect(fromFile(path)).rejects.toMatchObject({
      code: 'LATHE_REFERENCE_UNFIT',
      message: expect.stringMatching(words),
    });
    // Another try does not need another upload.
    expect(existsSync(path)).toBe(true);
    expect(given.world.references.list('m', '1')).toEqual([]);
  });

  it('with columns that do not fit is taken without them, and says why', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => `${at === 7 ? 'late' : at},,x${at},${at}.5`);
    const upload = csvOf(given.context, 'odd.csv', 'delay,stops,airline,night', rows);
    const preview = await given.world.references.preview('m', '1', upload);
    expect(preview.columns.map(({ name, problem }) => [name, problem])).toEqual([
      ['delay', 'The model reads numbers, and 1 of its values is text.'],
      ['stops', 'All of its values are missing.'],
      ['airline', null],
      ['night', 'The model reads true and false, and it has fractions.'],
    ]);
    expect(await fromFile(upload)).toMatchObject({
      features: ['airline'],
      absent: ['delay', 'stops', 'night'],
    });
  });

  it('has constant columns, infinities, NaN, texts for missing numbers and 10,000 categories', async () => {
    const odd = ['inf', '-inf', 'nan', 'NA', ''];
    const rows = Array.from(
      { length: 12_000 },
      (_, at) => `${odd[at] ?? (at % 7) * 0.1},4,c${at % 10_000},1`,
    );
    const { id } = await fromFile(csvOf(given.context, 'wild.csv', 'delay,stops,airline,night', rows));
    expect(feature('delay', id)).toMatchObject({ missing: 5, below: 0, above: 0 });
    expect(feature('stops', id)).toMatchObject({ counts: [12_000], mean: 4 });
    const airline = feature('airline', id);
    expect(airline?.kind === 'categorical' && [airline.categories.length, airline.known?.length]).toEqual([
      255, 9_745,
    ]);
    expect(feature('night', id)).toMatchObject({ categories: [['true', 12_000]] });
  });

  it('is counted as the model sees it: 32-bit floats, and matrices by element', async () => {
    given.world = referencesOn(given.context, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }] });
    const rows = Array.from({ length: 20 }, (_, at) => `0.1,${at}`);
    await fromFile(csvOf(given.context, 'matrix.csv', 'x[0],x[1]', rows));
    expect(feature('x[0]')).toMatchObject({ edges: [Math.fround(0.1), expect.any(Number)], counts: [20] });
    expect(profile().features).toHaveLength(2);
  });
});

describe('a file that is no table', () => {
  const columns = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`).join(',');
  it.each([
    ['empty', 'a.csv', '', /it is empty/],
    [
      'a picture',
      'a.parquet',
      Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1]),
      /it is neither Parquet nor text/,
    ],
    ['with two columns of a name', 'a.csv', 'delay,stops,delay\n1,2,3\n', /it has two columns named “delay”/],
    ['with a nameless column', 'a.csv', 'delay,,x\n1,2,3\n', /its first line has no name for column 2/],
    ['without a header', 'a.csv', '1,2\n3,4\n', /its first line has values, not names of columns/],
    ['with 10,000 columns', 'a.csv', `${columns(10_000)}\n`, /it has more than 2000 columns/],
    [
      'in Latin-1',
      'a.csv',
      Buffer.from('delay,airline\n1,Zürich\n'.repeat(3), 'latin1'),
      /its text is not in UTF-8/,
    ],
    ['with a ragged line', 'a.csv', 'delay,stops\n1,2\n1,2,3,4\n', /a line has another number of fields/],
  ])('%s is refused', async (_, name, content, words) => {
    await expect(
      given.world.references.preview('m', '1', fileOf(given.context, name, content)),
    ).rejects.toMatchObject({
      code: 'LATHE_DATA_FILE',
      message: expect.stringMatching(words),
    });
  });

  it('as a truncated Parquet file is refused; a whole one is read, whatever its name', async () => {
    const sample = join(given.context.paths.resources, 'sample', 'flights.parquet');
    const whole = copyOf(given.context, sample, 'flights.bin');
    expect(await given.world.references.preview('m', '1', whole)).toMatchObject({
      absent: ['delay', 'stops', 'airline', 'night'],
    });
    writeFileSync(whole, readFileSync(sample).subarray(0, 100_000));
    given.world = referencesOn(given.context);
    await expect(given.world.references.preview('m', '1', whole)).rejects.toMatchObject({
      message: 'flights.bin cannot be read as a table: it is a Parquet file whose end is missing.',
    });
    const bytes = readFileSync(sample);
    bytes.fill(7, bytes.length - 2_000, bytes.length - 8);
    writeFileSync(whole, bytes);
    await expect(given.world.references.preview('m', '1', whole)).rejects.toMatchObject({
      code: 'LATHE_DATA_FILE',
    });
  });

  it('but is in UTF-16 is read', async () => {
    const text = `\uFEFFdelay,airline\n${lines(20)
      .map((_, at) => `${at},Zürich`)
      .join('\n')}\n`;
    const made = await fromFile(fileOf(given.context, 'a.csv', Buffer.from(text, 'utf16le')));
    expect(made.features).toEqual(['delay', 'airline']);
    expect(feature('airline')).toMatchObject({ categories: [['Zürich', 20]] });
  });
});

it('making one can be cancelled, and leaves nothing', async () => {
  const controller = new AbortController();
  const reason = new Error('cancelled');
  const progress = (share: number | null) => {
    if ((share ?? 0) > 0) controller.abort(reason);
  };
  given.world = referencesOn(given.context, {
    activities: {
      run: (_, work) =>
        work({ id: 'a', signal: controller.signal, progress, done: () => {}, failed: () => {} }),
    },
  });
  await expect(fromFile(csv(lines(60_000)))).rejects.toBe(reason);
  expect(given.world.references.list('m', '1')).toEqual([]);
  expect(readdirSync(given.context.paths.uploads)).toEqual([]);
});

it('a file that ships with Lathe can be taken in part, and stays', async () => {
  const path = csv(lines(300));
  const source = {
    kind: 'file' as const,
    file: { path, name: 'shipped.csv' },
    between: { column: 'stops', from: 1, to: 2 },
  };
  const made = await given.world.references.fromShipped('m', '1', {
    kind: 'training-run',
    title: 'Shipped',
    sourceText: 'it',
    source,
  });
  expect(made).toMatchObject({ rows: 100, rawRows: 100, kind: 'training-run', title: 'Shipped' });
  expect(feature('stops', made.id)).toMatchObject({ counts: [100], mean: 1 });
  expect(existsSync(path)).toBe(true);
});
