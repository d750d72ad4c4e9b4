/** A load in a process of its own, so that what is measured and who measures share no thread. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type LoadPlan, type LoadResult, runLoad } from './http-load.ts';
import { type OpenLoadPlan, type OpenLoadResult, runOpenLoad } from './open-load.ts';

type Task = { open: OpenLoadPlan } | { closed: LoadPlan };

if (process.argv[2] === 'load-client') {
  // Also when the benchmark is gone.
  process.once('disconnect', () => process.exit());
  process.once('message', async (message) => {
    const task = message as Task;
    process.send?.('open' in task ? await runOpenLoad(task.open) : await runLoad(task.closed));
    process.disconnect();
  });
}

/** Requests are due at random times, whether or not the server keeps up. */
export const openLoad = (plan: OpenLoadPlan): Promise<OpenLoadResult> =>
  client({ open: plan }) as Promise<OpenLoadResult>;

/** Each connection sends its next request when it has the last answer. */
export const closedLoad = (plan: LoadPlan): Promise<LoadResult> =>
  client({ closed: plan }) as Promise<LoadResult>;

function client(task: Task): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['load-client'], {
      execArgv: [],
      // Binary bodies as bytes.
      serialization: 'advanced',
    });
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`the client exited with ${code}`)));
    child.send(task);
  });
}
