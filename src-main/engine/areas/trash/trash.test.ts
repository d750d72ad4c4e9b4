import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkpoint } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { openTrash } from './testing.ts';

const DAY = 86_400_000;
let lathe: Awaited<ReturnType<typeof openTrash>>;
beforeEach(async () => {
  lathe = await openTrash();
});
afterEach(() => lathe.close());

const items = async () => (await lathe.trash.list({ text: '', limit: 500 })).items;
const files = (): string[] =>
  readdirSync(join(lathe.context.paths.root, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  );
const bytesOnDisk = (): number =>
  files().reduce((sum, name) => sum + statSync(join(lathe.context.paths.root, 'blobs', name)).size, 0);
const rowsOf = (runId: number): number => {
  const tables = lathe.context.db
    .prepare(
      `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.name = 'run_id' AND m.name NOT IN ('model_version', 'logged_model_metric')`,
    )
    .pluck()
    .all() as string[];
  expect(tables.length).toBeGreaterThan(5);
  return tables.reduce(
    (sum, table) => sum + lathe.count(`SELECT COUNT(*) FROM "${table}" WHERE run_id = ?`, runId),
    0,
  );
};
const ONNX = join(import.meta.dirname, '../../../../resources/sample/models/delay-v1.onnx');
const register = (model: string, aliases: string[] = []) =>
  lathe.models.register({ model, file: ONNX, temporary: false, fileName: 'a.onnx', aliases });

describe('a run', () => {
  test('goes to the trash with all it has and comes back with all it had', async () => {
    const run = await lathe.fullRun();
    const before = lathe.tracking.run(run);
    const refs = await lathe.trash.discard([{ kind: 'run', id: run }]);
    expect(JSON.parse(lathe.tracking.run(run))).toMatchObject({ info: { lifecycle_stage: 'deleted' } });
    expect(await items()).toMatchObject([
      {
        kind: 'run',
        id: run,
        place: 'Default',
        bytes: 5_000,
        expiresMs: lathe.context.clock.now() + 30 * DAY,
      },
    ]);
    await lathe.trash.restore(refs);
    expect(lathe.tracking.run(run)).toBe(before);
    expect(await items()).toEqual([]);
  });

  test('that is deleted for good leaves no row and no file of its own, and all of the others', async () => {
    const shared = randomBytes(7_000);
    const [gone, stays] = [await lathe.fullRun(), await lathe.fullRun()];
    await lathe.put(`${lathe.placeOf(gone)}/shared.bin`, shared);
    await lathe.put(`${lathe.placeOf(stays)}/shared.bin`, shared);
    const id = lathe.count('SELECT id FROM run WHERE uuid = ?', gone);
    const untouched = lathe.tracking.run(stays);
    lathe.context.db.exec(`INSERT INTO rollup SELECT s.id * 16777216 + x.value, 0, 0, zeroblob(9000)
        FROM series s, json_each('[0,1,2,1048576]') x;
      INSERT INTO rollup_head SELECT id, 0, 0, 0, 0, 0, 0 FROM series`);
    const rollups = lathe.count('SELECT COUNT(*) FROM rollup');
    const points = lathe.count('SELECT COUNT(*) FROM point');
    await lathe.trash.discard([{ kind: 'run', id: gone }]);
    expect(await lathe.trash.weigh('all')).toMatchObject({ items: 1, fileBytes: 5_000, sharedBytes: 7_000 });
    expect(await lathe.trash.empty('all')).toMatchObject({ items: 1, blobs: 1, blobBytes: 5_000 });
    expect(rowsOf(id)).toBe(0);
    expect(lathe.count('SELECT COUNT(*) FROM run WHERE id = ?', id)).toBe(0);
    expect(lathe.count('SELECT COUNT(*) FROM point')).toBe(points / 2);
    expect(lathe.count('SELECT COUNT(*) FROM rollup')).toBe(rollups / 2);
    expect(lathe.count('SELECT COUNT(*) FROM rollup_head')).toBe(lathe.count('SELECT COUNT(*) FROM series'));
    expect(lathe.count('SELECT COUNT(*) FROM dataset')).toBe(1);
    expect(lathe.tracking.run(stays)).toBe(untouched);
    expect(lathe.artifacts.filesBelow(lathe.placeOf(stays), 10)).toHaveLength(2);
    expect(bytesOnDisk()).toBe(12_000);
    expect(() => lathe.tracking.run(gone)).toThrow(expect.objectContaining({ code: 'LATHE_NOT_FOUND' }));
    await expect(lathe.trash.restore([{ kind: 'run', id: gone }])).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
  });

  test('is not seen any more from the moment it is to go, whatever is left of it', async () => {
    const run = await lathe.fullRun('0', { points: 3_000 });
    await lathe.trash.discard([{ kind: 'run', id: run }]);
    await lathe.trash.purge('all');
    expect(await items()).toEqual([]);
    expect(() => lathe.tracking.run(run)).toThrow();
    const search = {
      experimentIds: ['0'],
      filter: '',
      orderBy: [],
      limit: 10,
      offset: 0,
      view: 'ALL',
    } as const;
    expect((await lathe.tracking.searchRuns(search)).rows).toEqual([]);
  });

  test('does not take what a registered version needs; its parent’s end leaves children standing', async () => {
    const run = await lathe.fullRun();
    const child = await lathe.fullRun();
    lathe.tracking.log(child, { metrics: [], params: [], tags: [{ key: 'mlflow.parentRunId', value: run }] });
    await lathe.put(`${lathe.placeOf(run)}/model/data.pkl`, randomBytes(900));
    lathe.registry.createModel('pickled', '', []);
    const source = `${lathe.tracking.artifactRoot(run)}/model`;
    await lathe.registry.createVersion({
      model: 'pickled',
      source,
      run,
      loggedModel: '',
      runLink: '',
      description: '',
      tags: [],
    });
    await lathe.trash.discard([{ kind: 'run', id: run }]);
    expect(await lathe.trash.weigh('all')).toMatchObject({ fileBytes: 5_000, sharedBytes: 0 });
    await lathe.trash.empty('all');
    expect(lathe.artifacts.find(`${source.slice('mlflow-artifacts:/'.length)}/data.pkl`)).toMatchObject({
      size: 900,
    });
    expect(lathe.models.version('pickled', '1').runId).toBeNull();
    expect(lathe.count('SELECT parent_id IS NULL FROM run WHERE uuid = ?', child)).toBe(1);
    // The version was the last to need them.
    await lathe.trash.discard([{ kind: 'version', name: 'pickled', version: '1' }]);
    expect(await lathe.trash.empty('all')).toMatchObject({ items: 1, blobBytes: 900 });
  });

  test('takes the logged models along that nothing else knows', async () => {
    const run = await lathe.fullRun();
    const logged = (name: string) => {
      const { info } = JSON.parse(
        lathe.loggedModels.create({
          experimentId: '0',
          name,
          modelType: '',
          sourceRunId: run,
          params: [],
          tags: [],
        }),
      ) as { info: { model_id: string; artifact_uri: string } };
      return { id: info.model_id, place: info.artifact_uri.slice('mlflow-artifacts:/'.length) };
    };
    const [own, read] = [logged('own'), logged('read')];
    await lathe.put(`${own.place}/w.bin`, randomBytes(400));
    await lathe.put(`${read.place}/w.bin`, randomBytes(500));
    lathe.tracking.logInputs(await lathe.fullRun(), [], [read.id]);
    await lathe.trash.discard([{ kind: 'run', id: run }]);
    expect(await lathe.trash.weigh('all')).toMatchObject({ fileBytes: 5_400 });
    await lathe.trash.empty('all');
    expect(lathe.loggedModels.find(own.id)).toBeNull();
    expect(lathe.loggedModels.find(read.id)).not.toBeNull();
    expect(lathe.artifacts.filesBelow(read.place, 10)).toHaveLength(1);
  });
});

describe('an experiment', () => {
  test('takes its runs along and brings them back; for good, its name is free and its number is not', async () => {
    const id = lathe.tracking.createExperiment('trial', null, [{ key: 'a', value: 'b' }]);
    const { rows } = await lathe.tracking.searchExperiments({
      filter: "name = 'trial'",
      orderBy: [],
      limit: 1,
      offset: 0,
      view: 'ALL',
    });
    expect(rows).toHaveLength(1);
    const uuid = lathe.context.db
      .prepare("SELECT uuid FROM experiment WHERE name = 'trial'")
      .pluck()
      .get() as string;
    const run = await lathe.fullRun(id);
    const refs = await lathe.trash.discard([{ kind: 'experiment', id: uuid }]);
    expect(await items()).toMatchObject([{ kind: 'experiment', title: 'trial', count: 1, bytes: 5_000 }]);
    await lathe.trash.restore(refs);
    expect(JSON.parse(lathe.tracking.run(run))).toMatchObject({ info: { lifecycle_stage: 'active' } });
    lathe.context.db
      .prepare(
        "INSERT INTO saved_view(uuid, exp_id, name, state, created_ms, updated_ms) VALUES ('s', ?, 'mine', '{}', 0, 0)",
      )
      .run(Number(id));
    await lathe.trash.discard([{ kind: 'experiment', id: uuid }]);
    await lathe.trash.empty('all');
    expect(files()).toEqual([]);
    for (const table of ['experiment_tag', 'saved_view', 'run'])
      expect([table, lathe.count(`SELECT COUNT(*) FROM ${table}`)]).toEqual([table, 0]);
    expect(() => lathe.tracking.experiment(id)).toThrow(expect.objectContaining({ code: 'LATHE_NOT_FOUND' }));
    const again = lathe.tracking.createExperiment('trial', null, []);
    expect(Number(again)).toBeGreaterThan(Number(id));
  });

  test('Default cannot go: emptied for good it is there again, without runs', async () => {
    const run = await lathe.fullRun();
    lathe.tracking.deleteExperiment('0');
    await lathe.trash.empty('all');
    expect(JSON.parse(lathe.tracking.experiment('0'))).toMatchObject({
      name: 'Default',
      lifecycle_stage: 'active',
    });
    expect(() => lathe.tracking.run(run)).toThrow();
    expect(files()).toEqual([]);
    await lathe.fullRun();
  });
});

describe('models', () => {
  test('a version comes back with its aliases, but for one that another version has by now', async () => {
    await register('delay', ['champion', 'night']);
    await register('delay');
    const refs = await lathe.trash.discard([{ kind: 'version', name: 'delay', version: '1' }]);
    expect(await items()).toMatchObject([{ kind: 'version', title: 'Version 1', place: 'delay' }]);
    lathe.models.setAlias('delay', 'champion', '2');
    await lathe.trash.restore(refs);
    expect(lathe.models.version('delay', '1').aliases).toEqual(['night']);
    expect(lathe.models.version('delay', '2').aliases).toEqual(['champion']);
  });

  test('a number is not used twice, also when its version is gone for good', async () => {
    await register('delay');
    await register('delay');
    await lathe.trash.discard([{ kind: 'version', name: 'delay', version: '2' }]);
    await lathe.trash.empty('all');
    expect((await register('delay')).version).toBe('3');
    expect(lathe.models.get('delay').versions.map(({ version }) => version)).toEqual(['3', '1']);
  });

  test('a model whose name is taken by now says so instead of coming back', async () => {
    await register('delay');
    const refs = await lathe.trash.discard([{ kind: 'model', name: 'delay' }]);
    await register('delay');
    await expect(lathe.trash.restore(refs)).rejects.toMatchObject({ code: 'LATHE_TRASH_NAME_TAKEN' });
    await lathe.trash.discard([{ kind: 'model', name: 'delay' }]);
    await lathe.trash.restore(refs);
    expect(lathe.models.get('delay').versions).toHaveLength(1);
    // Both hold the same bytes: those of the one that stays are kept.
    await lathe.trash.empty('all');
    expect(files()).toHaveLength(1);
    expect(lathe.count("SELECT COUNT(*) FROM artifact WHERE path LIKE 'registry/%'")).toBe(1);
  });

  test('what an endpoint serves is refused', async () => {
    await register('delay');
    lathe.context.db.exec(
      `INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms)
       VALUES ('e', 'live', 1, '', '[{"key":"main","version":"1","weight":10000}]', 1, 1, 0, 0)`,
    );
    for (const item of [
      { kind: 'model', name: 'delay' },
      { kind: 'version', name: 'delay', version: '1' },
    ] as const)
      await expect(lathe.trash.discard([item])).rejects.toMatchObject({ code: 'LATHE_MODELS_IN_USE' });
    expect(await items()).toEqual([]);
  });
});

describe('files', () => {
  test('an overwritten one comes back in exchange for the present one; deleted ones come back together', async () => {
    const run = await lathe.fullRun();
    const place = `${lathe.placeOf(run)}/out`;
    await lathe.put(`${place}/a.txt`, Buffer.from('one'));
    await lathe.put(`${place}/a.txt`, Buffer.from('two'));
    const [overwritten] = await items();
    expect(overwritten).toMatchObject({ kind: 'artifact', title: 'out/a.txt', count: 1, bytes: 3 });
    expect(overwritten?.place).toBe(JSON.parse(lathe.tracking.run(run)).info.run_name);
    await lathe.trash.restore([{ kind: 'artifact', id: overwritten?.id ?? '' }]);
    expect(lathe.artifacts.find(`${place}/a.txt`)?.sha256).toBe(
      createHash('sha256').update('one').digest('hex'),
    );
    expect(await items()).toHaveLength(1);
    await lathe.put(`${place}/b/c.txt`, Buffer.from('three'));
    lathe.context.clock.advance(5);
    lathe.artifacts.remove(place);
    const [deleted] = await items();
    expect(deleted).toMatchObject({ kind: 'artifact', title: 'out', count: 2, bytes: 8 });
    await lathe.trash.restore([{ kind: 'artifact', id: deleted?.id ?? '' }]);
    expect(lathe.artifacts.list(place)).toHaveLength(2);
  });
});

describe('time', () => {
  test('what has had its time goes by itself; files sooner than runs', async () => {
    const run = await lathe.fullRun();
    await lathe.put(`${lathe.placeOf(run)}/x`, Buffer.from('old'));
    await lathe.put(`${lathe.placeOf(run)}/x`, Buffer.from('new'));
    await lathe.trash.discard([{ kind: 'run', id: run }]);
    lathe.context.clock.advance(6.9 * DAY);
    expect((await lathe.trash.tidy()).items).toBe(0);
    lathe.context.clock.advance(0.2 * DAY);
    expect(await lathe.trash.tidy()).toMatchObject({ items: 1, blobBytes: 3 });
    lathe.context.clock.advance(22 * DAY);
    expect((await lathe.trash.tidy()).items).toBe(0);
    lathe.context.clock.advance(1 * DAY);
    expect(await lathe.trash.tidy()).toMatchObject({ items: 1, blobBytes: 5_003 });
    expect(files()).toEqual([]);
  });

  test('the list comes in pages, each thing once', async () => {
    for (let n = 0; n < 7; n++) {
      await lathe.fullRun('0', { points: 0 });
      lathe.context.clock.advance(n % 2);
      const id = lathe.context.db.prepare('SELECT uuid FROM run ORDER BY id DESC').pluck().get() as string;
      await lathe.trash.discard([{ kind: 'run', id }]);
    }
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await lathe.trash.list({ text: '', limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(await lathe.trash.counts()).toMatchObject({ run: 7, experiment: 0, artifact: 0 });
    expect((await lathe.trash.list({ kind: 'model', text: '', limit: 5 })).items).toEqual([]);
    expect((await lathe.trash.list({ text: 'no such name', limit: 5 })).items).toEqual([]);
  });
});

test('what is promised to come back comes back, to the byte, however files are shared', async () => {
  const contents = [0, 1, 2, 3].map((n) => Buffer.alloc(100 * (n + 1), n));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ files: fc.array(fc.nat(3), { maxLength: 4 }), goes: fc.boolean() }), {
        maxLength: 5,
      }),
      async (runs) => {
        const chosen: string[] = [];
        for (const { files: held, goes } of runs) {
          const run = await lathe.fullRun('0', { points: 3, file: contents[0] ?? Buffer.alloc(0) });
          for (const [at, content] of held.entries())
            await lathe.put(`${lathe.placeOf(run)}/${at % 2}`, contents[content] ?? Buffer.alloc(0));
          if (goes) chosen.push(run);
        }
        if (chosen.length === 0) return;
        await lathe.trash.discard(chosen.map((id) => ({ kind: 'run', id })));
        const refs = chosen.map((id) => ({ kind: 'run', id }) as const);
        const promised = await lathe.trash.weigh(refs);
        const before = bytesOnDisk();
        await lathe.trash.empty(refs);
        expect(before - bytesOnDisk()).toBe(promised.fileBytes);
        expect(lathe.count('SELECT COUNT(*) FROM blob WHERE unused_ms IS NOT NULL')).toBe(0);
      },
    ),
    { numRuns: 25 },
  );
});

test('the database file becomes smaller, and others have their turns meanwhile', async () => {
  const [big, small] = [await lathe.fullRun('0', { points: 200_000 }), await lathe.fullRun()];
  checkpoint(lathe.context.db);
  const file = databaseFile(lathe.context.paths.root);
  const before = statSync(file).size;
  const kept = lathe.tracking.run(small);
  await lathe.trash.discard([{ kind: 'run', id: big }]);
  let turns = 0;
  const others = setInterval(() => {
    turns += 1;
  }, 1);
  const freed = await lathe.trash.empty('all');
  clearInterval(others);
  checkpoint(lathe.context.db);
  expect(freed.databaseBytes).toBeGreaterThan(before / 2);
  expect(statSync(file).size).toBeLessThan(before / 4);
  expect(turns).toBeGreaterThan(20);
  expect(lathe.tracking.run(small)).toBe(kept);
});

describe('garbage collection', () => {
  test('leaves alone what was just stored or is about to be used, and takes it when it stays unused', async () => {
    const { blobs, clock } = lathe.context;
    const { sha256 } = await blobs.put(randomBytes(300));
    await lathe.trash.tidy();
    await lathe.trash.tidy();
    expect(blobs.has(sha256)).toBe(true);
    clock.advance(2 * 3_600_000);
    // The same bytes come again: their time begins anew.
    writeFileSync(join(lathe.context.paths.uploads, 'again'), lathe.context.blobs.path(sha256));
    blobs.hold(sha256);
    await lathe.trash.tidy();
    expect(blobs.has(sha256)).toBe(true);
    clock.advance(2 * 3_600_000);
    expect(await lathe.trash.tidy()).toMatchObject({ blobs: 1, blobBytes: 300 });
    expect(blobs.has(sha256)).toBe(false);
  });

  test('takes old files that no row knows', async () => {
    const { blobs, clock, paths } = lathe.context;
    const { sha256 } = await blobs.put(randomBytes(300));
    lathe.context.db.prepare('DELETE FROM blob').run();
    const file = join(paths.root, 'blobs', sha256.slice(0, 2), sha256);
    utimesSync(file, clock.now() / 1000 - 60, clock.now() / 1000 - 60);
    await lathe.trash.tidy();
    expect(existsSync(file)).toBe(true);
    clock.advance(3_600_000);
    expect(await lathe.trash.tidy()).toMatchObject({ blobBytes: 300 });
    expect(existsSync(file)).toBe(false);
  });

  test('never takes a file from under those who store the same bytes at the same time', async () => {
    const contents = [0, 1, 2].map((n) => Buffer.alloc(2_000, n));
    let busy = true;
    async function writer(name: string): Promise<void> {
      for (let round = 0; round < 40; round++) {
        const path = `w/${name}`;
        const { sha256 } = await lathe.put(path, contents[(round + name.length) % 3] ?? Buffer.alloc(0));
        expect(lathe.artifacts.find(path)).toMatchObject({ sha256 });
        if (round % 3 === 0) lathe.artifacts.remove(path);
      }
    }
    async function collector(): Promise<void> {
      while (busy) await lathe.trash.empty('all');
    }
    const collecting = [collector(), collector()];
    await Promise.all(['a', 'bb', 'ccc', 'd'].map(writer)).finally(() => {
      busy = false;
    });
    await Promise.all(collecting);
    for (const { path } of lathe.artifacts.filesBelow('w', 100) ?? [])
      expect(statSync(lathe.artifacts.find(path)?.file ?? '').size).toBe(2_000);
    expect(await lathe.trash.verify()).toMatchObject({ problems: [] });
  });
});

test('verify names what is missing or changed and who uses it, and counts strays', async () => {
  const run = await lathe.fullRun();
  await lathe.put('x/good', Buffer.from('good'));
  const bad = await lathe.put('x/bad', Buffer.from('bad'));
  const { sha256, file } = lathe.artifacts.find(`${lathe.placeOf(run)}/files/a.bin`) ?? {
    sha256: '',
    file: '',
  };
  const { rmSync } = await import('node:fs');
  rmSync(file);
  writeFileSync(lathe.context.blobs.path(bad.sha256), 'bag');
  const report = await lathe.trash.verify();
  expect(report.checked).toBe(3);
  expect(report.problems).toHaveLength(2);
  expect(report.problems).toContainEqual({ sha256: bad.sha256, problem: 'changed', usedBy: ['x/bad'] });
  expect(report.problems).toContainEqual({
    sha256,
    problem: 'missing',
    usedBy: [expect.stringContaining('files/a.bin')],
  });
});
