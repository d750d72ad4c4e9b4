import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFrame } from '../../platform/frames.ts';
import { openTestContext, type TestContext } from '../testing.ts';
import { createAnalysis, type JobOptions } from './index.ts';

const JOBS = new URL('./testing-jobs.ts', import.meta.url).href;
let context: TestContext;
const run = async (input: unknown, options?: JobOptions) =>
  (await context.analysis.run(JOBS, input, options)).result;
const query = (sql: string, more: object = {}, options?: JobOptions) =>
  run({ do: 'query', sql, ...more }, options);

beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => context.close());

const pids = () => context.processes.list().map(({ pid }) => pid);

describe('the analysis process', () => {
  it('starts with the first job, tells its progress and stays for the next one', async () => {
    expect(pids()).toEqual([]);
    const told: [number, string][] = [];
    expect(
      await query('SELECT 1, NULL, 2.5::DOUBLE', {}, { progress: (...word) => void told.push(word) }),
    ).toEqual([[1, null, 2.5]]);
    expect(told).toEqual([[0.5, 'half-way']]);
    expect([await run({ do: 'pid' }), await run({ do: 'pid' })]).toEqual([...pids(), ...pids()]);
  });

  it('hands numbers on as they are, and tables with any names', async () => {
    const { result, body } = await context.analysis.run<number>(JOBS, { do: 'numbers', count: 100_000 });
    const values = new Float64Array(new Uint8Array(body).buffer);
    expect([result, values.length, values[0], values[99_999]]).toEqual([100_000, 100_000, 0, 99_999]);
    expect(await run({ do: 'table' })).toEqual([
      [1.5, 'x'],
      [null, "it's"],
    ]);
  });

  it('reads what the engine has committed', async () => {
    context.db.exec("INSERT INTO experiment(uuid, name, created_ms, updated_ms) VALUES ('u', 'one', 0, 0)");
    expect(await run({ do: 'count', table: "experiment WHERE name = 'one'" })).toBe(1);
  });

  it('ends after a while without a job, and another one starts', async () => {
    const analysis = createAnalysis(
      { host: { processes: context.processes }, log: context.log, paths: context.paths },
      30,
    );
    try {
      const first = (await analysis.run(JOBS, { do: 'pid' })).result;
      await expect.poll(pids).toEqual([]);
      expect((await analysis.run(JOBS, { do: 'pid' })).result).not.toBe(first);
    } finally {
      await analysis.close();
    }
  });

  it.each(['SIGKILL', 'SIGABRT'] as const)(
    'that ends by %s fails its job at once; the next has another',
    async (signal) => {
      const waits = query('SELECT count(*) FROM range(20000000000)');
      waits.catch(() => {});
      await expect(run({ do: 'exit', signal })).rejects.toMatchObject({
        code: 'LATHE_ANALYSIS_ENDED',
        details: { how: signal },
      });
      await expect(waits).rejects.toMatchObject({ code: 'LATHE_ANALYSIS_ENDED' });
      expect(await query('SELECT 7')).toEqual([[7]]);
    },
  );

  it('goes on with what waited when the one before it ended', async () => {
    const ended = run({ do: 'exit', signal: 'SIGKILL' });
    const others = [1, 2, 3, 4].map((number) => query(`SELECT ${number}`).catch(({ code }) => code));
    await expect(ended).rejects.toMatchObject({ code: 'LATHE_ANALYSIS_ENDED' });
    expect((await Promise.all(others)).slice(2)).toEqual([[[3]], [[4]]]);
  });

  it('that cannot be reached says so', async () => {
    const paths = { ...context.paths, run: join(context.paths.run, 'nowhere') };
    const broken = createAnalysis({ host: { processes: context.processes }, log: context.log, paths });
    await expect(broken.run(JOBS, { do: 'pid' })).rejects.toMatchObject({ code: 'LATHE_ANALYSIS_START' });
    await broken.close();
  });

  it('is known by its first word: nobody else is given a job or believed', async () => {
    const own = await run({ do: 'pid' });
    for (const word of [
      { type: 'hello', nonce: 'guessed' },
      { type: 'done', id: 1, result: 'false' },
    ]) {
      const socket = connect(join(context.paths.run, 'analysis.sock'));
      await once(socket, 'connect');
      const ended = once(socket, 'close');
      writeFrame(socket, word);
      await ended;
    }
    expect(await run({ do: 'pid' })).toBe(own);
  });

  it('stops what was cancelled, with the reason of the one who did', async () => {
    const controller = new AbortController();
    const long = query(
      'SELECT count(*) FROM range(20000000000) a, range(1000) b',
      {},
      { signal: controller.signal },
    );
    const queued = [0, 1].map(() =>
      query('SELECT count(*) FROM range(20000000000) a, range(1000) b', {}, { signal: controller.signal }),
    );
    const reason = new Error('no more of it');
    setTimeout(() => controller.abort(reason), 600);
    for (const job of [long, ...queued]) await expect(job).rejects.toBe(reason);
    expect(await query('SELECT 1')).toEqual([[1]]);
    await expect(run({ do: 'pid' }, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('tells errors of the catalogue as such, and others in their own words', async () => {
    await expect(run({ do: 'lathe-error' })).rejects.toMatchObject({
      code: 'LATHE_DATA_FILE',
      message: 'a.csv cannot be read as a table: it is not there.',
    });
    await expect(query('SELECT nothing')).rejects.toMatchObject({ code: 'LATHE_INTERNAL' });
  });
});

describe('DuckDB in it', () => {
  it('opens the named files and no others', async () => {
    const named = join(context.paths.uploads, 'named.csv');
    const other = join(context.paths.uploads, 'other.csv');
    for (const file of [named, other]) writeFileSync(file, 'a,b\n1,x\n');
    expect(await query('SELECT * FROM read_csv(?)', { files: [named], params: [named] })).toEqual([[1, 'x']]);
    for (const sql of [
      `SELECT * FROM read_csv('${other}')`,
      "SELECT * FROM read_text('/etc/passwd')",
      "SELECT * FROM glob('/etc/*')",
      `COPY (SELECT 1) TO '${other}'`,
      `ATTACH '${context.paths.root}/x.db'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      "SELECT * FROM read_csv('https://example.org/a.csv')",
      'SET enable_external_access = true',
      "SET memory_limit = '4GB'",
    ])
      await expect(query(sql, { files: [named] }), sql).rejects.toMatchObject({ code: 'LATHE_INTERNAL' });
  });

  it('keeps to its memory, puts on disk what it can, and says when it cannot', async () => {
    const sorted =
      'SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY hash(i)) AS r FROM range(3000000) t(i))';
    expect(await query(sorted, { memoryBytes: 48 * 2 ** 20 })).toEqual([[3_000_000]]);
    await expect(
      query('SELECT length(list(i)::VARCHAR) FROM range(20000000) t(i)', { memoryBytes: 32 * 2 ** 20 }),
    ).rejects.toMatchObject({ code: 'LATHE_ANALYSIS_MEMORY' });
    expect(readdirSync(join(context.paths.root, 'monitoring', '.tmp'))).toEqual([]);
  });
});
