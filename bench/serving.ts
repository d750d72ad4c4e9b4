/**
 * What serving costs: the gateway over HTTP (one row a request, as applications call it) against ONNX Runtime
 * called in a loop in this process, on the same models and machine, in the same run.
 */
import { fork } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { mlpModel, onnxFile } from '../src-main/inference/testing/onnx-file.ts';
import { endpoint, LIMITS, sampleFile, settled, startStack } from '../src-main/inference/testing/stack.ts';
import { type LoadPlan, type LoadResult, runLoad } from './lib/http-load.ts';
import { tell } from './lib/report.ts';

type Cell = number | string;
type Input = { name: string; datatype: 'FP32' | 'BYTES'; width: number; row(at: number): Cell[] };
type Case = { name: string; title: string; bytes: Buffer; inputs: Input[] };

const BATCHES = [1, 8, 32, 64, 256];
const CLIENTS = [1, 16, 64];
const WARM_UP_MS = 1_500;
const MEASURE_MS = 4_000;

if (process.argv[2] === 'client') {
  process.once('message', async (plan) => {
    process.send?.(await runLoad(plan as LoadPlan));
    process.disconnect();
  });
} else await main();

async function main(): Promise<void> {
  const busy = loadavg()[0] ?? 0;
  const stack = await startStack();
  const rows: Cell[][] = [];
  const data: Record<string, unknown> = {};
  const cases = benchCases();
  stack.apply({
    limits: { ...LIMITS, maxBatchRows: 64 },
    models: cases.map(({ name, bytes }) => stack.model(name, '1', bytes)),
    endpoints: cases.map(({ name }) => endpoint(name, ['1'])),
  });
  await settled(stack);
  const port = Number(new URL(stack.url('')).port);
  for (const one of cases) {
    const raw = await rawRates(one);
    const best = Math.max(...Object.values(raw));
    const gateway: Record<string, unknown> = {};
    for (const clients of CLIENTS) {
      const before = await counters(stack.url('/metrics'), one.name);
      const load = await clientProcess({
        port,
        path: `/v2/models/${one.name}/infer`,
        bodies: Array.from({ length: 64 }, (_, at) => body(one, at)),
        clients,
        warmUpMs: WARM_UP_MS,
        measureMs: MEASURE_MS,
      });
      const after = await counters(stack.url('/metrics'), one.name);
      const rate = load.requests / load.seconds;
      const meanBatch = (after.rows - before.rows) / (after.batches - before.batches);
      gateway[`clients${clients}`] = { ...load, rate, meanBatch, shareOfRawBest: rate / best };
      rows.push([
        one.title,
        clients,
        count(rate),
        load.p50Ms.toFixed(2),
        load.p99Ms.toFixed(2),
        meanBatch.toFixed(1),
        `${((100 * rate) / best).toFixed(1)} %`,
        `${(rate / (raw[1] ?? 1)).toFixed(2)} ×`,
        load.failed,
      ]);
    }
    rows.push([
      `  ${one.title}, ONNX Runtime alone`,
      '–',
      count(best),
      '–',
      '–',
      bestBatch(raw),
      '100 %',
      '–',
      0,
    ]);
    rows.push([`  ${one.title}, ONNX Runtime alone`, '–', count(raw[1] ?? 0), '–', '–', 1, '–', '1.00 ×', 0]);
    data[one.name] = { rawRowsPerSecond: raw, gateway };
  }
  await stack.close();
  tell({
    name: 'serving',
    columns: [
      'model',
      'clients',
      'rows/s',
      'p50 ms',
      'p99 ms',
      'rows/batch',
      'of raw best',
      'of raw unbatched',
      'failed',
    ],
    rows,
    notes: [
      `Open Inference Protocol JSON, one row a request, closed loop; client, gateway and runner share ${cpus().length} cores`,
      'ONNX Runtime alone: run() in a loop on prepared tensors, same session options',
      `load average of the machine before: ${busy.toFixed(1)} (above about 0.5 the figures are too low)`,
      `Node ${process.version}, onnxruntime-node 1.29.0 on the CPU, at most ${64} rows a batch, no queue delay`,
    ],
    data,
  });
}

function benchCases(): Case[] {
  const golden = JSON.parse(sampleFile('resources/sample/golden.json').toString()) as {
    inputs: { name: string; datatype: 'FP32' | 'BYTES' }[];
    rows: { inputs: Record<string, Cell | null> }[];
  };
  // NaN is null in JSON; the fully recorded rows are enough here.
  const full = golden.rows.filter((row) => Object.values(row.inputs).every((value) => value !== null));
  const flights = golden.inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    width: 1,
    row: (at: number) => [full[at % full.length]?.inputs[name] ?? 0],
  }));
  const vector = (width: number): Input[] => [
    {
      name: 'x',
      datatype: 'FP32',
      width,
      row: (at) => Array.from({ length: width }, (_, n) => ((at * 31 + n * 7) % 100) / 100),
    },
  ];
  return [
    {
      name: 'delay-v1',
      title: 'flight delay v1 (12 features)',
      bytes: sampleFile('resources/sample/models/delay-v1.onnx'),
      inputs: flights,
    },
    {
      name: 'delay-v2',
      title: 'flight delay v2 (12 features)',
      bytes: sampleFile('resources/sample/models/delay-v2.onnx'),
      inputs: flights,
    },
    {
      name: 'small',
      title: 'small MLP 16→64→1',
      bytes: onnxFile(mlpModel([16, 64, 1])),
      inputs: vector(16),
    },
    {
      name: 'large',
      title: 'large MLP 128→1024→1024→1',
      bytes: onnxFile(mlpModel([128, 1024, 1024, 1])),
      inputs: vector(128),
    },
  ];
}

function body(one: Case, at: number): string {
  return JSON.stringify({
    inputs: one.inputs.map(({ name, datatype, width, row }) => ({
      name,
      shape: [1, width],
      datatype,
      data: row(at),
    })),
  });
}

/** Rows a second of ONNX Runtime by batch size. */
async function rawRates(one: Case): Promise<Record<number, number>> {
  const session = await InferenceSession.create(one.bytes, {
    intraOpNumThreads: Math.max(1, cpus().length - 1),
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const rates: Record<number, number> = {};
  for (const batch of BATCHES) {
    const feeds = Object.fromEntries(
      one.inputs.map(({ name, datatype, width, row }) => {
        const values = Array.from({ length: batch }, (_, at) => row(at)).flat();
        const shape = [batch, width];
        const tensor =
          datatype === 'BYTES'
            ? new Tensor('string', values as string[], shape)
            : new Tensor('float32', Float32Array.from(values as number[]), shape);
        return [name, tensor];
      }),
    );
    let runs = 0;
    let beganMs = performance.now();
    let warm = false;
    for (;;) {
      await session.run(feeds);
      const passedMs = performance.now() - beganMs;
      runs += 1;
      if (!warm && passedMs > 300) {
        warm = true;
        runs = 0;
        beganMs = performance.now();
      } else if (warm && passedMs > 1_500) {
        rates[batch] = (runs * batch * 1000) / passedMs;
        break;
      }
    }
  }
  await session.release();
  return rates;
}

function clientProcess(plan: LoadPlan): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['client'], { execArgv: [] });
    child.once('message', (result) => resolve(result as LoadResult));
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`the client exited with ${code}`)));
    child.send(plan);
  });
}

async function counters(url: string, model: string): Promise<{ rows: number; batches: number }> {
  const text = await (await fetch(url)).text();
  const read = (metric: string) =>
    Number(new RegExp(`${metric}\\{model="${model}".*\\} (\\d+)`).exec(text)?.[1] ?? 0);
  return { rows: read('nv_inference_count'), batches: read('nv_inference_exec_count') };
}

function count(rate: number): string {
  return Math.round(rate).toLocaleString('en');
}

function bestBatch(raw: Record<number, number>): string {
  return Object.entries(raw).sort((left, right) => right[1] - left[1])[0]?.[0] ?? '–';
}
