/**
 * Writes the WAL back from another thread. A checkpoint waits for the disk; done by the writer, as SQLite does
 * it by default, every thousandth page held the engine's thread for up to 140 ms (measured at 1,400 logged
 * predictions a second; 17 ms at most without). PASSIVE never makes the writer or a reader wait; only the last few pages of
 * a long WAL are written while the writer is kept out, for a few milliseconds.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../platform/log.ts';
import type { Database } from './database.ts';

export type Checkpointer = { close(): Promise<void> };

const EVERY_MS = 1_000;
const CLOSE_LIMIT_MS = 2_000;
/** SQLite's default, and what stays as a safety net (64 MB) should the thread not keep up. */
const DEFAULT_PAGES = 1_000;
const NET_PAGES = 16_000;

/** `db` is the writer's connection to `file`. */
export function startCheckpointer(
  db: Database,
  options: { file: string; bundles: string; log: Logger; everyMs?: number },
): Checkpointer {
  const { file, bundles, log, everyMs = EVERY_MS } = options;
  const worker = new Worker(workerFile(bundles), { workerData: { file, everyMs }, name: 'checkpoint' });
  let closing = false;
  worker.unref();
  worker.on('online', () => db.open && db.pragma(`wal_autocheckpoint = ${NET_PAGES}`));
  worker.on('error', (error) => log.warn({ err: error }, 'the checkpoint thread failed'));
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      if (!closing && db.open) db.pragma(`wal_autocheckpoint = ${DEFAULT_PAGES}`);
      resolve();
    });
  });
  return {
    async close() {
      closing = true;
      worker.postMessage('close');
      const late = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const workerFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('./checkpoint-worker.ts', import.meta.url))
    : join(bundles, 'engine', 'checkpoint-worker.js');
