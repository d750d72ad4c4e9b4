/** A client of the engine on a thread of its own, as a window is: calls the contract over a MessagePort and times it. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';

export type Call = { path: readonly string[]; input: unknown; keep: boolean };
export type Answered = { ms: number; answer: unknown } | { error: string };
/** Asks again whenever runs have changed, and says when it asked and had the answer, in ms since the epoch. */
export type Follow = { follow: Call };
export type Followed = { askedMs: number; answeredMs: number };

type Api = { [name: string]: Api } & ((input: unknown) => Promise<unknown>);
type Event = { type: string; topics?: string[] };

const now = () => performance.timeOrigin + performance.now();
const callOf = (api: Api, { path, input }: Call) =>
  path.reduce((at: Api, name) => at[name] as Api, api)(input);

async function follow(api: Api, call: Call): Promise<void> {
  const events = (await callOf(api, {
    path: ['workspace', 'events'],
    input: undefined,
    keep: true,
  })) as AsyncIterable<Event>;
  parentPort?.postMessage('follows');
  for await (const event of events) {
    if (event.type !== 'changed' || !event.topics?.includes('experiments')) continue;
    const askedMs = now();
    await callOf(api, call);
    parentPort?.postMessage({ askedMs, answeredMs: now() } satisfies Followed);
  }
}

parentPort?.once('message', (port: MessagePort) => {
  port.start();
  const api = createORPCClient(new RPCLink({ port })) as unknown as Api;
  parentPort?.on('message', async (calls: Call[] | Follow) => {
    if ('follow' in calls) return follow(api, calls.follow);
    const begin = performance.now();
    try {
      const answers = await Promise.all(calls.map((call) => callOf(api, call)));
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
