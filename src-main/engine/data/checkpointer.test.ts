import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openTestContext } from '../testing.ts';
import { until } from '../testing-engine.ts';
import { startCheckpointer } from './checkpointer.ts';
import { databaseFile } from './inspect.ts';

const MB = 1024 ** 2;

it('writes the WAL back while the writer goes on, and loses nothing', async () => {
  const { db, paths, log, close } = await openTestContext();
  const file = databaseFile(paths.root);
  const checkpointer = startCheckpointer(db, { file, bundles: '', log, everyMs: 50 });
  try {
    await until(
      'it has taken over',
      () => db.pragma('wal_autocheckpoint', { simple: true }) === 16_000,
      5_000,
    );
    db.exec('CREATE TABLE load(id INTEGER PRIMARY KEY, value BLOB)');
    const insert = db.prepare('INSERT INTO load(value) VALUES (randomblob(100000))');
    for (let row = 0; row < 300; row++) {
      insert.run();
      if (row % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // The writer checkpoints from 64 MB on: these 30 MB got into the file by the other thread.
    await until('they are in the file', () => statSync(file).size > 28 * MB, 10_000);
    await checkpointer.close();
    expect(db.prepare('SELECT count(*) AS n, sum(length(value)) AS bytes FROM load').get()).toEqual({
      n: 300,
      bytes: 30_000_000,
    });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  } finally {
    await close();
  }
});

/** A WAL that begins anew has another salt (https://sqlite.org/fileformat2.html#walformat). */
function saltOf(wal: string): string {
  const header = Buffer.alloc(32);
  const file = openSync(wal, 'r');
  readSync(file, header);
  closeSync(file);
  return header.toString('hex', 16, 24);
}

it('has the WAL begin anew though the writer never rests, before the writer has to see to it', async () => {
  const { db, paths, log, close } = await openTestContext();
  const file = databaseFile(paths.root);
  const checkpointer = startCheckpointer(db, { file, bundles: '', log, everyMs: 40 });
  try {
    await until(
      'it has taken over',
      () => db.pragma('wal_autocheckpoint', { simple: true }) === 16_000,
      5_000,
    );
    db.exec('CREATE TABLE load(id INTEGER PRIMARY KEY, value BLOB)');
    const insert = db.prepare('INSERT INTO load(value) VALUES (randomblob(20000))');
    const salt = saltOf(`${file}-wal`);
    // 100 MB a second, a hundred times what an engine writes: a quick machine would fill the WAL before the first looks.
    const beganMs = performance.now();
    for (let n = 1; saltOf(`${file}-wal`) === salt && statSync(`${file}-wal`).size < 64 * MB; n++) {
      insert.run();
      await new Promise(setImmediate);
      while (performance.now() - beganMs < n / 5);
    }
    expect(statSync(`${file}-wal`).size).toBeLessThan(64 * MB);
  } finally {
    await checkpointer.close();
    await close();
  }
});
