/**
 * `--smoke-test=FILE`: proves that a build runs, from inside its archive too. Every process starts, every native
 * module loads, the page talks to the engine, and one request is answered by the model as it was in training.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorReport } from '../contract/errors.ts';
import type { Endpoint } from '../contract/serving.ts';
import { createEngineClient, type EngineClient } from './engine-client.ts';
import type { EngineHost } from './engine-host.ts';
import type { StartupMarks } from './startup.ts';
import type { MainWindow } from './window.ts';

/** Below the minute that e2e/packaged/smoke.mjs waits, so that a hang is reported rather than killed. */
const LIMIT_MS = 50_000;

type Check = { name: string; ok: boolean; detail: string };
export type SmokeReport = { ok: boolean; checks: Check[]; timings: Record<string, number> };

type SmokeSubject = {
  engine: EngineHost;
  marks: StartupMarks;
  resources: string;
  problem: () => ErrorReport | null;
  window: () => MainWindow | null;
};

export async function runSmokeTest(subject: SmokeSubject): Promise<SmokeReport> {
  const deadline = performance.now() + LIMIT_MS;
  const checks: Check[] = [];
  const check = async (name: string, work: () => Promise<string>) => {
    try {
      checks.push({ name, ok: true, detail: await within(deadline, work) });
    } catch (error) {
      checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) });
    }
  };

  let client: EngineClient | null = null;
  await check('engine answers', async () => {
    client = await connected(subject, deadline);
    const hello = await client.rpc.workspace.hello();
    return `version ${hello.version}, workspace ${hello.workspace.name}`;
  });
  const rpc = (client as EngineClient | null)?.rpc;
  if (rpc) {
    await check('better-sqlite3 reads the workspace', async () => {
      const experiments = await until(deadline, async () => {
        const list = await rpc.experiments.list();
        return list.length > 0 ? list : null;
      });
      return `${experiments.length} experiments`;
    });
    await check('every process runs', async () => {
      const services = await until(deadline, async () => {
        const list = await rpc.workspace.services();
        return list.length > 1 && list.every((each) => each.state === 'running') ? list : null;
      });
      return services.map((each) => `${each.id} ${each.pid ?? ''}`.trim()).join(', ');
    });
    await check('a worker thread reads runs, and their curves from its own bundle', async () => {
      const [experiment] = await rpc.experiments.list();
      const { rows } = await rpc.experiments.runs({ experimentId: experiment?.id ?? '', limit: 5 });
      const key = Object.keys(rows[0]?.metrics ?? {})[0] ?? '';
      const runIds = rows.map((row) => row.id);
      const { series } = await rpc.explore.lines({ runIds, key, x: { kind: 'step' } });
      if (series.length === 0) throw new Error('no line of a metric came back');
      return `${series.length} lines of ${key}`;
    });
    await check('DuckDB compares two files in a process of its own', async () => {
      const reference = await uploadText(rpc, 'before.csv', 'x,c\n1.5,a\n2.5,b\n3.5,a\n4.5,b\n');
      const current = await uploadText(rpc, 'now.csv', 'x,c\n1.5,a\n9.5,b\n8.5,a\n7.5,b\n');
      const { columns, tookMs } = await rpc.driftReports.create({ endpoint: null, reference, current });
      const problem = columns.find((column) => column.problem !== null)?.problem;
      if (columns.length !== 2 || problem) throw new Error(problem ?? `${columns.length} columns`);
      return `${columns.map(({ column, method }) => `${column} ${method}`).join(', ')} in ${Math.round(tookMs)} ms`;
    });
    await check('onnxruntime answers a request as in training', async () => {
      const endpoint = await until(deadline, async () => {
        const [first] = await rpc.serving.list();
        return first?.url && first.arms.every((arm) => arm.state === 'ready') ? first : null;
      });
      return infer(endpoint, subject.resources);
    });
  }
  await check('the window shows the page', async () => {
    const heading = await until(deadline, async () => {
      const contents = subject.window()?.browser.webContents;
      return (
        (await contents?.executeJavaScript("document.querySelector('main h1')?.textContent ?? ''")) || null
      );
    });
    return `heading “${heading}”`;
  });
  (client as EngineClient | null)?.close();
  return { ok: checks.every((each) => each.ok), checks, timings: subject.marks.timings() };
}

async function connected(subject: SmokeSubject, deadline: number): Promise<EngineClient> {
  return until(deadline, async () => {
    const problem = subject.problem();
    if (problem) throw new Error(`${problem.code}: ${problem.cause}`);
    let isTaken = false;
    const client = createEngineClient((port) => {
      isTaken = subject.engine.connect(port);
      return isTaken;
    });
    if (isTaken) return client;
    client.close();
    return null;
  });
}

async function uploadText(rpc: EngineClient['rpc'], fileName: string, text: string) {
  const bytes = Buffer.from(text);
  const { uploadId } = await rpc.uploads.begin({ fileName, size: bytes.length });
  await rpc.uploads.chunk({ uploadId, offset: 0, base64: bytes.toString('base64') });
  return { kind: 'upload', uploadId } as const;
}

type Golden = {
  tolerance: number;
  inputs: { name: string; datatype: string }[];
  rows: { inputs: Record<string, unknown>; expected: Record<string, { probabilities: number[] }> }[];
};

/** Sends the first golden row; the probability must be what training wrote down for the version that answered. */
async function infer(endpoint: Endpoint, resources: string): Promise<string> {
  const golden = JSON.parse(await readFile(join(resources, 'sample', 'golden.json'), 'utf8')) as Golden;
  const [row] = golden.rows;
  const inputs = golden.inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [1, 1],
    data: [row?.inputs[name]],
  }));
  const response = await fetch(endpoint.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'smoke', inputs }),
  });
  const answer = (await response.json()) as {
    outputs?: { name: string; data: number[] }[];
    model_version?: string;
  };
  const found = answer.outputs?.find((output) => output.name === 'probabilities')?.data[1];
  const expected = row?.expected[answer.model_version ?? '']?.probabilities[1];
  if (found === undefined || expected === undefined)
    throw new Error(`${response.status}: ${JSON.stringify(answer).slice(0, 300)}`);
  if (Math.abs(found - expected) > golden.tolerance)
    throw new Error(`version ${answer.model_version} answered ${found}, in training it was ${expected}`);
  return `version ${answer.model_version} answered ${found.toFixed(6)}, as in training`;
}

async function until<T>(deadline: number, attempt: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const value = await attempt();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error('it took too long');
    await sleep(100);
  }
}

function within<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  const late = sleep(Math.max(0, deadline - performance.now()), undefined, { ref: false }).then(() => {
    throw new Error('it took too long');
  });
  return Promise.race([work(), late]);
}
