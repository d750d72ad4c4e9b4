/** Entry of a worker thread of the analysis process: scores columns, one at a time, on a DuckDB of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ColumnReport } from '../../../contract/drift-reports.ts';
import { type ErrorDetails, LatheError } from '../../../contract/errors.ts';
import { openDuck } from '../../analysis/duck.ts';
import { type ColumnTask, reportColumn, type SideSource } from './report-column.ts';

export type WorkerInput = {
  files: string[];
  temporary: string;
  memoryBytes: number;
  reference: SideSource;
  current: SideSource;
};
export type WorkerAnswer =
  | { report: ColumnReport }
  | { code: string | null; details: ErrorDetails; message: string };

const { files, temporary, memoryBytes, ...sources } = workerData as WorkerInput;
// The other thread has the other core.
const opened = openDuck({ files, temporary, memoryBytes, threads: 1 });

parentPort?.on('message', async (task: ColumnTask | null) => {
  const duck = await opened.catch(() => null);
  if (task === null) {
    duck?.close();
    parentPort?.close();
    return;
  }
  try {
    const report = await reportColumn(duck ?? (await opened), sources, task);
    parentPort?.postMessage({ report } satisfies WorkerAnswer);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const known = thrown instanceof LatheError ? thrown : null;
    const { code = null, details = {} } = known ?? {};
    parentPort?.postMessage({ code, details, message } satisfies WorkerAnswer);
  }
});
