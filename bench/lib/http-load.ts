/**
 * A closed-loop HTTP load: each connection sends its next request when the answer to the last one is there.
 * Written on bare sockets, because on two cores a client library would take the time that is to be measured.
 */
import { connect, type Socket } from 'node:net';
import { quantile } from './report.ts';

export type LoadPlan = {
  port: number;
  path: string;
  /** Bodies that the connections take in turn. */
  bodies: (string | Uint8Array)[];
  /** JSON unless they say otherwise. */
  headers?: Record<string, string>;
  clients: number;
  warmUpMs: number;
  measureMs: number;
};
export type LoadResult = {
  /** Answered with 200. */
  requests: number;
  failed: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
};

export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const requests = plan.bodies.map((body) => postRequest(plan.port, plan.path, body, plan.headers));
  const latencies: number[] = [];
  let failed = 0;
  let turn = 0;
  const fromMs = performance.now() + plan.warmUpMs;
  const toMs = fromMs + plan.measureMs;
  const client = async () => {
    const socket = await openConnection(plan.port);
    let beganMs = 0;
    await new Promise<void>((resolve, reject) => {
      const next = () => {
        if (performance.now() > toMs) {
          socket.destroy();
          resolve();
          return;
        }
        turn += 1;
        beganMs = performance.now();
        socket.write(requests[turn % requests.length] as Buffer);
      };
      readResponses(socket, (status) => {
        const nowMs = performance.now();
        if (status !== 200) failed += 1;
        // What ends in this time, also if it began before: else slow answers would count for less.
        else if (nowMs >= fromMs && nowMs <= toMs) latencies.push(nowMs - beganMs);
        next();
      });
      socket.on('error', reject);
      next();
    });
  };
  await Promise.all(Array.from({ length: plan.clients }, client));
  return {
    requests: latencies.length,
    failed,
    seconds: plan.measureMs / 1000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

export function postRequest(
  port: number,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = { 'Content-Type': 'application/json' },
): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

export const openConnection = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });

/** Calls back with the status of each whole response; one at a time, as nothing is pipelined. */
export function readResponses(socket: Socket, onResponse: (status: number) => void): void {
  let held = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    held += chunk;
    const end = held.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(held)?.[1] ?? 0);
    if (held.length < end + 4 + length) return;
    const status = Number(held.slice(9, 12));
    held = '';
    onResponse(status);
  });
}
