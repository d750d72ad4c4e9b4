/** A client of the engine on a thread of its own, as a window is: calls the contract over a MessagePort and times it. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';

export type Call = { path: readonly string[]; input: unknown; keep: boolean };
export type Answered = { ms: number; answer: unknown } | { error: string };

type Api = { [name: string]: Api } & ((input: unknown) => Promise<unknown>);

parentPort?.once('message', (port: MessagePort) => {
  port.start();
  const api = createORPCClient(new RPCLink({ port })) as unknown as Api;
  parentPort?.on('message', async (calls: Call[]) => {
    const begin = performance.now();
    try {
      const answers = await Promise.all(
        calls.map(({ path, input }) => path.reduce((at: Api, name) => at[name] as Api, api)(input)),
      );
      const ms = performance.now() - begin;
      parentPort?.postMessage({
        ms,
        answer: calls.map(({ keep }, at) => (keep ? answers[at] : null)),
      } satisfies Answered);
    } catch (thrown) {
      parentPort?.postMessage({ error: String(thrown) } satisfies Answered);
    }
  });
  parentPort?.postMessage('ready');
});
