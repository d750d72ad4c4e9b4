import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { implement } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { LatheError } from '../../contract/errors.ts';
import { type Contract, contract } from '../../contract/index.ts';
import type { WorkspaceEvent } from '../../contract/workspace.ts';
import { createActivityArea } from '../areas/activity/index.ts';
import { createSettingsArea } from '../areas/settings/index.ts';
import { createWorkspaceArea } from '../areas/workspace/index.ts';
import { openTestContext, type TestContext } from '../testing.ts';
import { createRpc, type Rpc } from './index.ts';

type Client = ContractRouterClient<Contract>;

let context: TestContext;
let rpc: Rpc;
let server: Server;
let sockets: WebSocket[];
const log = { warn: vi.fn(), error: vi.fn(), info: vi.fn() };
/** What experiments.run does, so that a test can make it fail in its own way. */
let misbehave: () => never;

beforeEach(async () => {
  context = await openTestContext();
  vi.clearAllMocks();
  misbehave = () => {
    throw new Error('secret inside');
  };
  const facts = {
    version: '1',
    instanceId: 'instance',
    startedMs: 1,
    workspace: context.workspace.info,
  };
  const router = {
    workspace: createWorkspaceArea(context, facts).routes,
    settings: createSettingsArea(context, { ports: {} }).routes,
    activity: createActivityArea(context, { unclean: false }).routes,
    experiments: { run: implement(contract.experiments).run.handler(() => misbehave()) },
  };
  rpc = createRpc(router, {
    root: context.paths.root,
    log: log as unknown as TestContext['log'],
    clock: { monotonic: () => performance.now() },
  });
  sockets = [];
  server = createServer();
  new WebSocketServer({ server }).on('connection', (ws) => rpc.upgradeWebSocket(ws));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const ws of sockets) ws.terminate();
  await rpc.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await context.close();
});

const open = async () => {
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  sockets.push(ws);
  await new Promise((resolve) => ws.once('open', resolve));
  return ws;
};
const clientOf = (ws: WebSocket): Client =>
  createORPCClient(new SocketLink({ websocket: ws as unknown as globalThis.WebSocket }));
const overSocket = async () => clientOf(await open());
function overPort() {
  const { port1, port2 } = new MessageChannel();
  rpc.upgradePort(port2);
  port1.start();
  return { client: createORPCClient<Client>(new PortLink({ port: port1 })), port: port1 };
}
const failure = async (call: Promise<unknown>): Promise<ORPCError<string, unknown>> => {
  const thrown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof ORPCError)) throw new Error(`no RPC failure: ${String(thrown)}`);
  return thrown;
};
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 3_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(['port', 'socket'] as const)('over a real %s', (kind) => {
  const connect = async () => {
    if (kind === 'socket') return overSocket();
    const { client, port } = overPort();
    openPorts.push(port);
    return client;
  };
  let openPorts: MessagePort[];
  beforeEach(() => {
    openPorts = [];
  });
  afterEach(() => {
    for (const port of openPorts) port.close();
  });

  test('calls are answered', async () => {
    const client = await connect();
    expect(await client.workspace.hello()).toMatchObject({ app: 'lathe', workspace: { name: 'test' } });
    const settings = await client.settings.update({ revision: 0, patch: { theme: 'dark' } });
    expect(await client.settings.get()).toEqual(settings);
  });

  test('a LATHE failure arrives whole: code, status, cause, remedy, details', async () => {
    const client = await connect();
    const error = await failure(client.settings.update({ revision: 9, patch: {} }));
    const report = new LatheError('LATHE_CONFLICT', { kind: 'The value of', name: 'Settings' }).report();
    expect(error).toMatchObject({ code: report.code, status: 409, message: report.cause, data: report });
  });

  test('an input that does not fit is refused by field, before it reaches the area', async () => {
    const client = await connect();
    const error = await failure(client.activity.list({ limit: 100_000 }));
    expect(error).toMatchObject({
      code: 'LATHE_INPUT_INVALID',
      status: 400,
      message: expect.stringContaining('limit'),
    });
    const deep = await failure(
      client.settings.update({ revision: 0, patch: { serving: { maxBatchRows: 0 } } }),
    );
    expect(deep.message).toContain('patch.serving.maxBatchRows');
  });

  test('a call that nobody knows is said to be unknown', async () => {
    const client = await connect();
    const error = await failure((client as unknown as { no: { such(): Promise<unknown> } }).no.such());
    expect(error).toMatchObject({ code: 'LATHE_NOT_FOUND', status: 404 });
  });

  test('a failure that nobody foresaw is LATHE_INTERNAL, and logged', async () => {
    const client = await connect();
    expect(await failure(client.experiments.run({ runId: 'x' }))).toMatchObject({
      code: 'LATHE_INTERNAL',
      status: 500,
    });
    expect(log.error).toHaveBeenCalledWith(
      expect.objectContaining({ call: 'experiments.run', err: expect.any(Error) }),
      expect.any(String),
    );
  });

  test('a full disk is said to be one, wherever SQLite met it', async () => {
    misbehave = () => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    };
    const client = await connect();
    expect(await failure(client.experiments.run({ runId: 'x' }))).toMatchObject({
      code: 'LATHE_WORKSPACE_DISK_FULL',
      status: 507,
    });
  });

  test('events arrive, and a client that stops listening leaves no listener behind', async () => {
    const client = await connect();
    const listen = vi.spyOn(context.events, 'listen');
    const controller = new AbortController();
    const stream = await client.workspace.events(undefined, { signal: controller.signal });
    const heard: WorkspaceEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) heard.push(event);
    })().catch(() => {});
    context.events.notice({ level: 'info', title: 'one', detail: null, href: null });
    context.events.changed('models');
    await until(() => heard.length === 2);
    expect(heard).toMatchObject([
      { type: 'notice', title: 'one' },
      { type: 'changed', topics: ['models'] },
    ]);
    controller.abort();
    await reading;
    await until(() => listeners() === 0);
    listen.mockRestore();
  });
});

/** A notice is kept for the next user only when no user listens: that is how many are left. */
function listeners(): number {
  const title = `probe ${performance.now()}`;
  context.events.notice({ level: 'info', title, detail: null, href: null });
  let kept = 0;
  context.events.listenForUser((event) => {
    if (event.type === 'notice' && event.title === title) kept += 1;
  })();
  return kept === 1 ? 0 : 1;
}

describe('a client that leaves or misbehaves', () => {
  test('a connection that is cut leaves no listener behind', async () => {
    const ws = await open();
    const stream = await clientOf(ws).workspace.events();
    const reading = stream.next().catch(() => {});
    expect(listeners()).toBe(1);
    ws.terminate();
    await until(() => listeners() === 0);
    await until(() => rpc.clients() === 0);
    await Promise.race([reading, Promise.resolve()]);
  });

  test('a port that is closed leaves no listener behind', async () => {
    const { client, port } = overPort();
    const stream = await client.workspace.events();
    void stream.next().catch(() => {});
    expect(listeners()).toBe(1);
    port.close();
    await until(() => listeners() === 0 && rpc.clients() === 0);
  });

  test.each([
    'not json',
    '{}',
    '[]',
    'null',
    '{"i":"1"}',
    '{"i":"1","t":1,"p":null}',
    '{"i":"1","p":{"u":"not a url::","b":{}}}',
    '{"i":1,"p":{"u":"/settings/update","b":{"json":{"__proto__":{"x":1}}}}}',
    '{"i":1,"p":{"u":"/__proto__/constructor","b":{}}}',
    `{"i":1,"p":{"u":"/${'x'.repeat(3_000)}"}}`,
  ])('what is no message ends nothing: %j', async (message) => {
    const ws = await open();
    ws.send(message);
    ws.send(Buffer.from(message));
    ws.send(Buffer.from([0xff, 0x00, 0xff]));
    const { port, client } = overPort();
    port.postMessage(message);
    port.postMessage({ forged: true });
    port.postMessage(null);
    expect(await client.workspace.hello()).toMatchObject({ app: 'lathe' });
    expect(await clientOf(ws).workspace.hello()).toMatchObject({ app: 'lathe' });
    expect(({} as { x?: number }).x).toBeUndefined();
    port.close();
  });

  test('a slow call is logged with its name', async () => {
    misbehave = () => {
      const end = performance.now() + 70;
      while (performance.now() < end);
      throw new LatheError('LATHE_CANCELLED', { kind: 'call' });
    };
    await failure((await overSocket()).experiments.run({ runId: 'x' }));
    expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ call: 'experiments.run' }), 'slow call');
  });

  test('closing ends every connection; later ones are turned away', async () => {
    const ws = await open();
    const closed = new Promise((resolve) => ws.once('close', resolve));
    await rpc.close();
    await closed;
    const late = await open();
    await new Promise((resolve) => late.once('close', resolve));
    expect(rpc.clients()).toBe(0);
  });
});
