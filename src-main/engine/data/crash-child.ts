/**
 * A real process for the crash tests: opens the workspace named on its command line and works until it is
 * killed, saying every acknowledgement on stdout. Modes: rows, blobs, hold.
 */
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../platform/clock.ts';
import { createIds } from '../../platform/ids.ts';
import { createBlobs } from './blobs.ts';
import { openWorkspace } from './workspace.ts';

const [path = '', mode = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const ids = createIds(systemClock);
const workspace = await openWorkspace({ path, create: true, clock: systemClock, ids });
const run = '/tmp';
const urls = { inferenceHttp: null, inferenceGrpc: null, mlflow: null, ui: null };
await workspace.lock.describe({ pid: process.pid, sinceMs: systemClock.now(), host: 'headless', run, urls });
say('open');

if (mode === 'rows') {
  const insert = workspace.db.prepare(
    'INSERT INTO experiment(uuid, name, created_ms, updated_ms) VALUES (?, ?, 0, 0)',
  );
  for (;;) {
    const id = ids.next();
    insert.run(id, id);
    say(id);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
if (mode === 'blobs') {
  const blobs = createBlobs(workspace.root, workspace.db, systemClock);
  const writer = async () => {
    for (;;) say((await blobs.put(pieces())).sha256);
  };
  await Promise.all([writer(), writer(), writer()]);
}
if (mode === 'hold') setInterval(() => {}, 1_000);

/** Half a megabyte of noise in pieces, so that a kill finds many puts half-written. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < 32; n++) {
    yield randomBytes(16 * 1024);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
