/**
 * What serving costs: the gateway and the runner as they ship against ONNX Runtime alone, and beside other servers,
 * on four models made here, in one run. `--no-peers` leaves the others out; `--model=`, `--peer=` choose one;
 * `--seconds=` is how long a cell is measured, `--slo=` the target under overload in ms; a busy machine needs more.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ALL_THREADS } from '../src-main/inference/runner/sessions.ts';
import { scratch } from './lib/app.ts';
import { measureBare } from './serving/bare.ts';
import { CLIENTS, httpClient, tritonClient } from './serving/clients.ts';
import {
  type LatheCells,
  measureApart,
  measureBeside,
  measureLathe,
  memoryOf,
  overload,
  PATIENT_MS,
  startLathe,
} from './serving/lathe.ts';
import { type BenchModel, benchModels, MODEL_NAMES } from './serving/models.ts';
import { endPeers, measurePeer, PEER_NAMES, type PeerRow } from './serving/peers.ts';
import { type Raw, rawRun } from './serving/raw.ts';
import { cores, type Measured, tellMemory, tellPeers, tellServing, tellTargets } from './serving/tables.ts';

const RAW_MS = 1_500;
/** Of the overload, of the model that the machine can best be loaded with. */
const OVERLOADED = 'mlp';
const OVERLOAD = 1.5;
/** Client and gateway need a core of their own where it is asked what the server takes away. */
const THREADS_APART = Math.max(1, ALL_THREADS - 1);
const APART = ['mlp', 'cnn'];

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    peer: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    seconds: { type: 'string', default: '4' },
    slo: { type: 'string', default: '100' },
    // Read where the tables are printed.
    markdown: { type: 'boolean' },
  },
});
checkName('model', options.model, MODEL_NAMES);
checkName('peer', options.peer, PEER_NAMES);
const measureMs = 1000 * Number(options.seconds);
const folder = scratch('serving');
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    // Clients end with this process, gateway and runner when their parent is gone; servers from PyPI do not.
    await endPeers();
    folder.remove();
    process.exit(1);
  });

try {
  await main();
} finally {
  await endPeers();
  folder.remove();
}

async function main(): Promise<void> {
  const busy = loadavg()[0] ?? 0;
  const models = benchModels((name) => options.model === undefined || options.model === name);
  const client = await httpClient(folder.path);
  const triton = await tritonClient(folder.path);
  const tritonNote =
    'problem' in triton
      ? `without tritonclient: ${triton.problem}`
      : 'tritonclient: binary tensors, asyncio; the Python client is what limits small models';
  const raws = new Map<BenchModel, Raw>();
  for (const model of models) {
    say(`${model.title}: ONNX Runtime alone`);
    raws.set(model, await rawRun(model, model.sizes, RAW_MS * model.patience));
  }

  const lathe = await startLathe();
  const all: Measured[] = [];
  let strained: Awaited<ReturnType<typeof overload>> | null = null;
  try {
    // Each alone, as the others have the machine to themselves too.
    for (const [model, raw] of raws) {
      // Some cannot batch with less.
      const maxBatchRows = Math.max(2, bestBatch(raw, CLIENTS).rows);
      say(`${model.title}: Lathe`);
      await lathe.serve(model, { maxBatchRows, sloMs: PATIENT_MS });
      const ask = { client, triton: 'problem' in triton ? null : triton, measureMs };
      const cells: LatheCells = await measureLathe(lathe, model, raw.expected, ask);
      const bare = await measureBare(model, { client, measureMs });
      // The machine may be slower or faster than it was: of two runs, the better is what it is held against.
      const { rows } = bestBatch(raw);
      const again = await rawRun(model, [...new Set([1, rows])], RAW_MS * model.patience);
      for (const [size, one] of Object.entries(again.sizes)) {
        const first = raw.sizes[Number(size)];
        if (!first || one.rowsPerSecond > first.rowsPerSecond) raw.sizes[Number(size)] = one;
      }
      raw.pausedMs = Math.min(raw.pausedMs, again.pausedMs);
      const best = bestBatch(raw);
      all.push({ model, raw, best, maxBatchRows, lathe: cells, bare, apart: null });
    }
    for (const one of all.filter(({ model }) => APART.includes(model.name))) {
      const { model } = one;
      say(`${model.title}: with a core left for client and gateway`);
      const limit = () => rawRun(model, model.sizes, RAW_MS * model.patience, THREADS_APART);
      const before = bestBatch(await limit());
      const plan = { maxBatchRows: Math.max(2, before.rows), threads: THREADS_APART };
      const served = await measureApart(lathe, model, plan, { client, measureMs });
      const after = bestBatch(await limit());
      one.apart = { ...served, best: after.rate > before.rate ? after : before, threads: THREADS_APART };
    }
    const target = all.find(({ model }) => model.name === OVERLOADED);
    if (target) {
      say(`${target.model.title}: Lathe at ${OVERLOAD} × its capacity`);
      const plan = {
        share: OVERLOAD,
        sloMs: Number(options.slo),
        maxBatchRows: target.maxBatchRows,
        threads: THREADS_APART,
      };
      strained = await overload(lathe, target.model, { ...plan, measureMs: 2 * measureMs });
    }
  } finally {
    await lathe.stack.close();
  }
  const machineNotes = [
    `client, gateway and runner share ${cores} cores; ONNX Runtime has ${ALL_THREADS} threads, of tiny models 1; ${THREADS_APART} in what is measured with a core left`,
    `load average of the machine before: ${busy.toFixed(1)} (above about 0.5 the figures are too low)`,
    `Node ${process.version}, onnxruntime 1.29.0 on the CPU; ${client.name} asks (the ResNet: bench/lib/http-load.ts), ${options.seconds} s a cell and more`,
  ];
  tellServing(all, [
    'the built gateway and runner over HTTP, closed loop, one row a request',
    'ONNX Runtime alone: run() in a loop on prepared tensors in a process of its own, the runner’s session options',
    tritonNote,
    ...machineNotes,
  ]);
  say('memory');
  tellMemory(await memoryOf(models));

  const peers: PeerRow[] = [];
  if (!options['no-peers']) {
    const how = { client, threads: ALL_THREADS, measureMs, scratch: folder.path };
    const names = PEER_NAMES.filter((one) => options.peer === undefined || options.peer === one);
    for (const { model, raw, maxBatchRows } of all) {
      // Lathe once more, next to the others: what the machine does besides may have changed since.
      peers.push(await measureBeside(model, { maxBatchRows, sloMs: PATIENT_MS }, { client, measureMs }));
      for (const name of names)
        peers.push(await measurePeer(name, { model, expected: raw.expected, maxBatchRows }, how));
    }
    tellPeers(all, peers, machineNotes);
  }
  tellTargets(all, strained, peers, machineNotes);
}

/** The size of most rows a second, among those up to `most`. */
function bestBatch(raw: Raw, most = Number.POSITIVE_INFINITY): { rows: number; rate: number } {
  const sizes = Object.entries(raw.sizes)
    .map(([rows, { rowsPerSecond }]) => ({ rows: Number(rows), rate: rowsPerSecond }))
    .filter(({ rows }) => rows <= most);
  return sizes.sort((left, right) => right.rate - left.rate)[0] ?? { rows: 1, rate: Number.NaN };
}

function checkName(option: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  console.error(`--${option}=${value}: one of ${known.join(', ')}`);
  process.exit(1);
}

function say(text: string): void {
  console.log(`… ${text}`);
}
