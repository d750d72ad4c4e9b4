/**
 * Latency of the contract over the headless host's WebSocket, on the sample workspace, against the floor of the same
 * machine in the same run: an echo of one small text message over a WebSocket of the same library.
 */
import { once } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket, WebSocketServer } from 'ws';
import type { Contract } from '../src-main/contract/index.ts';
import { end, scratch, serve } from './lib/app.ts';
import { quantile, tell } from './lib/report.ts';

const CALLS = Number(process.argv[2] ?? 500);

const folder = scratch('rpc');
const { child, ready } = await serve(['--workspace', `${folder.path}/workspace`, '--sample']);
try {
  const floor = await echo();
  const socket = await openSocket(ready.urls.ui ?? '', ready.token);
  const rpc: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ websocket: socket as never }));
  const experiment = await until(async () => (await rpc.experiments.list())[0]);
  await until(async () => ((await rpc.monitoring.overview())[0]?.predictions ?? 0) > 2_000);
  await rpc.replay.pause();

  let settings = await rpc.settings.get();
  const calls: [string, () => Promise<unknown>][] = [
    ['workspace.hello', () => rpc.workspace.hello()],
    ['experiments.runs (12 runs)', () => rpc.experiments.runs({ experimentId: experiment.id })],
    ['serving.list', () => rpc.serving.list()],
    ['monitoring.drift', () => rpc.monitoring.drift({ endpoint: 'flight-delay' })],
    ['monitoring.performance', () => rpc.monitoring.performance({ endpoint: 'flight-delay' })],
    [
      'settings.update (a committed write)',
      async () => {
        const density = settings.density === 'compact' ? 'comfortable' : 'compact';
        settings = await rpc.settings.update({ revision: settings.revision, patch: { density } });
      },
    ],
  ];
  const rows: (string | number)[][] = [row('WebSocket echo (floor)', floor, floor)];
  const data: Record<string, number[]> = { floor };
  for (const [title, call] of calls) {
    const samples = await time(call);
    data[title] = samples;
    rows.push(row(title, samples, floor));
  }
  tell({
    name: 'rpc',
    columns: ['call', 'p50 ms', 'p95', 'p99', 'p50 to the floor'],
    rows,
    notes: [`${CALLS} calls each, one after another, after 50 to warm up; the sample's traffic is paused`],
    data,
  });
  socket.close();
} finally {
  await end(child);
  folder.remove();
}

async function time(call: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let at = -50; at < CALLS; at += 1) {
    const begin = performance.now();
    await call();
    if (at >= 0) samples.push(performance.now() - begin);
  }
  return samples;
}

async function echo(): Promise<number[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (peer) => peer.on('message', (message) => peer.send(message)));
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  const samples = await time(async () => {
    socket.send('{"id":1}');
    await once(socket, 'message');
  });
  socket.terminate();
  server.close();
  return samples;
}

/** As a browser does: the printed address gives a cookie, the cookie opens the socket. */
async function openSocket(url: string, token: string): Promise<WebSocket> {
  const page = new URL(url);
  page.searchParams.set('token', token);
  const answer = await fetch(page, { redirect: 'manual' });
  const cookie = answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const socket = new WebSocket(`ws://${page.host}/rpc`, { headers: { cookie, origin: page.origin } });
  await once(socket, 'open');
  return socket;
}

async function until<T>(look: () => Promise<T | undefined | false>, limitMs = 60_000): Promise<T> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not seen within ${limitMs} ms`);
}

function row(title: string, samples: readonly number[], floor: readonly number[]) {
  const at = (q: number) => quantile(samples, q).toFixed(2);
  return [title, at(0.5), at(0.95), at(0.99), (quantile(samples, 0.5) / quantile(floor, 0.5)).toFixed(1)];
}
