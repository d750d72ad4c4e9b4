/** Entry of the thread that reads label files, so that the engine's thread stays free. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorReport, toErrorReport } from '../../../contract/errors.ts';
import { openLabelFile } from './label-file.ts';

export type LabelTask = { file: string; name: string; columns: readonly string[] | null };
/** `batch`: cells of the task's columns. After each it waits for a message. */
export type FromLabelWorker =
  | { type: 'columns'; columns: string[] }
  | { type: 'batch'; rows: string[][]; share: number }
  | { type: 'end' }
  | { type: 'failed'; error: ErrorReport };

const post = (message: FromLabelWorker) => parentPort?.postMessage(message);
const asked = () => new Promise<void>((resolve) => parentPort?.once('message', () => resolve()));

async function run({ file, name, columns }: LabelTask): Promise<void> {
  const opened = await openLabelFile(file, name);
  const wanted = asked();
  post({ type: 'columns', columns: opened.columns });
  await wanted;
  for await (const batch of opened.read(columns ?? opened.columns)) {
    const next = asked();
    post({ type: 'batch', ...batch });
    await next;
  }
  post({ type: 'end' });
}

run(workerData as LabelTask)
  .catch((thrown: unknown) => post({ type: 'failed', error: toErrorReport(thrown) }))
  .finally(() => parentPort?.close());
