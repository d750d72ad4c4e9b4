/**
 * An open-loop HTTP load: requests are due at random times, whether or not the server keeps up, and their
 * latency counts from then. On bare sockets, as http-load.ts.
 */
import { openConnection, postRequest, readResponses } from './http-load.ts';
import { quantile } from './report.ts';

export type OpenLoadPlan = {
  port: number;
  path: string;
  bodies: (string | Uint8Array)[];
  /** JSON unless they say otherwise. */
  headers?: Record<string, string>;
  /** Requests a second. */
  rate: number;
  sloMs: number;
  connections: number;
  warmUpMs: number;
  measureMs: number;
};
export type OpenLoadResult = {
  /** Answered with 200. */
  requests: number;
  /** Of those, within the target. */
  inTime: number;
  /** 503. */
  refused: number;
  /** Anything else, and those that found no connection or no answer before the end. */
  failed: number;
  /** Requests that were due, a second. */
  offered: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
};

export async function runOpenLoad(plan: OpenLoadPlan): Promise<OpenLoadResult> {
  const requests = plan.bodies.map((body) => postRequest(plan.port, plan.path, body, plan.headers));
  const sockets = await Promise.all(
    Array.from({ length: plan.connections }, () => openConnection(plan.port)),
  );
  const fromMs = performance.now() + plan.warmUpMs;
  const toMs = fromMs + plan.measureMs;
  const latencies: number[] = [];
  const counts = { inTime: 0, refused: 0, failed: 0, due: 0 };
  /** Due and without a free connection yet. */
  const waiting: number[] = [];
  const free: ((dueMs: number) => void)[] = [];
  let turn = 0;
  let open = 0;

  const isMeasured = (dueMs: number) => dueMs >= fromMs && dueMs < toMs;
  const record = (dueMs: number, status: number) => {
    if (!isMeasured(dueMs)) return;
    const tookMs = performance.now() - dueMs;
    if (status === 200) {
      latencies.push(tookMs);
      if (tookMs <= plan.sloMs) counts.inTime += 1;
    } else if (status === 503) counts.refused += 1;
    else counts.failed += 1;
  };
  for (const socket of sockets) {
    let presentMs = 0;
    const send = (dueMs: number) => {
      presentMs = dueMs;
      turn += 1;
      open += 1;
      socket.write(requests[turn % requests.length] as Buffer);
    };
    readResponses(socket, (status) => {
      open -= 1;
      record(presentMs, status);
      const next = waiting.shift();
      if (next === undefined) free.push(send);
      else send(next);
    });
    socket.on('error', () => {});
    free.push(send);
  }

  let dueMs = performance.now();
  while (dueMs < toMs) {
    const nowMs = performance.now();
    // Timers are coarse: all that became due since the last look goes now, each with its own time.
    while (dueMs <= nowMs && dueMs < toMs) {
      if (isMeasured(dueMs)) counts.due += 1;
      const send = free.pop();
      if (send) send(dueMs);
      else waiting.push(dueMs);
      dueMs -= (1000 / plan.rate) * Math.log(1 - Math.random());
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
  const endMs = performance.now() + 5_000;
  while (open > 0 && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const socket of sockets) socket.destroy();
  return {
    requests: latencies.length,
    inTime: counts.inTime,
    refused: counts.refused,
    failed: counts.due - latencies.length - counts.refused,
    offered: (1000 * counts.due) / plan.measureMs,
    seconds: plan.measureMs / 1000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}
