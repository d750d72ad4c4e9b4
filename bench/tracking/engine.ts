/** The engine on this thread and its client on another; what a call takes there, and how long it holds the engine. */
import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { startEngine } from '../../src-main/engine/index.ts';
import { stubHost } from '../../src-main/engine/testing.ts';
import { systemClock } from '../../src-main/platform/clock.ts';
import { createIds } from '../../src-main/platform/ids.ts';
import { createLogger } from '../../src-main/platform/log.ts';
import { repoRoot } from '../lib/report.ts';
import type { Answered, Call, Followed } from './client.ts';

export type Timed = { ms: number[]; holds: number[] };
export type Calls = readonly (readonly [call: string, input: unknown])[];

export async function openEngine(workspace: string) {
  const begin = performance.now();
  const engine = await startEngine({
    workspace,
    create: false,
    sample: false,
    host: stubHost(),
    clock: systemClock,
    ids: createIds(systemClock),
    version: '0.0.0',
    resources: join(repoRoot, 'resources'),
    bundles: join(repoRoot, 'out'),
    ports: { inferenceHttp: 0, inferenceGrpc: 0, mlflow: 0 },
    logger: createLogger('bench', null),
  });
  const openMs = performance.now() - begin;
  const mlflow = new Promise<string>((resolve) => {
    engine.onUrlsChanged((urls) => urls.mlflow && resolve(urls.mlflow));
  });
  const worker = new Worker(new URL('./client.ts', import.meta.url));
  const { port1, port2 } = new MessageChannel();
  engine.upgradePort(port1 as never);
  worker.postMessage(port2, [port2]);
  await once(worker, 'message');

  async function call(calls: Calls, keep = true): Promise<{ ms: number; answer: unknown[] }> {
    const wanted: Call[] = calls.map(([name, input]) => ({ path: name.split('.'), input, keep }));
    worker.postMessage(wanted);
    const [told] = (await once(worker, 'message')) as [Answered];
    if ('error' in told) throw new Error(told.error);
    return told as { ms: number; answer: unknown[] };
  }

  return {
    openMs,
    async ask<Answer>(name: string, input: unknown): Promise<Answer> {
      return (await call([[name, input]])).answer[0] as Answer;
    },
    /**
     * The calls at once, `times` times after some that are only watched (to watch takes a core for itself) and ten more:
     * the first few of a kind are compiled while they run.
     */
    async time(calls: Calls, times: number, watched = 3): Promise<Timed> {
      const timed: Timed = { ms: [], holds: [] };
      for (let round = 0; round < watched; round++) {
        const watch = holdWatch();
        await call(calls, false);
        timed.holds.push(await watch());
      }
      if (watched > 0) for (let round = 0; round < 10; round++) await call(calls, false);
      for (let round = 0; round < times; round++) timed.ms.push((await call(calls, false)).ms);
      return timed;
    },
    /** Metrics of a run as an MLflow client logs them. Resolves with when they were acknowledged, ms since the epoch. */
    async log(runId: string, metrics: readonly object[]): Promise<number> {
      const heard = new Promise<number>((resolve, reject) => {
        const hear = (told: Followed | { loggedMs: number } | { error: string }) => {
          if ('error' in told) reject(new Error(told.error));
          else if ('loggedMs' in told) resolve(told.loggedMs);
          else return;
          worker.off('message', hear);
        };
        worker.on('message', hear);
      });
      worker.postMessage({ log: { url: await mlflow, runId, metrics } });
      return heard;
    },
    /** The call is made again with every change of runs; `work` logs. Resolves with what the client saw. */
    async follow(
      name: string,
      input: unknown,
      work: (seenFrom: (sinceMs: number) => Promise<Followed>) => Promise<void>,
    ) {
      const seen: Followed[] = [];
      const hear = (told: Followed | 'follows') =>
        void (told !== 'follows' && 'askedMs' in told && seen.push(told));
      worker.postMessage({ follow: { path: name.split('.'), input, keep: false } });
      await once(worker, 'message');
      worker.on('message', hear);
      const watch = holdWatch();
      await work(async (sinceMs) => {
        for (;;) {
          const found = seen.find(({ askedMs }) => askedMs >= sinceMs);
          if (found) return found;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      });
      worker.off('message', hear);
      return { hold: await watch() };
    },
    /** Something that the engine does by itself. */
    async watch(work: () => Promise<void>): Promise<Timed> {
      const begin = performance.now();
      const watch = holdWatch();
      await work();
      return { ms: [performance.now() - begin], holds: [await watch()] };
    },
    async close() {
      await worker.terminate();
      await engine.close();
    },
  };
}

/** The longest that this thread is busy between two turns of its loop, in ms of its own processor time. */
function holdWatch(): () => Promise<number> {
  let longest = 0;
  let on = true;
  let since = process.threadCpuUsage();
  const tick = () => {
    const { user, system } = process.threadCpuUsage(since);
    longest = Math.max(longest, (user + system) / 1000);
    since = process.threadCpuUsage();
    if (on) setImmediate(tick);
  };
  setImmediate(tick);
  return async () => {
    on = false;
    await new Promise((resolve) => setImmediate(resolve));
    return longest;
  };
}
