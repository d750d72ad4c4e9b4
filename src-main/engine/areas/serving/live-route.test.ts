/** Routes of the sample changed under load, at the real engine, gateway and runner: nobody fails, nobody is misled. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { routeOf } from '../../../contract/serving-route.ts';
import { openTestEngine, type TestEngine, until } from '../../testing-engine.ts';

// Real processes on a machine that does other things as well.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const ENDPOINT = 'flight-delay';
const folder = mkdtempSync(join(tmpdir(), 'lathe-live-route-'));
const workspace = join(folder, 'workspace');
let running: TestEngine;
let api: TestEngine['api'];
let url = '';

type Golden = {
  inputs: { name: string; datatype: string }[];
  rows: {
    inputs: Record<string, number | string | null>;
    expected: Record<string, { probabilities: number[] }>;
  }[];
};
const golden = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../../resources/sample/golden.json', import.meta.url)), 'utf8'),
) as Golden;

const ready = () =>
  until(
    'every arm is ready',
    async () => (await api.serving.get({ name: ENDPOINT })).arms.every(({ state }) => state === 'ready'),
    60_000,
  );

beforeAll(async () => {
  running = await openTestEngine(workspace, { sample: true });
  api = running.api;
  await running.engine.ready;
  await until('the sample', async () => (await api.workspace.hello()).workspace.sample, 90_000);
  await api.replay.pause();
  await ready();
  url = (await api.serving.get({ name: ENDPOINT })).url as string;
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

/** All traffic to one version, under whatever arm. */
async function routeTo(version: string, revision: number): Promise<number> {
  const route = { ...routeOf(await api.serving.get({ name: ENDPOINT })), shadow: null };
  const arms = [{ key: 'main', version, weight: 10_000 }];
  const reason = `all to ${version}`;
  return (await api.serving.setRoute({ name: ENDPOINT, revision, route: { ...route, arms }, reason }))
    .revision;
}

async function ask(at: number) {
  const row = golden.rows[at % golden.rows.length] as Golden['rows'][number];
  const inputs = golden.inputs.map(({ name, datatype }) => ({
    ...{ name, datatype, shape: [1, 1], data: [row.inputs[name] ?? null] },
  }));
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ inputs }) });
  const json = (await response.json()) as {
    model_version: string;
    outputs?: { name: string; data: number[] }[];
  };
  const probability = json.outputs?.find(({ name }) => name === 'probabilities')?.data[1] ?? Number.NaN;
  const version = json.model_version;
  const right = Math.abs(probability - (row.expected[version]?.probabilities[1] ?? Number.NaN)) < 1e-4;
  return { status: response.status, version, right, json };
}

describe('a route that is changed by the engine every 200 ms', () => {
  it('fails none of 64 clients, and every answer is by the version that it names', async () => {
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    let on = true;
    const clients = Promise.all(
      Array.from({ length: 64 }, async (_, id) => {
        for (let n = id; on; n += 64) answers.push(await ask(n));
      }),
    );
    let { revision } = await api.serving.get({ name: ENDPOINT });
    // Each change takes the version before out of memory once the new one is in it.
    for (let flip = 0; flip < 20; flip++) {
      revision = await routeTo(flip % 2 === 0 ? '2' : '1', revision);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    on = false;
    await clients;
    expect(answers.filter(({ status, right }) => status !== 200 || !right)).toEqual([]);
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['1', '2']));
  });

  it('keeps its last good version over restarts when the new one is corrupt, and says so', async () => {
    let { revision } = await api.serving.get({ name: ENDPOINT });
    revision = await routeTo('1', revision);
    await ready();
    await until(
      'version 2 is out of memory',
      async () => {
        const held = await api.serving.held();
        return held.models.every(({ version }) => version === '1');
      },
      30_000,
    );
    const { sha256 } = await api.models.version({ name: 'flight-delay', version: '2' });
    const file = readdirSync(join(workspace, 'blobs'), { recursive: true, encoding: 'utf8' }).find((path) =>
      path.endsWith(sha256 as string),
    ) as string;
    const path = join(workspace, 'blobs', file);
    const whole = readFileSync(path);
    chmodSync(path, 0o644);
    writeFileSync(path, whole.subarray(0, 1_000));
    try {
      revision = await routeTo('2', revision);
      const failed = async () => (await api.serving.get({ name: ENDPOINT })).arms[0]?.state === 'failed';
      await until('it has failed', failed, 60_000);
      expect((await api.serving.get({ name: ENDPOINT })).arms).toMatchObject([
        { version: '2', serving: '1', error: { code: expect.stringMatching(/^LATHE_MODELS_/) } },
      ]);
      expect(await ask(1)).toMatchObject({ status: 200, version: '1', right: true });
      process.kill(running.host.pidOf('gateway'), 'SIGKILL');
      await until('it is served again', async () => (await ask(2).catch(() => null))?.status === 200, 60_000);
      expect(await ask(3)).toMatchObject({ version: '1', right: true });
    } finally {
      writeFileSync(path, whole);
    }
    const to = (await api.serving.history({ name: ENDPOINT }))[1]?.revision as number;
    const back = await api.serving.rollback({ name: ENDPOINT, revision, to, reason: 'it is corrupt' });
    expect(back.arms).toMatchObject([{ version: '1' }]);
    await until(
      'all is as it was',
      async () => {
        const { arms } = await api.serving.get({ name: ENDPOINT });
        return arms[0]?.state === 'ready' && arms[0].serving === '1' && arms[0].error === null;
      },
      30_000,
    );
  });
});
