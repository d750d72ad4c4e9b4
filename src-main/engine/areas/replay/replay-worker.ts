/** Entry of the replay's thread: looks into a file, or plays it, so that the engine's thread stays free. */
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorReport } from '../../../contract/errors.ts';
import { openParquet } from './parquet-file.ts';
import { createPlayer } from './player.ts';
import type { FromWorker, ToWorker, WorkerTask } from './replay-messages.ts';

const post = (message: FromWorker) => parentPort?.postMessage(message);

async function run(task: WorkerTask): Promise<void> {
  if (task.mode === 'inspect') {
    const { shape, span, read } = await openParquet(task.file, task.name);
    // Some compressions cannot be read, which only the data tells.
    await read(0, shape.columns);
    post({ type: 'inspected', shape, span });
    return;
  }
  const early: ToWorker[] = [];
  let tell = (message: ToWorker): void => {
    early.push(message);
  };
  parentPort?.on('message', (message: ToWorker) => tell(message));
  const player = createPlayer(task.job, await openParquet(task.job.file), post);
  tell = player.tell;
  for (const message of early) player.tell(message);
  await player.done;
}

run(workerData as WorkerTask)
  .catch((thrown: unknown) => post({ type: 'failed', error: toErrorReport(thrown) }))
  .finally(() => parentPort?.close());
