/** The connection against a real WebSocket server that comes, goes and comes back. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { implement, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { LatheError } from '../../src-main/contract/errors.ts';
import { contract } from '../../src-main/contract/index.ts';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { type ConnectionManager, createConnection } from './connection.ts';
import { RpcError } from './errors.ts';
import type { Rpc } from './rpc.ts';
import { socketTransport } from './transport.ts';

const HELLO: Hello = {
  app: 'lathe',
  version: '0.0.0',
  protocol: 1,
  instanceId: 'first',
  startedMs: 0,
  workspace: { id: 'w', name: 'w', path: '/w', sample: false },
  host: {
    kind: 'headless',
    platform: 'test',
    dialogs: false,
    workspaces: false,
    secrets: 'none',
    tray: false,
  },
  urls: { inferenceHttp: null, inferenceGrpc: null, mlflow: null, ui: null },
};

type Engine = { port: number; stop(): Promise<void> };

/** A server of the part of the contract that is used here; `port` 0 picks one. */
async function engine(instanceId: string, port = 0): Promise<Engine> {
  const os = implement(contract);
  const handler = new RPCHandler({
    workspace: {
      hello: os.workspace.hello.handler(() => ({ ...HELLO, instanceId })),
      diagnostics: os.workspace.diagnostics.handler(
        // Never answers: a call that is under way when the connection breaks.
        () => new Promise<{ text: string }>(() => {}),
      ),
    },
    models: {
      list: os.models.list.handler(() => {
        const report = new LatheError('LATHE_WORKSPACE_DISK_FULL', { path: '/w' }).report();
        throw new ORPCError(report.code, { status: report.status, message: report.cause, data: report });
      }),
    },
  });
  const http: Server = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket) => handler.upgrade(socket, { context: {} }));
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function startEngine(instanceId: string, port?: number): Promise<Engine> {
  const started = await engine(instanceId, port);
  open.push({ close: () => started.stop() });
  return started;
}

function connect(port: number, patienceMs = 5_000): { connection: ConnectionManager; rpc: Rpc } {
  const connection = createConnection({
    transport: socketTransport(`ws://127.0.0.1:${port}`),
    patienceMs,
    backoffMs: [20],
  });
  open.push(connection);
  return { connection, rpc: createORPCClient(connection) };
}

const online = (connection: ConnectionManager) =>
  vi.waitFor(() => expect(connection.status().state).toBe('online'), { timeout: 5_000 });
const codeOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof RpcError ? error.report.code : error;
};

test('connects, greets and answers calls', async () => {
  const { port } = await startEngine('first');
  const { connection, rpc } = connect(port);
  expect(connection.status()).toMatchObject({ state: 'connecting', hello: null });
  // Made before there is a connection: waits for it.
  expect((await rpc.workspace.hello()).instanceId).toBe('first');
  expect(connection.status()).toMatchObject({ state: 'online', epoch: 1, restarted: false });
});

test('a failure of the engine arrives with its own code', async () => {
  const { port } = await startEngine('first');
  const { rpc } = connect(port);
  expect(await codeOf(rpc.models.list())).toBe('LATHE_WORKSPACE_DISK_FULL');
});

test('a lost engine: the call under way fails, calls made meanwhile wait, the new one is recognised', async () => {
  const first = await startEngine('first');
  const { connection, rpc } = connect(first.port);
  await online(connection);
  const states: string[] = [];
  connection.subscribe(() => states.push(connection.status().state));

  const underWay = codeOf(rpc.workspace.diagnostics());
  await first.stop();
  expect(await underWay).toBe('LATHE_ENGINE_UNAVAILABLE');
  await vi.waitFor(() => expect(connection.status().state).toBe('reconnecting'));

  const meanwhile = rpc.workspace.hello();
  await startEngine('second', first.port);
  expect((await meanwhile).instanceId).toBe('second');
  expect(connection.status()).toMatchObject({ state: 'online', epoch: 2, restarted: true });
  expect([...new Set(states)]).toEqual(['reconnecting', 'online']);
});

test('the same engine again is no restart', async () => {
  const { port } = await startEngine('same');
  const { connection } = connect(port);
  await online(connection);
  connection.retry();
  expect(connection.status().state).toBe('reconnecting');
  await online(connection);
  expect(connection.status()).toMatchObject({ epoch: 2, restarted: false });
});

test('with no engine at all a call gives up after its patience', async () => {
  const gone = await engine('gone');
  await gone.stop();
  const { rpc } = connect(gone.port, 120);
  expect(await codeOf(rpc.workspace.hello())).toBe('LATHE_ENGINE_UNAVAILABLE');
});

test('a caller who gives up while waiting hears their own reason', async () => {
  const gone = await engine('gone');
  await gone.stop();
  const { rpc } = connect(gone.port);
  const abort = new AbortController();
  const call = rpc.workspace.hello(undefined, { signal: abort.signal });
  abort.abort(new Error('changed my mind'));
  await expect(call).rejects.toThrow('changed my mind');
});
