import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDuck } from '../../analysis/duck.ts';
import { literal } from '../../analysis/sql.ts';
import { DAY, ENDPOINT, HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';
import { guessColumns, timeOf } from './label-file.rules.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const byId = { endpoint: ENDPOINT, labelColumn: 'label', predictionIdColumn: 'id' };
const send = (content: string | Uint8Array, part: object = byId, name = 'labels.csv') =>
  world.labels.upload({ ...byId, ...part, uploadId: world.upload(name, content) });
/** What DuckDB writes of a query. */
async function parquet(query: string): Promise<Uint8Array> {
  const { run } = world.context.paths;
  const file = join(run, 'written.parquet');
  const duck = await openDuck({ files: [file], temporary: join(run, 'duck') });
  try {
    await duck.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    return readFileSync(file);
  } finally {
    duck.close();
  }
}
const activities = () =>
  world.context.db.prepare('SELECT title, state, detail FROM activity').all() as {
    title: string;
    state: string;
    detail: string;
  }[];

describe('a file of labels', () => {
  it('shows what it holds before it is taken', async () => {
    const uploadId = world.upload(
      'truth.csv',
      '\uFEFFPrediction ID;Observed At;Actual\r\na;2026-01-05;"yes; no"\r\nb;;0\r\n',
    );
    const preview = await world.labels.preview(uploadId);
    expect(preview).toEqual({
      rows: 2,
      columns: ['Prediction ID', 'Observed At', 'Actual'],
      guess: { predictionId: 'Prediction ID', entity: null, atMs: 'Observed At', label: 'Actual' },
      sample: [
        ['a', '2026-01-05', 'yes; no'],
        ['b', '', '0'],
      ],
    });
    expect(await world.labels.preview(uploadId)).toEqual(preview);
  });

  it('joins by id, and says what it could not take', async () => {
    await world.monitoring.ingest([row('a'), row('b'), row('c')]);
    const text = [
      'id,label,at',
      `a,1,${NOW - 5}`,
      'b,purple,2026-01-05T11:59Z',
      'nobody,1,5',
      ',1,5',
      'c,,5',
      'c,1,soon',
    ];
    expect(await send(text.join('\n'), { atColumn: 'at' })).toEqual({
      ...{ rows: 6, joined: 1, unchanged: 0, replaced: 0, stale: 0, unknown: 1, refused: 4 },
      problems: [
        { row: 4, reason: 'it has no prediction id' },
        { row: 5, reason: 'it has no label' },
        { row: 6, reason: expect.stringContaining('"soon" is no time') },
        { row: 2, reason: expect.stringContaining('1 or 0') },
      ],
    });
    expect(world.labels.history('a')).toMatchObject([{ labelledMs: NOW - 5, source: 'labels.csv' }]);
    expect(activities()).toMatchObject([{ title: 'Labels from labels.csv for churn', state: 'done' }]);
  });

  it('joins by entity and time', async () => {
    await world.monitoring.ingest([row('a', { unit: 'u', eventMs: NOW - DAY })]);
    const part = {
      ...{ predictionIdColumn: undefined, entityColumn: 'who', atColumn: 'when', withinMs: 2 * DAY },
    };
    expect(await send('who,when,label\nu,2026-01-05 11:00,1\nv,2026-01-05,1\n', part)).toMatchObject({
      ...{ rows: 2, joined: 1, unknown: 1 },
    });
    expect(world.labels.history('a')).toMatchObject([{ by: 'entity', labelledMs: NOW - HOUR }]);
    await expect(send('who,label\nu,1', { ...part, withinMs: undefined })).rejects.toThrow('withinMs');
    await expect(send('who,label\nu,1', { entityColumn: 'who' })).rejects.toThrow('either');
  });

  it('is Parquet as well, with times and whole numbers as they are typed there', async () => {
    const ids = Array.from({ length: 5_000 }, (_, at) => `r${at}`);
    await world.monitoring.ingest(ids.map((id) => row(id, { unit: `1${id.slice(1)}`, eventMs: NOW - DAY })));
    // Row groups of 2,048 rows.
    const file = await parquet(
      `SELECT 'r' || i AS id, i % 2 AS label, i % 2 = 0 AS even, make_timestamp(1000 * (${NOW - DAY} + i)) AS seen,
         make_timestamp(1000 * (${NOW - DAY} + i)) AT TIME ZONE 'UTC' AS zoned, DATE '2026-01-05' AS day,
         CAST('1' || i AS BIGINT) AS customer, i / 4.0 AS part FROM range(5000) t(i)`,
    );
    const preview = await world.labels.preview(world.upload('truth.parquet', file));
    expect(preview).toMatchObject({
      rows: 5_000,
      columns: ['id', 'label', 'even', 'seen', 'zoned', 'day', 'customer', 'part'],
      guess: { predictionId: 'id', label: 'label' },
    });
    expect(preview.sample[3]).toEqual([
      ...['r3', '1', 'false', String(NOW - DAY + 3), String(NOW - DAY + 3), String(NOW - 12 * HOUR)],
      ...['13', '0.75'],
    ]);
    // By its first bytes, whatever it is called.
    expect(await send(file, { atColumn: 'seen' }, 'truth.csv')).toEqual({
      ...{ rows: 5_000, joined: 5_000, unchanged: 0, replaced: 0, stale: 0, unknown: 0, refused: 0 },
      problems: [],
    });
    expect(world.labels.history('r4999')).toMatchObject([{ label: '1', labelledMs: NOW - DAY + 4_999 }]);
    const byCustomer = { predictionIdColumn: undefined, entityColumn: 'customer', withinMs: DAY };
    expect(
      await send(file, { ...byCustomer, atColumn: 'zoned', labelColumn: 'even' }, 'truth.parquet'),
    ).toMatchObject({ rows: 5_000, joined: 5_000, replaced: 5_000, refused: 0 });
    expect(world.labels.history('r7')[0]).toMatchObject({ label: 'false', by: 'entity' });
  }, 30_000);

  it('of Parquet with cells that say nothing says which rows they are in', async () => {
    await world.monitoring.ingest([row('a'), row('b')]);
    const file = await parquet(
      `SELECT * FROM (VALUES ('a', 1, TIMESTAMP '2026-01-05 11:30:00'), (NULL, 1, NULL), ('b', NULL, NULL), ('b', 1, NULL))
         t(id, label, seen)`,
    );
    expect(await send(file, { atColumn: 'seen' }, 'truth.parquet')).toMatchObject({
      ...{ rows: 4, joined: 1, refused: 3 },
      problems: [
        { row: 2, reason: 'it has no prediction id' },
        { row: 3, reason: 'it has no label' },
        { row: 4, reason: expect.stringContaining('is no time') },
      ],
    });
    await expect(send(file, { labelColumn: 'truth' }, 'truth.parquet')).rejects.toMatchObject({
      code: 'LATHE_LABELS_COLUMN',
    });
  });

  it('is refused without the columns, without a header, and when it is something else', async () => {
    await expect(send('id,truth\na,1\n')).rejects.toMatchObject({ code: 'LATHE_LABELS_COLUMN' });
    await expect(send('')).rejects.toMatchObject({ code: 'LATHE_LABELS_FILE' });
    await expect(send('id,id\n1,2')).rejects.toThrow('two columns named id');
    await expect(send('id,label\na,"1')).rejects.toMatchObject({ code: 'LATHE_LABELS_FILE' });
    await expect(send('id,label\na,1,2')).rejects.toMatchObject({ code: 'LATHE_LABELS_FILE' });
    await expect(send(Buffer.from('PAR1 is not all'), byId, 'x.parquet')).rejects.toMatchObject({
      code: 'LATHE_LABELS_FILE',
    });
    expect(new Set(activities().map(({ state }) => state))).toEqual(new Set(['failed']));
  });

  it('of 100,000 rows leaves the thread free, and what was joined before a cancel stays', async () => {
    const rows = Array.from({ length: 2_000 }, (_, at) => row(`r${at}`));
    await world.monitoring.ingest(rows);
    const text = `id,label\n${Array.from({ length: 100_000 }, (_, at) => `r${at % 2_000},${Math.floor(at / 2_000) % 2}`).join('\n')}`;
    const done = send(text);
    let turns = 0;
    const watch = setInterval(() => {
      turns += 1;
      if (world.monitoring.totals().labelled > 0) void world.cancel();
    }, 1);
    await expect(done).rejects.toMatchObject({ code: 'LATHE_CANCELLED' });
    clearInterval(watch);
    expect(turns).toBeGreaterThan(1);
    expect(activities()).toMatchObject([{ state: 'cancelled' }]);
    const { labelled } = world.monitoring.totals();
    expect(labelled).toBeGreaterThan(0);
    expect(labelled).toBe(world.context.db.prepare('SELECT count(truth) FROM prediction').pluck().get());
  }, 30_000);
});

describe('cells', () => {
  it('are times in milliseconds or ISO 8601, UTC where no zone is named', () => {
    expect(timeOf('1767614400000')).toBe(NOW);
    expect(timeOf('2026-01-05T12:00:00.000Z')).toBe(NOW);
    expect(timeOf('2026-01-05 12:00')).toBe(NOW);
    expect(timeOf('2026-01-05T13:00+01:00')).toBe(NOW);
    expect(timeOf('2026-01-05')).toBe(NOW - 12 * HOUR);
    for (const wrong of ['', 'soon', '12:00', '2026-13-01', '05.01.2026', '-5'])
      expect(timeOf(wrong)).toBeNull();
  });

  it('are found by the names that people give columns', () => {
    expect(guessColumns(['request_id', 'ground truth', 'when'])).toEqual({
      ...{ predictionId: 'request_id', entity: null, atMs: null, label: 'ground truth' },
    });
    expect(guessColumns(['customer_id', 'timestamp', 'y'])).toEqual({
      ...{ predictionId: null, entity: 'customer_id', atMs: 'timestamp', label: 'y' },
    });
  });
});
