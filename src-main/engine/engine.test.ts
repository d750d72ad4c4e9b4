import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '../contract/index.ts';
import { systemClock } from '../platform/clock.ts';
import { createIds } from '../platform/ids.ts';
import { readLockInfo } from './data/lock.ts';
import { startCrashChild } from './data/testing.ts';
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

const root = () => join(folder, 'workspace');

async function start(part: Partial<StartEngineOptions> = {}): Promise<Engine> {
  const engine = await startEngine({
    workspace: root(),
    create: true,
    sample: false,
    host: stubHost(),
    clock: systemClock,
    ids: createIds(systemClock),
    version: '1.2.3',
    resources: join(folder, 'resources'),
    bundles: join(folder, 'out'),
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

/** Looks again until it is so; the stub host starts no gateway, so `ready` is not waited for here. */
async function until<T>(look: () => T | null | undefined | Promise<T | null | undefined>): Promise<T> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the engine', () => {
  test('answers over a MessagePort as soon as it is started', async () => {
    const { client, port } = overPort(await start());
    expect(await client.workspace.hello()).toMatchObject({
      app: 'lathe',
      version: '1.2.3',
      protocol: 1,
      workspace: { name: 'workspace', path: root(), sample: false },
      host: { kind: 'headless' },
    });
    port.close();
  });

  test('tells in lock.json where the CLI reaches it, and answers there to this user only', async () => {
    const engine = await start();
    const url = await until(() => engine.hello().urls.mlflow);
    engine.setUiUrl('http://127.0.0.1:1');
    const info = await until(() => {
      const found = readLockInfo(root());
      return found?.urls.ui ? found : null;
    });
    expect(info).toMatchObject({
      pid: process.pid,
      host: 'headless',
      urls: { mlflow: url, ui: 'http://127.0.0.1:1' },
    });
    expect(statSync(info.run).mode & 0o777).toBe(0o700);
    expect(await (await fetch(`${url}/version`)).text()).toMatch(/^\d+\.\d+\.\d+$/);

    const ws = new WebSocket(`ws+unix://${info.run}/rpc.sock:/`);
    const client: Client = createORPCClient(
      new SocketLink({ websocket: ws as unknown as globalThis.WebSocket }),
    );
    expect((await client.workspace.hello()).instanceId).toBe(engine.hello().instanceId);
    ws.close();
  });

  test('leaves nothing behind when it is closed: no lock, no socket, no journal, no port', async () => {
    const engine = await start();
    const url = await until(() => engine.hello().urls.mlflow);
    const run = readLockInfo(root())?.run ?? '';
    await engine.close();
    await engine.close();
    expect(readdirSync(root()).sort()).toEqual(['backups', 'blobs', 'lathe.db', 'lock.db', 'logs', 'models']);
    expect(existsSync(run)).toBe(false);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    const again = await start({ create: false });
    expect(again.hello().workspace).toEqual(engine.hello().workspace);
    expect(again.hello().instanceId).not.toBe(engine.hello().instanceId);
  });

  test('keeps a second engine out, with the first one’s process', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'LATHE_WORKSPACE_LOCKED',
      details: { pid: process.pid },
    });
  });

  test('runs with a taken MLflow port, and shows the error with its remedy', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port: taken } = other.address() as AddressInfo;
    const { client, port } = overPort(await start({ ports: { mlflow: taken } }));
    const service = await until(async () =>
      (await client.workspace.services()).find(({ id, error }) => id === 'mlflow' && error),
    );
    expect(service).toMatchObject({ state: 'failed', error: { code: 'LATHE_SERVING_PORT_IN_USE' } });
    expect((await client.settings.get()).revision).toBe(0);
    port.close();
    other.close();
  });

  test('after a kill -9 of the last one, everything is there, the user is told, and its sockets are swept', async () => {
    const killed = startCrashChild(root(), 'rows');
    await killed.said(50);
    await killed.kill();
    const { client, port } = overPort(await start());
    const acknowledged = killed.lines.slice(1).filter((line) => line.length === 36);
    const present = new Set((await client.experiments.list()).map(({ id }) => id));
    expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
    const events = await client.workspace.events();
    expect((await events.next()).value).toMatchObject({
      type: 'notice',
      detail: expect.stringContaining('still here'),
    });
    expect(await client.activity.list({ limit: 5 })).toMatchObject([{ kind: 'incident', state: 'done' }]);
    await events.return?.();
    port.close();
  });

  test('shows its own memory among the services', async () => {
    const { client, port } = overPort(await start());
    const engine = (await client.workspace.services()).find(({ id }) => id === 'engine');
    expect(engine).toMatchObject({ state: 'running', pid: process.pid });
    expect(engine?.memoryBytes).toBeGreaterThan(10 * 1024 * 1024);
    port.close();
  });

  test('gives diagnostics without secrets', async () => {
    const { client, port } = overPort(await start());
    const { text } = await until(async () => {
      const answer = await client.workspace.diagnostics();
      return answer.text.includes('engine answers') ? answer : null;
    });
    expect(text).toContain('Lathe 1.2.3 (headless');
    expect(text).toContain('Engine: running');
    expect(text).not.toMatch(/nonce["':= ]+[0-9a-f]{8}/i);
    expect(readFileSync(join(root(), 'logs', 'engine.log'), 'utf8')).toContain('"msg":"engine answers"');
    port.close();
  });

  test('says that a headless host has no dialogs', async () => {
    const { client, port } = overPort(await start());
    await expect(client.workspace.choose({ mode: 'open' })).rejects.toMatchObject({
      code: 'LATHE_HOST_UNSUPPORTED',
    });
    port.close();
  });
});
