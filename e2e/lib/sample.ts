/** What the sample workspace holds, and requests on it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../../src-main/contract/serving.ts';
import type { App } from './app.ts';
import { until } from './processes.ts';

type Golden = {
  tolerance: number;
  inputs: { name: string; datatype: string }[];
  rows: { inputs: Record<string, unknown>; expected: Record<string, { probabilities: number[] }> }[];
};

export const VIEWS = [
  ['Overview', '/'],
  ['Experiments', '/experiments'],
  ['Datasets', '/datasets'],
  ['Models', '/models'],
  ['Serving', '/serving'],
  ['Monitoring', '/monitoring'],
  ['Alerts', '/alerts'],
  ['Activity', '/activity'],
  ['Trash', '/trash'],
  ['Settings', '/settings'],
] as const;

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/sample/golden.json'), 'utf8'),
) as Golden;

/** The seeded endpoint, once every arm answers. */
export function readyEndpoint(app: App): Promise<Endpoint> {
  return until('the sample endpoint', async () => {
    const [endpoint] = await app.call((rpc) => rpc.serving.list());
    return endpoint?.url && endpoint.arms.every(({ state }) => state === 'ready') ? endpoint : null;
  });
}

/** Posts golden row `at`; resolves with the answer, or null when the server is away. */
export async function infer(
  url: string,
  id: string,
  at = 0,
): Promise<{ status: number; body: Record<string, unknown> } | null> {
  const inputs = golden.inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [1, 1],
    data: [golden.rows[at]?.inputs[name]],
  }));
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, inputs }),
      signal: AbortSignal.timeout(5_000),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    return null;
  }
}

/** Probability of a delay that training wrote down for golden row `at` and this version. */
export const expectedProbability = (version: string, at = 0): number =>
  golden.rows[at]?.expected[version]?.probabilities[1] ?? Number.NaN;
