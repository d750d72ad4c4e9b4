import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isCompactable } from './database.ts';
import { newestSchema } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { canMount, fillDisk, mountTmpfs, newFolder, openIn } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PRESENT = newestSchema(MIGRATIONS);

const second: Migration = {
  version: PRESENT + 1,
  name: 'second',
  sql: 'ALTER TABLE experiment ADD COLUMN colour TEXT',
};
const third: Migration = {
  version: PRESENT + 2,
  name: 'third',
  sql: 'CREATE TABLE t3(x); INSERT INTO nowhere VALUES (1)',
};

async function withOneRow(): Promise<void> {
  const workspace = await openIn(folder);
  workspace.db.exec("INSERT INTO experiment(uuid, name, created_ms, updated_ms) VALUES ('u', 'kept', 0, 0)");
  await workspace.close();
}

/** A landed migration never changes: add a line when you add a file; never edit a line. */
test('landed migrations are as they landed', () => {
  const landed: Record<number, string> = {
    1: '8749ff313e72c410',
    2: 'b27ecd2acf81047f',
    3: '919c03b7159be51e',
    4: '7cbd2823ce1331e9',
    5: 'dff9824f4cb3837f',
    6: '04156f4bc3970b79',
    7: 'b1d0085f828494c9',
    8: '2b382ed367466f5d',
    9: '5a3c5b7aa1e50eed',
    10: '5db9f48deab4b76b',
    11: '5fe5caca87d067ba',
    12: '0adcb4be3faed222',
    13: '5e544758de8010f1',
    14: '1347d6e0d5bb5859',
    15: '7a0bc1b058e81389',
    16: '3569b8f2ff905285',
    17: 'a1ef744819d10393',
    18: 'd29b52688ee40558',
  };
  const present = MIGRATIONS.map(({ version, name, sql }) => [
    version,
    createHash('sha256').update(`${name}\n${sql}`).digest('hex').slice(0, 16),
  ]);
  expect(Object.fromEntries(present)).toEqual(landed);
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

describe('an older workspace', () => {
  test('is backed up, then brought up to date', async () => {
    await withOneRow();
    const workspace = await openIn(folder, { migrations: [...MIGRATIONS, second] });
    expect(workspace.migrated).toMatchObject({ from: PRESENT, to: PRESENT + 1 });
    expect(workspace.db.prepare('SELECT name, colour FROM experiment WHERE id > 0').get()).toEqual({
      name: 'kept',
      colour: null,
    });
    expect(workspace.db.pragma('foreign_keys', { simple: true })).toBe(1);
    await workspace.close();

    const [backup = ''] = readdirSync(join(folder, 'backups'));
    const copy = new BetterSqlite3(join(folder, 'backups', backup), { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(PRESENT);
    expect(copy.prepare('SELECT name FROM experiment WHERE id > 0').pluck().all()).toEqual(['kept']);
    copy.close();

    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_NEWER',
      details: { found: PRESENT + 1, known: PRESENT },
    });
  });

  test('gives free pages back from then on', async () => {
    await withOneRow();
    const old = await openIn(folder);
    old.db.pragma('auto_vacuum = NONE');
    old.db.exec('VACUUM');
    expect(isCompactable(old.db)).toBe(false);
    await old.close();
    const workspace = await openIn(folder, { migrations: [...MIGRATIONS, second] });
    expect(isCompactable(workspace.db)).toBe(true);
    await workspace.close();
  });

  test('stays as it was when a step fails half-way, and opens again with the old program', async () => {
    await withOneRow();
    await expect(
      openIn(folder, { migrations: [...MIGRATIONS, { ...third, version: PRESENT + 1 }] }),
    ).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_MIGRATION',
      details: {
        to: PRESENT + 1,
        reason: expect.stringContaining('nowhere'),
        backup: expect.stringContaining('backups'),
      },
    });
    const workspace = await openIn(folder);
    expect(workspace.db.prepare("SELECT COUNT(*) FROM sqlite_schema WHERE name = 't3'").pluck().get()).toBe(
      0,
    );
    expect(workspace.db.prepare('SELECT name FROM experiment WHERE id > 0').pluck().all()).toEqual(['kept']);
    await workspace.close();
  });

  test('a step that leaves dangling references is a failed step', async () => {
    await withOneRow();
    const dangling = {
      version: PRESENT + 1,
      name: 'd',
      sql: "INSERT INTO run(uuid, exp_id, name, status, start_ms) VALUES ('r', 99, 'r', 'x', 0)",
    };
    await expect(openIn(folder, { migrations: [...MIGRATIONS, dangling] })).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_MIGRATION',
    });
  });

  test.runIf(canMount)('is left alone when there is no room for the backup', async () => {
    const unmount = mountTmpfs(folder, 'size=2m');
    try {
      await (await openIn(folder)).close();
      fillDisk(join(folder, 'filler'), 100_000);
      await expect(openIn(folder, { migrations: [...MIGRATIONS, second] })).rejects.toMatchObject({
        code: 'LATHE_WORKSPACE_DISK_FULL',
      });
      expect(readdirSync(join(folder, 'backups'))).toEqual([]);
      await (await openIn(folder)).close();
    } finally {
      unmount();
    }
  });
});

test('the registry of schema 2 comes through: versions, aliases, endpoints, and files for MLflow clients', async () => {
  const old = await openIn(folder, { migrations: MIGRATIONS.slice(0, 2) });
  old.db.exec(`INSERT INTO blob VALUES ('abc', 3, 0, NULL);
    INSERT INTO run(id, uuid, exp_id, name, status, start_ms) VALUES (5, 'r', 0, 'r', 'FINISHED', 0);
    INSERT INTO registered_model(id, uuid, name, created_ms, updated_ms) VALUES (7, 'm', 'delay', 1, 2);
    INSERT INTO model_version(id, uuid, model_id, version, sha256, size, run_id, signature, prediction, created_ms)
      VALUES (9, 'v', 7, 1, 'abc', 3, 5, '{}', '{}', 4);
    INSERT INTO model_alias(model_id, alias, version, updated_ms) VALUES (7, 'champion', 1, 0);
    INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms)
      VALUES ('e', 'live', 7, 's', '[]', 1, 1, 0, 0)`);
  await old.close();

  const { db, close } = await openIn(folder);
  expect(
    db
      .prepare(
        `SELECT m.name, v.version, v.sha256, v.run_uuid, v.stage, v.updated_ms, a.alias, e.name AS endpoint, f.path
         FROM registered_model m JOIN model_version v ON v.model_id = m.id JOIN model_alias a ON a.model_id = m.id
         JOIN endpoint e ON e.model_id = m.id JOIN artifact f ON f.sha256 = v.sha256`,
      )
      .all(),
  ).toEqual([
    {
      name: 'delay',
      version: 1,
      sha256: 'abc',
      run_uuid: 'r',
      stage: 'None',
      updated_ms: 4,
      alias: 'champion',
      endpoint: 'live',
      path: 'registry/v/model.onnx',
    },
  ]);
  expect(() => db.exec('DELETE FROM registered_model')).toThrow('FOREIGN KEY');
  await close();
});

test('a new workspace whose first step fails leaves no database', async () => {
  await expect(openIn(folder, { migrations: [{ ...third, version: 1 }] })).rejects.toMatchObject({
    code: 'LATHE_WORKSPACE_MIGRATION',
  });
  expect(readdirSync(folder).filter((name) => name.startsWith('lathe.db'))).toEqual([]);
  await (await openIn(folder)).close();
});

test('alerts of schema 13 come through: what was told stays told, and is not taken for one that came and went', async () => {
  const old = await openIn(folder, { migrations: MIGRATIONS.slice(0, 13) });
  old.db.exec(`INSERT INTO alert_state VALUES ('r', '', 1, 'ok', 500, 9), ('r', 'a', 1, 'no-data', NULL, 9);
    INSERT INTO alert(seq, id, rule_id, epoch, subject, endpoint_id, endpoint, severity, title, text, series, per, opened_ms, window_ms,
      resolved_ms, value, limit_value, n, noticed, evidence) VALUES (4, 'x', 'r', 1, '', 7, 'e', 'info', 't', 'w', '{}', 'day', 1, 100, 2, 3, 4, 5, 1, '{}')`);
  await old.close();

  const { db, close } = await openIn(folder);
  expect(db.prepare('SELECT subject, known_ms FROM alert_state ORDER BY subject').all()).toEqual([
    { subject: '', known_ms: 500 },
    { subject: 'a', known_ms: null },
  ]);
  expect(db.prepare('SELECT * FROM alert').all()).toMatchObject([
    {
      ...{ seq: 4, id: 'x', window_ms: 100, resolved_ms: 2, value: 3, limit_value: 4, n: 5, noticed: 1 },
      ...{ was: 0, over_ms: null, evidence: '{}', ack_ms: null },
    },
  ]);
  // One open alert of a thing, as before.
  const again = db.prepare(
    `INSERT INTO alert(id, rule_id, epoch, subject, endpoint_id, endpoint, severity, title, text, series, per, opened_ms, window_ms, n, evidence)
     VALUES (?, 'r', 1, '', 7, 'e', 'info', 't', 'w', '{}', 'day', 1, ?, 5, '{}')`,
  );
  again.run('y', 200);
  expect(() => again.run('z', 300)).toThrow('UNIQUE');
  await close();
});
