import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '../contract/index.ts';
import { systemClock } from '../platform/clock.ts';
import { createIds } from '../platform/ids.ts';
import { createLogger } from '../platform/log.ts';
import { readLockInfo } from './data/lock.ts';
import { type Engine, type StartEngineOptions, startEngine } from './index.ts';
import { stubHost } from './testing.ts';

type Client = ContractRouterClient<Contract>;

let folder: string;
let engines: Engine[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-engine-'));
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(part: Partial<StartEngineOptions> = {}): Promise<Engine> {
  const engine = await startEngine({
    workspace: join(folder, 'workspace'),
    create: true,
    sample: false,
    host: stubHost(),
    clock: systemClock,
    ids: createIds(systemClock),
    version: '1.2.3',
    resources: join(folder, 'resources'),
    bundles: join(folder, 'out'),
    logger: createLogger('test', null),
    ports: { mlflow: 0 },
    ...part,
  });
  engines.push(engine);
  return engine;
}

function overPort(engine: Engine): { client: Client; port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  engine.upgradePort(port2);
  port1.start();
  return { client: createORPCClient(new PortLink({ port: port1 })), port: port1 };
}

describe('the engine', () => {
  test('answers over a MessagePort as soon as it is started', async () => {
    const engine = await start();
    const { client, port } = overPort(engine);
    expect(await client.workspace.hello()).toMatchObject({ app: 'lathe', version: '1.2.3', protocol: 1 });
    expect(engine.hello().workspace.name).toBe('workspace');
    port.close();
  });
  test('writes lock.json, through which the CLI reaches it on a local socket', async () => {
    const engine = await start();
    await engine.ready;
    const info = readLockInfo(join(folder, 'workspace'));
    expect(info).toMatchObject({ pid: process.pid, host: 'headless' });
    const ws = new WebSocket(`ws+unix://${info?.run}/rpc.sock:/`);
    const client: Client = createORPCClient(new SocketLink({ websocket: ws as unknown as globalThis.WebSocket }));
    expect((await client.workspace.hello()).instanceId).toBe(engine.hello().instanceId);
    ws.close();
  });
});
