/**
 * What a GPU is worth: rows a second and milliseconds a batch by batch size, on the CPU and on every provider that
 * the trial found usable, with the runner's own sessions. Each provider has a process of its own, as in the trial.
 * Where none is usable it says so and measures nothing; `npm run bench -- gpu cpu webgpu` measures those named.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Devices, Provider } from '../src-main/contract/devices.ts';
import { tryDevices } from '../src-main/host-headless/devices.ts';
import { loadModel, warmUp } from '../src-main/inference/runner/sessions.ts';
import { mlpModel, onnxFile } from '../src-main/inference/testing/onnx-file.ts';
import { sampleFile } from '../src-main/inference/testing/stack.ts';
import { devicesFolder, libraryFolders, ORT_VERSION } from '../src-main/platform/devices/cuda-files.ts';
import { withLibraries } from '../src-main/platform/environment.ts';
import { median, repoRoot, tell } from './lib/report.ts';

const BATCHES = [1, 8, 32, 64, 256, 1024];
const MEASURE_MS = 1_000;
const MAX_RUNS = 200;
/** A batch that takes longer is measured once, and no larger one at all. */
const ENOUGH_MS = 5_000;

type Figures = Record<number, number>;
type Plan = { provider: Provider; path: string; sha256: string; key: string };

if (process.argv[2] === 'measure') {
  process.once('message', async (plan) => {
    process.send?.(await measure(plan as Plan), () => process.exit(0));
  });
} else await main();

async function main(): Promise<void> {
  const named = process.argv.slice(2).map((name) => Provider.parse(name));
  const devices = await tryDevices(join(repoRoot, 'out'), false);
  const usable = devices.findings.filter(({ state, provider }) => state !== 'unusable' && provider !== 'cpu');
  if (named.length === 0 && usable.length === 0) {
    notRun(devices);
    return;
  }
  const providers = named.length > 0 ? named : (['cpu', ...usable.map(({ provider }) => provider)] as const);
  const folder = mkdtempSync(join(tmpdir(), 'lathe-bench-gpu-'));
  try {
    await compare(folder, providers, devices);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function notRun({ findings }: Devices): void {
  const reasons = findings
    .filter(({ provider }) => provider !== 'cpu')
    .map(({ provider, reason }) => `${provider}: ${reason}`);
  tell({
    name: 'gpu',
    columns: ['not run: no usable GPU here'],
    rows: reasons.map((reason) => [reason]),
    notes: ['`lathe gpu` says what is missing, and what to do about it'],
    data: { ran: false, findings },
  });
}

async function compare(folder: string, providers: readonly Provider[], devices: Devices): Promise<void> {
  const busy = loadavg()[0] ?? 0;
  const rows: (string | number)[][] = [];
  const failures: string[] = [];
  const data: Record<string, Partial<Record<Provider, Figures | string>>> = {};
  for (const { key, title, bytes } of models()) {
    const path = join(folder, `${key}.onnx`);
    writeFileSync(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const figures: Partial<Record<Provider, Figures | string>> = {};
    for (const provider of providers) figures[provider] = await inProcess({ provider, path, sha256, key });
    data[key] = figures;
    const { cpu } = figures;
    for (const provider of providers) {
      const found = figures[provider] ?? 'not measured';
      if (typeof found === 'string') {
        rows.push([title, provider, '–', '–', 'failed', '–']);
        failures.push(`${title} on ${provider}: ${found}`);
        continue;
      }
      for (const [batch, ms] of Object.entries(found)) {
        const base = typeof cpu === 'object' ? cpu[Number(batch)] : undefined;
        const times = base === undefined ? '–' : `${(base / ms).toFixed(2)} ×`;
        rows.push([title, provider, batch, ms.toFixed(3), count((Number(batch) / ms) * 1000), times]);
      }
    }
  }
  tell({
    name: 'gpu',
    columns: ['model', 'provider', 'batch', 'ms a batch', 'rows/s', 'to the CPU'],
    rows,
    notes: [
      ...failures,
      'the runner’s own sessions on blank rows, one run after the other, median; copies to and from the device included',
      ...devices.findings.map(
        ({ provider, device, driver }) =>
          `${provider}: ${device ?? 'unknown device'}${driver ? `, driver ${driver}` : ''}`,
      ),
      `ONNX Runtime ${ORT_VERSION}, ${cpus().length} cores, load average of the machine before: ${busy.toFixed(1)}`,
    ],
    data: { ran: true, findings: devices.findings, msByBatch: data },
  });
}

function models() {
  return [
    {
      key: 'delay-v1@1',
      title: 'flight delay v1 (12 features)',
      bytes: sampleFile('resources/sample/models/delay-v1.onnx'),
    },
    { key: 'tabular@1', title: 'tabular MLP 30→64→64→2', bytes: onnxFile(mlpModel([30, 64, 64, 2])) },
    {
      key: 'large@1',
      title: 'MLP of 36M parameters 1024→4096→4096→4096→1000',
      bytes: onnxFile(mlpModel([1024, 4096, 4096, 4096, 1000])),
    },
  ];
}

/** Milliseconds by batch size, or why not. */
function inProcess(plan: Plan): Promise<Figures | string> {
  const folders = plan.provider === 'cuda' ? libraryFolders(devicesFolder()) : [];
  const clean = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  const child = fork(fileURLToPath(import.meta.url), ['measure'], { env: withLibraries(clean, folders) });
  return new Promise((resolve) => {
    child.once('message', (figures) => resolve(figures as Figures | string));
    child.once('exit', (code, signal) => resolve(`its process ended with ${signal ?? code}`));
    child.send(plan);
  });
}

async function measure({ provider, path, sha256, key }: Plan): Promise<Figures | string> {
  try {
    const model = await loadModel(key, path, sha256, { provider, fallback: false, refused: null });
    const figures: Figures = {};
    for (const batch of BATCHES) {
      // The first run of a size pays for its buffers and plans.
      await warmUp(model, batch);
      const took: number[] = [];
      const untilMs = performance.now() + MEASURE_MS;
      while (took.length < MAX_RUNS && (took.length === 0 || performance.now() < untilMs))
        took.push((await warmUp(model, batch)).runUs / 1000);
      figures[batch] = median(took);
      if (median(took) > ENOUGH_MS) break;
    }
    return figures;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
