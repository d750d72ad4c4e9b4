/** A client of the engine on a thread of its own, as a window is: calls the contract over a MessagePort and times it. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';

export type Call = { path: readonly string[]; input: unknown; keep: boolean };
export type Answered = { ms: number; answer: unknown } | { error: string };
/** Asks again whenever runs have changed, and says when it asked and had the answer, in ms since the epoch. */
export type Follow = { follow: Call };
/** Metrics of a run as an MLflow client logs them. */
export type Log = { log: { url: string; runId: string; metrics: readonly object[] } };
export type Followed = { askedMs: number; answeredMs: number };

type Api = { [name: string]: Api } & ((input: unknown) => Promise<unknown>);
type Event = { type: string; topics?: string[] };

const now = () => performance.timeOrigin + performance.now();
const callOf = (api: Api, { path, input }: Call) =>
  path.reduce((at: Api, name) => at[name] as Api, api)(input);

async function log({ url, runId, metrics }: Log['log']): Promise<void> {
  const response = await fetch(`${url}/api/2.0/mlflow/runs/log-batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_id: runId, metrics }),
  });
  const text = await response.text();
  parentPort?.postMessage(response.ok ? { loggedMs: now() } : { error: text });
}

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
  parentPort?.on('message', async (calls: Call[] | Follow | Log) => {
    if ('log' in calls) return log(calls.log);
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
