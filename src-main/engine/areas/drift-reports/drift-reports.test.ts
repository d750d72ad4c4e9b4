import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportRequest } from '../../../contract/drift-reports.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import { openParquetRows } from '../../data/parquet-rows.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { flights, putRows } from '../../testing-log.ts';
import { copyOf, csvOf, fileOf, referencesOn } from '../../testing-references.ts';
import { createDriftReportService, type DriftReports } from './drift-reports.service.ts';
import { categoricalSample, numericSample, scoreColumn } from './methods/index.ts';

let context: TestContext;
let world: ReturnType<typeof referencesOn>;
let reports: DriftReports;
const progress: number[] = [];
let controller = new AbortController();
const SLICE: SliceCondition[] = [{ feature: 'airline', op: 'in', values: ['AA'] }];

beforeAll(async () => {
  context = await openTestContext();
  world = referencesOn(context);
  reports = createDriftReportService(context, {
    activities: {
      run: (_, work) =>
        work({
          id: 'a',
          signal: controller.signal,
          progress: (share) => void progress.push(share ?? 0),
          done: () => {},
          failed: () => {},
        }),
    },
    uploads: world.uploads,
    endpoints: () => [
      { id: 1, name: 'live', model: 'm', arms: [{ key: 'champion', version: '1', weight: 10_000 }] },
    ],
    find: world.find,
    references: world.references,
    rawLog: world.rawLog,
    health: {
      series: async (query) => {
        if (query.series.of === 'estimated')
          throw new LatheError('LATHE_NOT_FOUND', { kind: 'series', name: 'x' });
        const points = [
          { windowMs: 0, value: 1, n: 9, low: null, high: null, level: null, complete: true, mature: true },
        ];
        return {
          ...{
            series: query.series,
            per: query.per,
            span: 7,
            unit: 'score',
            good: 'lower',
            reference: null,
            minN: 1,
          },
          ...{ warnAt: 0.1, alertAt: 0.25, version: '1', notes: [], points },
        };
      },
      drift: async () => [],
      changes: async () => [],
      openAlerts: () => [],
    },
    businessMetrics: async () => ['revenue'],
    conditions: (_, id) => (id === 'aa' ? { name: 'AA only', conditions: SLICE } : null),
  });
});
afterAll(async () => {
  await context.close();
});

const upload = (uploadId: string) => ({ kind: 'upload', uploadId }) as const;
const compare = (reference: string, current: string, part: Partial<ReportRequest> = {}) =>
  reports.create({
    endpoint: null,
    reference: upload(reference),
    current: upload(current),
    driftShare: 0.5,
    ...part,
  });
const seq = (n: number, a: number) => Array.from({ length: n }, (_, at) => ((at + 1) * a) % 1);
const PHI = 0.6180339887498949;
const ROOT = 0.41421356237309515;

describe('two files', () => {
  it('are compared column by column, with the reference’s own choice of method', async () => {
    const before = seq(2_000, PHI).map((x) => 100 * x);
    const now = seq(1_500, ROOT).map((x) => 90 * x + 15);
    const letters = (count: number, of: string) =>
      Array.from({ length: count }, (_, at) => of[at % of.length] ?? '');
    const rows = (numbers: number[], text: string[]) =>
      numbers.map((x, at) => `${x},${at % 3},${text[at]},${at % 2 === 0},id${at},2024-01-01,`);
    const header = 'x,few,letter,flag,id,day,empty';
    const [a, b] = [letters(2_000, 'abc'), letters(1_500, 'aabd')];
    const reference = csvOf(context, 'before.csv', header, rows(before, a));
    const current = csvOf(
      context,
      'now.csv',
      `${header},more`,
      rows(now, b).map((line) => `${line},1`),
    );
    progress.length = 0;
    const report = await compare(reference, current);
    const column = (name: string) => report.columns.find((one) => one.column === name);
    // Golden numbers of the research page, set B.
    expect(column('x')).toMatchObject({
      kind: 'numeric',
      method: 'evidently.wasserstein@0.7',
      threshold: 0.1,
      drifted: true,
      ...{ referenceN: 2_000, currentN: 1_500, referenceMissing: 0, problem: null },
    });
    expect(column('x')?.score).toBeCloseTo(0.34625520977113, 12);
    expect(column('x')?.effect).toBeCloseTo(0.73352054242655, 12);
    expect(column('x')?.bins).toHaveLength(13);
    const letter = scoreColumn(categoricalSample(a), categoricalSample(b));
    expect(column('letter')).toMatchObject({
      method: letter.method,
      score: letter.score,
      kind: 'categorical',
    });
    expect(column('few')).toMatchObject({
      kind: 'categorical',
      method: 'evidently.jensenshannon@0.7',
      drifted: false,
    });
    expect(column('flag')).toMatchObject({ kind: 'categorical', drifted: false });
    expect(column('id')?.problem).toMatch(/free text/);
    expect(column('day')?.problem).toMatch(/Times, lists and bytes/);
    expect(column('empty')?.score).toBe(null);
    expect(report).toMatchObject({
      ...{ referenceRows: 2_000, currentRows: 1_500, onlyReference: [], onlyCurrent: ['more'] },
      title: 'now.csv against before.csv',
      drifted: 2,
      datasetDrifted: true,
    });
    expect(progress.at(-1)).toBe(1);
    expect([existsSync(reference), existsSync(current)]).toEqual([false, false]);
    expect(reports.get(report.id)).toEqual(report);
    expect(reports.list(null)).toMatchObject([
      { id: report.id, columns: 7, scored: 4, drifted: 2, datasetDrifted: true },
    ]);
    expect(reports.list('live')).toEqual([]);
    expect([reports.remove(report.id), reports.remove(report.id)]).toEqual([true, false]);
    expect(() => reports.get(report.id)).toThrow(expect.objectContaining({ code: 'LATHE_NOT_FOUND' }));
    expect(readdirSync(join(context.paths.root, 'monitoring', '.tmp'))).toEqual([]);
  });

  it('give the same report whichever thread has a column, and by the method that was asked for', async () => {
    const header = Array.from({ length: 12 }, (_, at) => `c${at}`).join(',');
    const rows = (a: number) =>
      seq(600, a).map((x) => Array.from({ length: 12 }, (_, at) => x * (at + 1)).join(','));
    const once = async () => {
      const { columns } = await compare(
        csvOf(context, 'a.csv', header, rows(PHI)),
        csvOf(context, 'b.csv', header, rows(ROOT)),
        { method: 'evidently.psi@0.7', threshold: 9, columns: ['c0', 'c3', 'c11'] },
      );
      return columns;
    };
    const [one, two] = [await once(), await once()];
    expect(one).toEqual(two);
    expect(one.map(({ column, method, drifted }) => [column, method, drifted])).toEqual(
      ['c0', 'c3', 'c11'].map((column) => [column, 'evidently.psi@0.7', false]),
    );
  });

  it('take a method and a threshold for all columns, those of a kind, and one', async () => {
    const file = (name: string, a: number) =>
      csvOf(
        context,
        name,
        'x,y,letter',
        seq(900, a).map((x) => `${x},${2 * x},${x < 0.5 ? 'a' : 'b'}`),
      );
    const compared = async (request: object) => {
      const { columns, notes } = await compare(file('a.csv', PHI), file('b.csv', ROOT), request);
      return { asked: columns.map(({ column, method, threshold }) => [column, method, threshold]), notes };
    };
    const all = { method: 'evidently.psi@0.7', threshold: 9 } as const;
    expect(
      await compared({
        ...all,
        numeric: { method: 'evidently.ks@0.7' },
        categorical: { threshold: 0.3 },
        byColumn: { y: { threshold: 0.01 }, gone: { threshold: 1 } },
      }),
    ).toEqual({
      asked: [
        // Another method has its own threshold, not that of the one before.
        ['x', 'evidently.ks@0.7', 0.05],
        ['y', 'evidently.ks@0.7', 0.01],
        ['letter', 'evidently.psi@0.7', 0.3],
      ],
      notes: ['A method or threshold was set for “gone”, which is not a column of both sides.'],
    });
    const { asked } = await compared({ ...all, byColumn: { letter: { method: 'evidently.z@0.7' } } });
    expect(asked).toEqual([
      ['x', 'evidently.psi@0.7', 9],
      ['y', 'evidently.psi@0.7', 9],
      ['letter', 'evidently.z@0.7', 0.05],
    ]);
  });

  it.each([
    ['constant', ['5', '5'], ['5', '5'], { drifted: false, problem: null }],
    ['constant, then another', ['5', '5'], ['6', '6'], { drifted: true, problem: null }],
    [
      'all missing',
      ['', ''],
      ['1.5', '2'],
      { score: null, problem: expect.stringMatching(/no value of it/) },
    ],
    ['infinite in part', ['1.5', 'inf'], ['1.5', '-inf'], { drifted: false, referenceMissing: 0.5 }],
    ['NaN in part', ['1.5', 'nan'], ['1.5', '2.5'], { referenceMissing: 0.5, currentMissing: 0 }],
    [
      'number, then text',
      ['1', '2.5'],
      ['a', 'b'],
      { score: null, problem: expect.stringMatching(/numeric in the reference/) },
    ],
  ])('of a column that is %s', async (_, before, now, expected) => {
    const rows = (values: string[]) => Array.from({ length: 100 }, (_, at) => `${values[at % 2]},${at}`);
    const { columns } = await compare(
      csvOf(context, 'a.csv', 'x,n', rows(before)),
      csvOf(context, 'b.csv', 'x,n', rows(now)),
    );
    expect(columns[0]).toMatchObject({ column: 'x', ...expected });
  });

  it('that hold the same numbers with 32 and with 64 bits are the same', async () => {
    const sample = fileURLToPath(new URL('../../../../resources/sample/held-out.parquet', import.meta.url));
    const single = copyOf(context, sample, 'single.parquet');
    const file = await openParquetRows<{ precip: number | null }>(single);
    const values: string[] = [];
    for (const part of file.groups.flat())
      for (const { precip } of await file.read(part, ['precip']))
        values.push(precip === null ? '' : `${Number(precip.toPrecision(7))}`);
    expect(values).toContain('0.01');
    const wide = csvOf(
      context,
      'wide.csv',
      'precip,one',
      values.map((value) => `${value},1`),
    );
    const { columns } = await compare(single, wide);
    expect(columns).toMatchObject([{ column: 'precip', score: 0, effect: 0, drifted: false }]);
  });

  it('without rows or columns in common are told apart from those that drifted', async () => {
    const full = () => csvOf(context, 'a.csv', 'x', ['1', '2']);
    await expect(compare(full(), csvOf(context, 'b.csv', 'x', []))).rejects.toMatchObject({
      code: 'LATHE_REPORT_NO_ROWS',
      details: { side: 'current' },
    });
    expect(await compare(full(), csvOf(context, 'b.csv', 'y', ['1']))).toMatchObject({
      ...{ columns: [], drifted: 0, datasetDrifted: false, onlyReference: ['x'], onlyCurrent: ['y'] },
    });
    await expect(compare(full(), fileOf(context, 'c.csv', ''))).rejects.toMatchObject({
      code: 'LATHE_DATA_FILE',
    });
  });

  it('can be cancelled while they are compared', async () => {
    controller = new AbortController();
    const reason = new Error('enough');
    const header = Array.from({ length: 40 }, (_, at) => `c${at}`).join(',');
    const rows = seq(3_000, PHI).map((x) => Array(40).fill(x).join(','));
    const running = compare(csvOf(context, 'a.csv', header, rows), csvOf(context, 'b.csv', header, rows));
    progress.length = 0;
    const stop = setInterval(() => {
      if (progress.some((share) => share > 0)) controller.abort(reason);
    }, 1);
    await expect(running).rejects.toBe(reason);
    clearInterval(stop);
    controller = new AbortController();
  });
});

describe('an endpoint', () => {
  it('is compared with its reference: what the model reads, hot and moved rows, slices', async () => {
    const nowMs = context.clock.now();
    putRows(context, flights(0, 300));
    await world.rawLog.moveAll();
    putRows(context, flights(300, 200));
    const window = { kind: 'window', fromMs: nowMs - 1, toMs: nowMs + 1 } as const;
    const { id } = await world.references.fromWindow({
      endpoint: 'live',
      version: '1',
      fromMs: nowMs - 1,
      toMs: nowMs + 1,
      title: 'Then',
    });
    const request = { endpoint: 'live', reference: { kind: 'reference', id }, driftShare: 0.5 } as const;
    const same = await reports.create({ ...request, current: { ...window, arm: 'champion', version: '1' } });
    expect(same).toMatchObject({ referenceRows: 500, currentRows: 500, drifted: 0, datasetDrifted: false });
    expect(same.columns.map(({ column, kind, score }) => [column, kind, score])).toEqual([
      ['delay', 'numeric', 1],
      ['stops', 'numeric', 1],
      ['airline', 'categorical', 1],
      ['night', 'categorical', 1],
      ['$prediction', 'numeric', 1],
    ]);
    expect(same.current).toMatch(/UTC, arm champion, version 1$/);
    const slice = await reports.create({ ...request, current: { ...window, slice: 'aa' } });
    expect(slice).toMatchObject({ currentRows: 167, current: expect.stringMatching(/slice AA only$/) });
    expect(slice.columns.find(({ column }) => column === 'airline')?.drifted).toBe(true);
    const delays = (keep: (at: number) => boolean) =>
      numericSample(
        flights(0, 500)
          .map(({ features }) => features.delay as number)
          .filter((_, at) => keep(at)),
      );
    expect(slice.columns[0]?.score).toBe(
      scoreColumn(
        delays(() => true),
        delays((at) => at % 3 === 0),
      ).score,
    );
    expect(reports.list('live')).toHaveLength(2);

    const refused = (current: object, more: object = {}) =>
      reports.create({ ...request, current: { ...window, ...current }, ...more } as ReportRequest);
    await expect(refused({ slice: 'none' })).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    await expect(refused({ arm: 'nobody' })).rejects.toMatchObject({ code: 'LATHE_REPORT_NO_ROWS' });
    await expect(refused({ toMs: 0 })).rejects.toMatchObject({ code: 'LATHE_INPUT_INVALID' });
    await expect(refused({}, { endpoint: null })).rejects.toMatchObject({ code: 'LATHE_INPUT_INVALID' });
    await expect(refused({}, { endpoint: 'other' })).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    context.db.prepare('UPDATE model_version SET reference = ?').run('{"rows":1,"features":[]}');
    const registered = { kind: 'reference', id: 'version-uuid' } as const;
    await expect(refused({}, { reference: registered })).rejects.toMatchObject({
      code: 'LATHE_REPORT_NO_ROWS',
      details: { side: 'reference' },
    });
  });
});

it('pages of a report and of an endpoint’s health are made of what there is', async () => {
  const rows = Array.from({ length: 20 }, (_, at) => `${at}.5`);
  const { id } = await compare(csvOf(context, 'a.csv', 'x', rows), csvOf(context, 'b.csv', 'x', rows));
  expect(reports.html(id)).toMatchObject({
    fileName: 'b-csv-against-a-csv.html',
    html: expect.stringContaining('The data did not drift'),
  });
  expect(() => reports.html('none')).toThrow(expect.objectContaining({ code: 'LATHE_NOT_FOUND' }));
  const { html } = await reports.healthHtml({ endpoint: 'live', per: 'day', fromMs: 0, toMs: 86_400_000 });
  expect(html).toContain('Business metric: revenue');
  expect(html).not.toContain('Estimated without labels');
  await expect(reports.healthHtml({ endpoint: 'nowhere', per: 'day' })).rejects.toMatchObject({
    code: 'LATHE_NOT_FOUND',
  });
});
