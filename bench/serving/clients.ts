/** Who asks: wrk, or where it is missing the benchmark's own client; and Triton's own client from PyPI. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall, hasApt, installCommand, installPackages } from '../../scripts/lib/apt.mjs';
import { findOnPath } from '../../scripts/lib/display.mjs';
import { ensureEnvironment, ensurePython } from '../../scripts/lib/python.mjs';
import type { LoadResult } from '../lib/http-load.ts';
import { closedLoad } from '../lib/load-client.ts';
import { repoRoot } from '../lib/report.ts';
import { type BenchModel, type Body, INPUT, packed, rowOf } from './models.ts';

export type Load = {
  url: string;
  body: Body;
  clients: number;
  measureMs: number;
  /** Requests a second of all clients together, where they are not as fast as they can be; of wrk only. */
  rate?: number;
  /** Answers take seconds. wrk begins cold, which would be a good part of what it measures then. */
  slow: boolean;
};
export type HttpClient = { name: string; load(load: Load): Promise<LoadResult> };
export type TritonClient = {
  load(plan: {
    protocol: 'http' | 'grpc';
    address: string;
    model: BenchModel;
    clients: number;
    measureMs: number;
  }): Promise<LoadResult>;
};

/** So many requests at once, where it is not one. */
export const CLIENTS = 64;
/** Every client warms the server up for this share of what it then measures. */
const WARM_UP = 0.25;
/** A batch of a large model on a slow machine takes seconds. */
const PATIENCE_S = 60;
const LUA = join(repoRoot, 'bench', 'serving', 'post.lua');

const started = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

/** `scratch` is a folder for the bodies. */
export async function httpClient(scratch: string): Promise<HttpClient> {
  const { file, problem } = await findWrk();
  if (!file) {
    console.log(`wrk ${problem}; the benchmark's own client asks instead, which takes more of the machine`);
    return { name: 'bench/lib/http-load.ts', load: ownLoad };
  }
  const wrk = async ({ url, body, clients, measureMs, rate }: Load, ms: number): Promise<LoadResult> => {
    const bodyFile = join(scratch, 'body');
    writeFileSync(bodyFile, body.bytes);
    const seconds = Math.max(1, Math.round(ms / 1000));
    const options = ['-t', '1', '-c', clients, '-d', `${seconds}s`, '--timeout', `${PATIENCE_S}s`];
    const headers = Object.entries(body.headers).map(([name, value]) => `${name}=${value}`);
    const paced = rate === undefined ? [] : [`@rate=${rate}`];
    const args = [...options.map(String), '-s', LUA, url, '--', bodyFile, ...headers, ...paced];
    const limitMs = measureMs + (PATIENCE_S + 5) * 1000;
    return JSON.parse(lastLine(await outputOf(file, args, limitMs)));
  };
  return {
    name: 'wrk',
    async load(load) {
      if (load.slow) return ownLoad(load);
      await wrk(load, WARM_UP * load.measureMs);
      // What wrk left in the queue is answered by servers that do not see it hang up: not on the time measured.
      await post(load.url, load.body, PATIENCE_S * 1000);
      return wrk(load, load.measureMs);
    },
  };
}

/** One request; status 0 where there was no answer. */
export async function post(
  url: string,
  { bytes, headers }: Body,
  limitMs: number,
): Promise<{ status: number; text: string }> {
  try {
    const init = { method: 'POST', headers, body: new Uint8Array(bytes) };
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(limitMs) });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

async function findWrk(): Promise<{ file: string | null; problem: string }> {
  const found = findOnPath('wrk');
  if (found) return { file: found, problem: '' };
  if (!canInstall()) {
    const how = hasApt() ? `; ${installCommand(['wrk'])}` : '';
    return { file: null, problem: `is not on the path${how}` };
  }
  const failure = await installPackages(['wrk'], 'the load generator of the serving benchmark');
  return { file: findOnPath('wrk'), problem: `could not be installed: ${failure}` };
}

function ownLoad({ url, body, clients, measureMs }: Load): Promise<LoadResult> {
  const { port, pathname } = new URL(url);
  return closedLoad({
    ...{ port: Number(port), path: pathname, bodies: [body.bytes], headers: body.headers },
    ...{ clients, warmUpMs: WARM_UP * measureMs, measureMs },
  });
}

/** The environment of conformance/triton, made there or here. */
export async function tritonClient(scratch: string): Promise<TritonClient | { problem: string }> {
  const found = await ensurePython();
  if (!found.executable) return { problem: found.problem ?? 'there is no Python' };
  const requirements = join(repoRoot, 'conformance', 'triton', 'requirements.txt');
  const { python, problem } = await ensureEnvironment(found.executable, requirements);
  if (!python) return { problem: problem ?? 'its packages could not be installed' };
  const script = join(repoRoot, 'bench', 'serving', 'triton_load.py');
  return {
    async load({ protocol, address, model, clients, measureMs }) {
      const row = join(scratch, 'row');
      writeFileSync(row, new Uint8Array(packed(model.datatype, rowOf(model, 0)).buffer));
      const { datatype, shape } = model;
      const input = { name: INPUT, datatype, shape: [1, ...shape], file: row };
      const seconds = { warmSeconds: (WARM_UP * measureMs) / 1000, seconds: measureMs / 1000 };
      const plan = { protocol, address, model: model.name, input, clients, ...seconds };
      const limitMs = 2 * measureMs + PATIENCE_S * 1000;
      return JSON.parse(lastLine(await outputOf(python, [script, JSON.stringify(plan)], limitMs)));
    },
  };
}

function outputOf(file: string, args: readonly string[], limitMs: number): Promise<string> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (part) => out.push(part));
  child.stderr.on('data', (part) => {
    errors = `${errors}${part}`.slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      started.delete(child);
      const text = Buffer.concat(out).toString();
      if (code === 0) resolve(text);
      else reject(new Error(`${file} ended with ${code}: ${errors || text.slice(-500)}`));
    });
  });
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
