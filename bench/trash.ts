/**
 * Deleting for good: how long it takes, how long it holds the engine's thread, and what the disk gets back. The
 * workspace has two million points in 100 runs and 2,000 files; nine tenths of it go.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openTrash } from '../src-main/engine/areas/trash/testing.ts';
import { startCheckpointer } from '../src-main/engine/data/checkpointer.ts';
import { checkpoint } from '../src-main/engine/data/database.ts';
import { databaseFile } from '../src-main/engine/data/inspect.ts';
import { holds } from './lib/holds.ts';
import { quantile, tell } from './lib/report.ts';

const RUNS = 100;
const GOING = 90;
const POINTS = 20_000;
const FILES = 20;
const FILE_BYTES = 50_000;

const lathe = await openTrash();
const { root, bundles } = lathe.context.paths;
// As in the engine: the WAL is written back by a thread of its own.
const checkpointer = startCheckpointer(lathe.context.db, {
  file: databaseFile(root),
  bundles,
  log: lathe.context.log,
});
const runs: string[] = [];
for (let n = 0; n < RUNS; n++) {
  const run = await lathe.fullRun('0', { points: POINTS, file: randomBytes(FILE_BYTES) });
  for (let file = 1; file < FILES; file++)
    await lathe.put(`${lathe.placeOf(run)}/files/${file}.bin`, randomBytes(FILE_BYTES));
  runs.push(run);
}
const before = sizes();
await lathe.trash.discard(runs.slice(0, GOING).map((id) => ({ kind: 'run', id })));
const weight = await lathe.trash.weigh('all');
const begin = performance.now();
const held = await holds(() => lathe.trash.empty('all'));
const tookMs = performance.now() - begin;
// It would be in the way of the checkpoint that makes the file as small as it is.
await checkpointer.close();
const after = sizes();
await lathe.close();

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
tell({
  name: 'trash',
  columns: ['what', 'before', 'after', 'promised'],
  rows: [
    ['database, MiB', mib(before.database), mib(after.database), mib(before.database - weight.rowBytes)],
    ['files, MiB', mib(before.files), mib(after.files), mib(before.files - weight.fileBytes)],
  ],
  notes: [
    `${GOING} runs with ${(GOING * POINTS).toLocaleString('en')} points and ${(GOING * FILES).toLocaleString('en')} files in ${(tookMs / 1000).toFixed(1)} s`,
    `the thread was held ${quantile(held, 1).toFixed(1)} ms at most, ${held.filter((ms) => ms > 10).length} times longer than the budget of 10 ms`,
  ],
  data: { before, after, weight, tookMs, longestHoldMs: quantile(held, 1) },
});

function sizes() {
  checkpoint(lathe.context.db);
  const files = readdirSync(join(root, 'blobs'), { recursive: true, encoding: 'utf8' });
  return {
    database: statSync(databaseFile(root)).size,
    files: files
      .filter((name) => /[0-9a-f]{64}$/.test(name))
      .reduce((sum, name) => sum + statSync(join(root, 'blobs', name)).size, 0),
  };
}
