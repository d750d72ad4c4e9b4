/** The gateway's end of the runner: a local socket it listens on, one proven connection at a time. */
import { timingSafeEqual } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { readFrames, writeFrame } from '../../platform/frames.ts';
import type { GatewayToRunner, RunnerToGateway } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';

export type RunnerLink = {
  /** False when no runner is connected. */
  send(message: GatewayToRunner, body?: Uint8Array[]): boolean;
  pid(): number | null;
  /** Ends a runner that does not answer any more; who supervises it starts another. */
  kill(): void;
  close(): Promise<void>;
};

export type RunnerEvents = {
  connected(): void;
  message(message: RunnerToGateway, body: Buffer): void;
  lost(): void;
};

/** A connection that has not said hello by then is not a runner. */
const HELLO_LIMIT_MS = 5_000;

export async function listenForRunner(
  path: string,
  nonce: string,
  log: Logger,
  events: RunnerEvents,
): Promise<RunnerLink> {
  let runner: { socket: Socket; pid: number } | null = null;

  const lose = (socket: Socket) => {
    if (runner?.socket !== socket) return;
    log.warn({ pid: runner.pid }, 'runner lost');
    runner = null;
    events.lost();
  };

  const server = createServer((socket) => {
    let proven = false;
    const timer = setTimeout(() => socket.destroy(), HELLO_LIMIT_MS);
    socket.on('error', (error) => log.debug({ err: error }, 'runner connection'));
    socket.on('close', () => {
      clearTimeout(timer);
      lose(socket);
    });
    readFrames<RunnerToGateway>(socket, ({ header, body }) => {
      if (proven) {
        if (runner?.socket === socket) events.message(header, body);
        return;
      }
      if (header.type !== 'hello' || !sameSecret(header.nonce, nonce)) {
        log.warn('a connection without the right proof was refused');
        socket.destroy();
        return;
      }
      proven = true;
      clearTimeout(timer);
      // A second runner means that the first is dead and its socket has not told us yet.
      if (runner) {
        const { socket: old } = runner;
        lose(old);
        old.destroy();
      }
      runner = { socket, pid: header.pid };
      log.info({ pid: header.pid, device: header.device }, 'runner connected');
      events.connected();
    });
  });
  // A socket file that a killed gateway left would make listening fail.
  if (process.platform !== 'win32') rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  if (process.platform !== 'win32') chmodSync(path, 0o600);

  return {
    send(message, body) {
      if (!runner) return false;
      writeFrame(runner.socket, message, body);
      return true;
    },
    pid: () => runner?.pid ?? null,
    kill() {
      const pid = runner?.pid ?? 0;
      // Whoever said the number knew the nonce; a number that cannot be a runner's is not acted upon all the same.
      if (pid <= 1 || pid === process.pid) {
        runner?.socket.destroy();
        return;
      }
      log.warn({ pid }, 'ending the runner');
      try {
        process.kill(pid, 'SIGKILL');
      } catch (thrown) {
        log.error({ err: thrown, pid }, 'the runner cannot be ended');
        runner?.socket.destroy();
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        runner?.socket.destroySoon();
      }),
  };
}

function sameSecret(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
