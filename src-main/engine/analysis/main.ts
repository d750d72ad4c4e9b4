/** Entry of the analysis process: runs the jobs that the engine sends, each on a DuckDB of its own, until it is ended. */
import { connect, type Socket } from 'node:net';
import BetterSqlite3 from 'better-sqlite3';
import { LatheError } from '../../contract/errors.ts';
import { readFrames, writeFrame } from '../../platform/frames.ts';
import { runAsChild } from '../../platform/lifecycle.ts';
import type { Logger } from '../../platform/log.ts';
import { BUSY_TIMEOUT_MS, type Database } from '../data/database.ts';
import { type Duck, openDuck } from './duck.ts';
import type { AnalysisJob, AnalysisStart, FromAnalysis, JobTools, ToAnalysis } from './protocol.ts';

runAsChild<AnalysisStart>('analysis', async (start, log) => {
  const socket = await reach(start.socket);
  // Without its engine it has nobody to work for.
  socket.on('close', () => process.exit(0));
  socket.on('error', (error) => log.warn({ err: error }, 'engine link'));
  const running = new Map<number, AbortController>();
  const tell = (message: FromAnalysis, body: Uint8Array[] = []) => writeFrame(socket, message, body);
  let database: Database | null = null;
  const readDatabase = () => {
    database ??= new BetterSqlite3(start.database, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    return database;
  };

  readFrames<ToAnalysis>(socket, ({ header }) => {
    if (header.type === 'cancel') running.get(header.id)?.abort();
    else void run(header);
  });
  tell({ type: 'hello', nonce: start.nonce });

  async function run({ id, job, input }: Extract<ToAnalysis, { type: 'run' }>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const ducks: Duck[] = [];
    const { signal } = controller;
    const tools: JobTools = {
      signal,
      progress: (share, detail) => void tell({ type: 'progress', id, share, detail }),
      database: readDatabase,
      duck: async (files) => {
        const duck = await openDuck(files, signal);
        ducks.push(duck);
        return duck;
      },
      temporary: start.temporary,
    };
    try {
      const module = (await import(job)) as { run: AnalysisJob<unknown, unknown> };
      const { result, body } = await module.run(input, tools);
      tell({ type: 'done', id, result: result ?? null }, body ? [body] : []);
    } catch (thrown) {
      tell({ type: 'failed', id, ...failure(thrown, log) });
    } finally {
      for (const duck of ducks) duck.close();
      running.delete(id);
    }
  }

  return {
    async close() {
      for (const controller of running.values()) controller.abort();
      database?.close();
      socket.end();
    },
  };
});

function failure(
  thrown: unknown,
  log: Logger,
): Pick<FromAnalysis & { type: 'failed' }, 'code' | 'details' | 'message'> {
  if (thrown instanceof LatheError)
    return { code: thrown.code, details: thrown.details, message: thrown.message };
  log.warn({ err: thrown }, 'a job failed');
  return { code: null, details: {}, message: thrown instanceof Error ? thrown.message : String(thrown) };
}

const reach = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
