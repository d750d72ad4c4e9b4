/** What the command line does with a Lathe that watches a model: labels from files, alerts, the drift of two files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { runLathe } from '../lib/headless.ts';
import { until } from '../lib/processes.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

test.skip(({ host }) => host === 'electron', 'the command line is the same on both hosts; once is enough');

const lathe = (...args: string[]) => runLathe(APP_FOLDER, args, 60_000);

async function writeParquet(file: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

test('`lathe labels` joins labels of a CSV and of a Parquet file, and says what became of each row', async ({
  start,
}) => {
  const app = await start();
  const { name, url } = await readyEndpoint(app);
  await app.call((rpc) => rpc.replay.pause());
  for (const id of ['one', 'two', 'three']) await infer(url ?? '', id);
  const predictions = () => app.call((rpc) => rpc.monitoring.predictions({ endpoint: name, limit: 200 }));
  const ids = await until('the predictions', async () => {
    const found = (await predictions()).map(({ id }) => id);
    const own = ['one', 'two', 'three'].map((end) => found.find((id) => id.endsWith(end)));
    return own.every((id) => id !== undefined) ? own : null;
  });
  const [one, two, three] = ids as [string, string, string];
  const where = ['--endpoint', name, '--workspace', app.workspace];

  const csv = join(app.folder, 'labels.csv');
  writeFileSync(csv, `prediction_id,label\n${one},1\n${two},0\nnobody,1\n`);
  const said = await lathe('labels', csv, ...where);
  expect(said.code, said.stderr).toBe(0);
  expect(said.stdout).toMatch(/^3 rows: 2 joined .* 1 without a prediction, 0 refused\.\n$/);
  const again = JSON.parse((await lathe('labels', csv, ...where, '--json')).stdout);
  expect(again).toMatchObject({ ok: true, rows: 3, joined: 0, unchanged: 2, unknown: 1, refused: 0 });

  const parquet = join(app.folder, 'labels.parquet');
  await writeParquet(
    parquet,
    `SELECT * FROM (VALUES ('${two}', 1), ('${three}', 1)) AS row("which one", delayed)`,
  );
  const named = ['--id', 'which one', '--label', 'delayed'];
  const joined = await lathe('labels', parquet, ...where, ...named, '--json');
  expect(joined.code, joined.stderr).toBe(0);
  expect(JSON.parse(joined.stdout)).toMatchObject({ rows: 2, joined: 2, replaced: 1, refused: 0 });
  const truths = new Map((await predictions()).map(({ id, truth }) => [id, truth]));
  expect([one, two, three].map((id) => truths.get(id))).toEqual(['1', '1', '1']);

  // What is no label is named by its row, and the command fails.
  writeFileSync(csv, `prediction_id,label\n${one},perhaps\n`);
  const refused = await lathe('labels', csv, ...where);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/1 refused\.\nrow 1: .*perhaps/);
});

test('`lathe alerts` shows what is open, and `ack` says that it was seen', async ({ start }) => {
  const app = await start();
  const { name } = await readyEndpoint(app);
  const where = ['--workspace', app.workspace];
  await until('an hour of flights', async () => {
    const { points } = await app.call((rpc) =>
      rpc.monitoring.series({ endpoint: name, per: 'hour', series: { of: 'volume' } }),
    );
    return points.filter(({ complete, n }) => complete && n > 0).length >= 2 ? true : null;
  });
  await app.call((rpc) => rpc.replay.pause());
  await app.call((rpc) =>
    rpc.alerts.createRule({
      ...{ endpoint: name, name: 'Somebody asks', enabled: true, severity: 'warning' },
      ...{ series: { of: 'volume' }, per: 'hour', arm: null, slice: null },
      condition: { kind: 'threshold', direction: 'above', value: 1, exit: null },
      ...{ minN: 0, forWindows: 1, keepWindows: 1 },
    }),
  );
  type Listed = { open: number; alerts: { id: string; title: string; series: { of: string } }[] };
  const listed = async (...more: string[]): Promise<Listed> => {
    const { code, stdout, stderr } = await lathe('alerts', ...where, ...more, '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  const alert = await until(
    'the alert',
    async () =>
      (await listed('--endpoint', name)).alerts.find(({ series }) => series.of === 'volume') ?? null,
  );
  const told = await lathe('alerts', ...where);
  expect(told.stdout).toMatch(/^\d+ open, \d+ of them unacknowledged\.\n/);
  expect(told.stdout).toContain(`${alert.title} (warning)`);
  expect(told.stdout).toContain(alert.id);

  const seen = await lathe('alerts', 'ack', alert.id, '--note', 'The night shift knows.', ...where);
  expect(seen.code, seen.stderr).toBe(0);
  expect(seen.stdout).toContain(`${alert.title} (warning, acknowledged)`);
  const { history } = await app.call((rpc) => rpc.alerts.get({ id: alert.id }));
  expect(history.map(({ note }) => note)).toContain('The night shift knows.');
  const unknown = await lathe('alerts', 'ack', 'nobody', ...where, '--json');
  expect(unknown.code).toBe(1);
  expect(JSON.parse(unknown.stdout).error.code).toBe('LATHE_NOT_FOUND');
});

test('`lathe drift-report` compares two files column by column, and keeps the report', async ({ start }) => {
  const app = await start({ sample: false });
  await app.urls();
  const where = ['--workspace', app.workspace];
  const before = join(app.folder, 'before.csv');
  const after = join(app.folder, 'after.parquet');
  const rows = Array.from({ length: 1200 }, (_, at) => `${at % 40},${'ABC'[at % 3]},x`);
  writeFileSync(before, ['temp,carrier,gate', ...rows].join('\n'));
  await writeParquet(
    after,
    `SELECT (range % 40) + 25 AS temp, substr('ABC', (range % 3 + 1)::INT, 1) AS carrier FROM range(1200)`,
  );
  const told = await lathe('drift-report', before, after, ...where);
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toMatch(
    /^after\.parquet \(1200 rows\) against before\.csv \(1200 rows\): the data drifted\n/,
  );
  expect(told.stdout).toMatch(/\n {2}temp +drifted {2}[\d.e-]+ \(\S+, threshold [\d.]+/);
  expect(told.stdout).toMatch(/\n {2}carrier +same /);
  expect(told.stdout).toContain('only in the reference: gate');
  const { ok, report } = JSON.parse((await lathe('drift-report', before, after, ...where, '--json')).stdout);
  expect({ ok, drifted: report.drifted, rows: report.currentRows }).toEqual({
    ok: true,
    drifted: 1,
    rows: 1200,
  });
  const kept = await app.call((rpc) => rpc.driftReports.list({ endpoint: null }));
  expect(kept.map(({ id }) => id)).toContain(report.id);
  const { html } = await app.call((rpc) => rpc.driftReports.html({ id: report.id }));
  expect(html).toContain('after.parquet');

  const missing = await lathe('drift-report', before, join(app.folder, 'none.csv'), ...where, '--json');
  expect(missing.code).not.toBe(0);
  expect(JSON.parse(missing.stdout).ok).toBe(false);
});
