/** Runs the replay's thread and speaks with it in typed messages. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LatheError } from '../../../contract/errors.ts';
import type { FromWorker, ToWorker, WorkerTask } from './replay-messages.ts';

export type ReplayThread = {
  send(message: ToWorker): void;
  /** Resolves when the thread has ended; never rejects. */
  ended: Promise<void>;
  terminate(): Promise<void>;
};

const YOUNG_MB = 12;

export function startThread(
  bundles: string,
  task: WorkerTask,
  hear: (message: FromWorker) => void,
): ReplayThread {
  const worker = new Worker(workerFile(bundles), {
    ...{ workerData: task, name: 'replay' },
    // It makes thousands of requests a second, each gone at once: left alone V8 takes 100 MB more for them.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let said = false;
  const fail = (reason: string) => {
    if (said) return;
    said = true;
    hear({ type: 'failed', error: new LatheError('LATHE_INTERNAL', { reason }).report() });
  };
  worker.on('message', (message: FromWorker) => {
    if (message.type !== 'progress' && message.type !== 'labels') said = true;
    hear(message);
  });
  worker.on('error', (thrown) => fail(thrown instanceof Error ? thrown.message : String(thrown)));
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      fail(`the replay thread ended (${code})`);
      resolve();
    });
  });
  return {
    send: (message) => worker.postMessage(message),
    ended,
    async terminate() {
      said = true;
      await worker.terminate();
    },
  };
}

/** Looks into a file on a thread of its own. Throws LATHE_REPLAY_NOT_PARQUET. */
export async function inspectFile(bundles: string, file: string, name: string) {
  return new Promise<Extract<FromWorker, { type: 'inspected' }>>((resolve, reject) => {
    startThread(bundles, { mode: 'inspect', file, name }, (message) => {
      if (message.type === 'inspected') resolve(message);
      else if (message.type === 'failed') reject(new LatheError(message.error.code, message.error.details));
    });
  });
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const workerFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('./replay-worker.ts', import.meta.url))
    : join(bundles, 'engine', 'replay-worker.js');
