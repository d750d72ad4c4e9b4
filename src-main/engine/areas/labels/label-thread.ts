/** Reads a label file on a thread of its own; the next rows are read when the last ones were taken. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LatheError } from '../../../contract/errors.ts';
import type { FromLabelWorker, LabelTask } from './label-worker.ts';

export type LabelReading = {
  columns: string[];
  batches: AsyncGenerator<{ rows: string[][]; share: number }>;
  /** Ends the thread; call it in any case. */
  close(): Promise<void>;
};

/** Throws LATHE_LABELS_FILE and LATHE_LABELS_COLUMN. Without `columns` all of them are read. */
export async function readLabelFile(bundles: string, task: LabelTask): Promise<LabelReading> {
  const worker = new Worker(workerFile(bundles), { workerData: task, name: 'labels' });
  const come: FromLabelWorker[] = [];
  let wake: (() => void) | null = null;
  const hear = (message: FromLabelWorker) => {
    come.push(message);
    wake?.();
  };
  const lost = (reason: string) =>
    hear({ type: 'failed', error: new LatheError('LATHE_INTERNAL', { reason }).report() });
  worker.on('message', hear);
  worker.on('error', (thrown) => lost(thrown instanceof Error ? thrown.message : String(thrown)));
  worker.on('exit', (code) => lost(`the thread that reads labels ended (${code})`));

  async function next(): Promise<FromLabelWorker> {
    while (come.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const message = come.shift() as FromLabelWorker;
    if (message.type === 'failed') throw new LatheError(message.error.code, message.error.details);
    return message;
  }

  async function* batches(): AsyncGenerator<{ rows: string[][]; share: number }> {
    for (;;) {
      worker.postMessage('next');
      const message = await next();
      if (message.type !== 'batch') return;
      yield message;
    }
  }

  const close = async () => void (await worker.terminate());
  try {
    const first = await next();
    return { columns: first.type === 'columns' ? first.columns : [], batches: batches(), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const workerFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('./label-worker.ts', import.meta.url))
    : join(bundles, 'engine', 'label-worker.js');
