/** A canary on the real engine, gateway and runner: a candidate that fails is taken back by itself, one that does well climbs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CanaryPlan } from '../../../contract/serving-route.ts';
import { openTestEngine, type TestEngine, until } from '../../testing-engine.ts';

// Real processes on a machine that does other things as well.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** As inference/testing/onnx-file.ts writes them: y = number(i), and y = [0, 1, 2, 3][i], which fails from 4 on. */
const ANY =
  'CAgSCmxhdGhlLXRlc3Q6RAoXCgFpEgF5IgRDYXN0KgkKAnRvGAGgAQISBWdyYXBoWhAKAWkSCwoJCAcSBQoDEgFOYhAKAXkSCwoJCAESBQoDEgFOQgQKABAR';
const UP_TO_3 =
  'CAgSCmxhdGhlLXRlc3Q6YQoVCgV0YWJsZQoBaRIBeSIGR2F0aGVyEgVncmFwaCodCAQQAUIFdGFibGVKEAAAAAAAAIA/AAAAQAAAQEBaEAoBaRILCgkIBxIFCgMSAU5iEAoBeRILCgkIARIFCgMSAU5CBAoAEBE=';

const folder = mkdtempSync(join(tmpdir(), 'lathe-live-canary-'));
let running: TestEngine;
let api: TestEngine['api'];

beforeAll(async () => {
  running = await openTestEngine(join(folder, 'workspace'));
  api = running.api;
  await running.engine.ready;
  for (const base64 of [ANY, UP_TO_3]) {
    const bytes = Buffer.from(base64, 'base64');
    const { uploadId } = await api.uploads.begin({ fileName: 'm.onnx', size: bytes.length });
    await api.uploads.chunk({ uploadId, offset: 0, base64 });
    await api.models.import({ uploadId, name: 'm' });
  }
  await api.serving.create({ name: 'e', model: 'm', version: '1' });
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

const plan: CanaryPlan = {
  kind: 'canary',
  champion: 'main',
  candidate: 'next',
  steps: [2_000, 5_000],
  holdSeconds: 3,
  minRequests: 20,
  windowSeconds: 1,
  guardrails: { errorRate: { margin: 0.01, confidence: 0.99 }, latency: null },
  atEnd: 'promote',
};

/** Clients that ask until told to stop: numbers up to `largest`, each a unit of its own. */
function load(url: string, largest: number) {
  const statuses: number[] = [];
  let on = true;
  const work = Promise.all(
    Array.from({ length: 8 }, async (_, id) => {
      for (let n = id; on; n += 8) {
        const inputs = [{ name: 'i', datatype: 'INT64', shape: [1], data: [n % (largest + 1)] }];
        const headers = { 'x-lathe-unit': `u${n}` };
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ inputs }) });
        await response.arrayBuffer();
        statuses.push(response.status);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }),
  );
  return {
    statuses,
    async stop() {
      on = false;
      await work;
    },
  };
}

async function start(): Promise<string> {
  await until(
    'it is served',
    async () => (await api.serving.get({ name: 'e' })).arms[0]?.state === 'ready',
    60_000,
  );
  const { revision } = await api.serving.get({ name: 'e' });
  const arms = [
    { key: 'main', version: '1', weight: 10_000 },
    { key: 'next', version: '2', weight: 0 },
  ];
  const route = { arms, mode: plan, sticky: { kind: 'unit' as const }, shadow: null };
  const set = await api.serving.setRoute({ name: 'e', revision, route, reason: 'try 2' });
  const begun = await api.serving.canary({ name: 'e', revision: set.revision, action: 'start', reason: '' });
  return begun.url as string;
}
const status = async () => (await api.serving.get({ name: 'e' })).canary?.status;

describe('a canary', () => {
  it('that fails gives everything back, and the history says on which figures', async () => {
    const { statuses, stop } = load(await start(), 100);
    await until('it is rolled back', async () => (await status()) === 'rolled-back', 60_000);
    const { arms } = await api.serving.get({ name: 'e' });
    expect(arms.map(({ weight }) => weight)).toEqual([10_000, 0]);
    expect(statuses).toContain(500);
    // From here on nobody fails, but for those that were under way.
    await until(
      'it is sent',
      async () => (await api.serving.get({ name: 'e' })).arms[0]?.serving === '1',
      5_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = statuses.length;
    await until('the load goes on', () => statuses.length > before + 200, 30_000);
    await stop();
    expect(new Set(statuses.slice(before))).toEqual(new Set([200]));
    const [last] = await api.serving.history({ name: 'e' });
    expect(last).toMatchObject({
      ...{ actor: 'canary', automatic: true },
      figures: { kind: 'canary', verdicts: [{ guardrail: 'error-rate', state: 'broken' }] },
    });
    expect((await api.activity.list({ limit: 20 })).map(({ title }) => title)).toContain(
      'The canary of e was rolled back',
    );
  });

  it('that does well climbs its steps and is promoted, and nobody fails', async () => {
    const { statuses, stop } = load(await start(), 3);
    await until('it is promoted', async () => (await status()) === 'promoted', 120_000);
    await stop();
    expect(new Set(statuses)).toEqual(new Set([200]));
    const { arms } = await api.serving.get({ name: 'e' });
    expect(arms.map(({ weight }) => weight)).toEqual([0, 10_000]);
    const steps = (await api.serving.history({ name: 'e' })).filter(({ automatic }) => automatic).slice(0, 2);
    expect(steps.map(({ route }) => route.arms[1]?.weight)).toEqual([10_000, 5_000]);
    for (const { figures } of steps)
      if (figures?.kind === 'canary') expect(figures.candidate.requests).toBeGreaterThanOrEqual(20);
  });
});
