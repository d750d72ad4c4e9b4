/**
 * The scheduler against other ways of batching, simulated: the same table that the tests hold it to. Then what
 * a decision costs on this machine, and what it does on the real processes under 1.5 times what they can bear:
 * answers within the target, and how late the gateway's event loop gets.
 */
import { cpus, loadavg } from 'node:os';
import { mlpModel, onnxFile } from '../src-main/inference/testing/onnx-file.ts';
import {
  LOADS,
  type LoadName,
  offered,
  POLICIES,
  type PolicyName,
} from '../src-main/inference/testing/scheduler-table.ts';
import { simulateScheduler } from '../src-main/inference/testing/simulator.ts';
import {
  endpoint,
  LIMITS,
  type Stack,
  settled,
  startStack,
  until,
} from '../src-main/inference/testing/stack.ts';
import type { LoadResult } from './lib/http-load.ts';
import { closedLoad, openLoad } from './lib/load-client.ts';
import type { OpenLoadResult } from './lib/open-load.ts';
import { tell } from './lib/report.ts';

/** A machine that does other things at the same time cannot keep the usual one: `npm run bench -- scheduler 1500`. */
const SLO_MS = Number(process.argv[2]) || 100;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 8_000;
/** Heavy enough for the model to be what limits, and not HTTP: 9M parameters. */
const WIDTHS = [256, 2_048, 2_048, 2_048, 8];
/** Of the gateway's seconds, how many were looked at. */
let seen = 0;

const busy = loadavg()[0] ?? 0;
simulated();
decisions();
await real();

function simulated(): void {
  const rows = (Object.keys(LOADS) as LoadName[]).map((name) => {
    const load = LOADS[name];
    const overload = load.rate >= 1_550 || 'bursty' in load;
    const cells = (Object.keys(POLICIES) as PolicyName[]).map((policy) => {
      const { p50Ms, p99Ms, goodput } = POLICIES[policy](load);
      if (overload) return Math.round(goodput).toLocaleString('en');
      return p50Ms > 1_000 ? 'collapse' : `${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)}`;
    });
    return [
      overload ? `${name}: in time/s (of ${Math.round(offered(load))})` : `${name}: p50 / p99 ms`,
      ...cells,
    ];
  });
  tell({
    name: 'scheduler-simulated',
    columns: ['requests/s', ...Object.keys(POLICIES)],
    rows,
    notes: [
      'one device, (4 + 0.5 n) ms a batch of n ≤ 32 with 5 % noise: 1,600/s at best, 222/s one by one; target 50 ms',
      'a virtual clock and fixed seeds: the same figures on every machine; the Lathe column is the real scheduler',
    ],
  });
}

function decisions(): void {
  const rows = [1, 15].map((models) => {
    const arms = Array.from({ length: models }, (_, at) => ({ key: `m@${at + 1}`, share: 1 / models }));
    const load = { rate: 1_200, requests: 60_000, seed: 9 };
    simulateScheduler({ ...load, requests: 5_000 }, { arms });
    const beganMs = performance.now();
    simulateScheduler(load, { arms });
    const us = (1000 * (performance.now() - beganMs)) / load.requests;
    return [`${models} model${models > 1 ? 's' : ''}`, us.toFixed(1)];
  });
  tell({
    name: 'scheduler-cost',
    columns: ['scheduling with', 'µs a request'],
    rows,
    notes: ['the whole way of a request through the scheduler, the simulation around it included'],
  });
}

async function real(): Promise<void> {
  const stack = await startStack();
  const spec = stack.model('m', '1', onnxFile(mlpModel(WIDTHS)), { tuning: { sloMs: SLO_MS } });
  stack.apply({
    limits: { ...LIMITS, maxBatchRows: 64 },
    models: [spec],
    endpoints: [endpoint('m', ['1'])],
  });
  await settled(stack);
  const port = Number(new URL(stack.url('')).port);
  const bodies = Array.from({ length: 32 }, (_, at) => body(at));
  const plan = { port, path: '/v2/models/m/infer', bodies, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS };
  const rows: (string | number)[][] = [];
  const capacities: number[] = [];
  const add = (title: string, load: LoadResult & Partial<OpenLoadResult>, loop: number) => {
    const rate = load.requests / load.seconds;
    rows.push([
      title,
      load.offered === undefined ? '–' : Math.round(load.offered),
      Math.round(rate),
      Math.round(load.inTime === undefined ? rate : load.inTime / load.seconds),
      load.p50Ms.toFixed(1),
      load.p99Ms.toFixed(1),
      load.refused === undefined ? load.failed : load.refused,
      loop.toFixed(1),
    ]);
  };
  // What it can bear: as many clients as fill a batch while another runs, each waiting for its answer.
  const closed = async () => {
    const result = await closedLoad({ ...plan, clients: 64 });
    capacities.push(result.requests / result.seconds);
    add('64 clients, each waits', result, await loopMs(stack));
  };
  await closed();
  const capacity = () => capacities.reduce((sum, each) => sum + each, 0) / capacities.length;
  for (const share of [0.5, 0.9, 1.5, 2]) {
    const rate = share * capacity();
    const result = await openLoad({ ...plan, rate, sloMs: SLO_MS, connections: 512 });
    add(`${share} × capacity, Poisson`, result, await loopMs(stack));
  }
  await closed();
  const share = rows[3]?.[3];
  await stack.close();
  tell({
    name: 'scheduler',
    columns: ['load', 'offered/s', 'answered/s', 'in time/s', 'p50 ms', 'p99 ms', 'refused', 'loop p99 ms'],
    rows,
    notes: [
      `MLP ${WIDTHS.join('→')}, JSON, one row a request, target ${SLO_MS} ms; client, gateway and runner share ${cpus().length} cores`,
      `capacity: the mean of the two closed loops, ${Math.round(capacity())}/s; at 1.5 × in time: ${((100 * Number(share)) / capacity()).toFixed(1)} % of it`,
      'latency from the moment a request was due, not from when a free connection was found; answered only',
      'loop p99: how late the gateway’s event loop was, the worst second of the run',
      `load average of the machine before: ${busy.toFixed(1)} (above about 0.5 the figures are too low)`,
    ],
    data: { capacities, rows },
  });
}

/** The worst of the seconds since the last call. */
async function loopMs(stack: Stack): Promise<number> {
  await until('the last second is told', () => stack.seconds().length > seen);
  const seconds = stack.seconds().slice(seen + 2);
  seen = stack.seconds().length;
  return Math.max(0, ...seconds.map(({ loop }) => loop.p99Ms));
}

function body(at: number): string {
  const data = Array.from({ length: WIDTHS[0] ?? 1 }, (_, n) => ((at * 31 + n * 7) % 100) / 100);
  return JSON.stringify({ inputs: [{ name: 'x', shape: [1, WIDTHS[0]], datatype: 'FP32', data }] });
}
