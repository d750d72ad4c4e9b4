/**
 * The engine's end of the link to the gateway: a local socket in the run folder that only this user can
 * reach, a nonce as the first word, and one gateway at a time (the newest wins: the old one is dying).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { readFrames, writeFrame } from '../../../platform/frames.ts';
import type { EngineToGateway, GatewayStart, GatewayToEngine, RunnerStart } from '../../../platform/link.ts';
import type { Logger } from '../../../platform/log.ts';

export type GatewayLink = {
  /** False while no gateway is connected. */
  send(message: EngineToGateway): boolean;
  connected(): boolean;
  close(): Promise<void>;
};

type Hear = {
  connected(pid: number): void;
  /** `body` carries the blocks of a tap. */
  message(message: Exclude<GatewayToEngine, { type: 'hello' }>, body: Uint8Array): void;
  disconnected(): void;
};

export type LinkPlaces = { engineSocket: string; runnerSocket: string; nonce: string; fresh: boolean };

/** A connection that has not said hello by then is not a gateway. */
const HELLO_LIMIT_MS = 5_000;

/**
 * Where the processes meet, and the word they know each other by. It lies in the run folder, so that after an
 * engine restart the gateway and runner that are still running are known again; `fresh` says that it was made
 * now, so whatever runs has another.
 */
export function linkPlaces(runFolder: string): LinkPlaces {
  const file = join(runFolder, 'link-nonce');
  const fresh = !existsSync(file);
  if (fresh) {
    mkdirSync(runFolder, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  }
  return {
    engineSocket: socketPath(runFolder, 'engine'),
    runnerSocket: socketPath(runFolder, 'gateway'),
    nonce: readFileSync(file, 'utf8'),
    fresh,
  };
}

/** What the present gateway was told about ports; the next engine must tell it the same, or it would move. */
export type PortMemory = {
  pid: number;
  /** What port 0 was told as. */
  asked: { http: number; grpc: number };
  /** Where it listened last. */
  last: { http: number; grpc: number };
};

export function recallPorts(runFolder: string): PortMemory {
  try {
    return JSON.parse(readFileSync(join(runFolder, 'ports.json'), 'utf8')) as PortMemory;
  } catch {
    const none = { http: 0, grpc: 0 };
    return { pid: 0, asked: none, last: none };
  }
}

export const rememberPorts = (runFolder: string, memory: PortMemory): void =>
  writeFileSync(join(runFolder, 'ports.json'), JSON.stringify(memory), { mode: 0o600 });

export function startMessages(
  { engineSocket, runnerSocket, nonce }: LinkPlaces,
  logs: string,
): { gateway: GatewayStart; runner: RunnerStart } {
  return {
    gateway: { role: 'gateway', engineSocket, runnerSocket, nonce, logFile: join(logs, 'gateway.log') },
    runner: {
      role: 'runner',
      gatewaySocket: runnerSocket,
      nonce,
      device: 'cpu-0',
      logFile: join(logs, 'runner.log'),
    },
  };
}

export async function listenForGateway(places: LinkPlaces, hear: Hear, log: Logger): Promise<GatewayLink> {
  let present: Socket | null = null;
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket);
    let known = false;
    const timer = setTimeout(() => socket.destroy(), HELLO_LIMIT_MS);
    socket.on('error', (error) => log.warn({ err: error }, 'gateway link'));
    socket.on('close', () => {
      sockets.delete(socket);
      clearTimeout(timer);
      if (present !== socket) return;
      present = null;
      hear.disconnected();
    });
    readFrames<GatewayToEngine>(socket, ({ header, body }) => {
      if (header.type === 'hello') {
        if (known || !isNonce(header.nonce, places.nonce)) {
          log.warn('a connection with a wrong nonce was refused');
          socket.destroy();
          return;
        }
        known = true;
        clearTimeout(timer);
        const before = present;
        present = socket;
        before?.destroy();
        hear.connected(header.pid);
      } else if (!known) socket.destroy();
      else if (present === socket) hear.message(header, body);
    });
  });
  await listen(server, places.engineSocket);

  return {
    send: (message) => {
      if (!present) return false;
      writeFrame(present, message);
      return true;
    },
    connected: () => present !== null,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A socket file that a killed engine left would refuse the new one; the run folder is ours alone. */
function listen(server: Server, path: string): Promise<void> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      resolve();
    });
  });
}

/** Windows has no socket files; a pipe's name carries the folder's, which is unique. */
const socketPath = (runFolder: string, name: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\lathe${runFolder.replaceAll(/[^A-Za-z0-9]/g, '-')}-${name}`
    : join(runFolder, `${name}.sock`);

function isNonce(given: unknown, expected: string): boolean {
  const a = Buffer.from(String(given));
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
