/** Bad input at the real engine, gateway and runner: its code, its remedy, and nothing else disturbed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { routeOf } from '../../../contract/serving-route.ts';
import { UPLOAD_CHUNK_BYTES } from '../../../contract/uploads.ts';
import { openTestEngine, type TestEngine, until } from '../../testing-engine.ts';

// Real processes on a machine that does other things as well: the limits inside say what must be quick.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const fixtures = fileURLToPath(new URL('../../../../e2e/fixtures/', import.meta.url));
const sample = fileURLToPath(new URL('../../../../resources/sample/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lathe-bad-input-'));
/** Another program that has the port. */
const squatter = createServer();
let running: TestEngine;
let api: TestEngine['api'];
let taken = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  taken = (squatter.address() as AddressInfo).port;
  running = await openTestEngine(join(folder, 'workspace'), { sample: true });
  api = running.api;
  await running.engine.ready;
  await until('the sample', async () => (await api.workspace.hello()).workspace.sample, 90_000);
  await api.replay.pause();
});
afterAll(async () => {
  await running.close();
  squatter.close();
  rmSync(folder, { recursive: true, force: true });
});

async function upload(file: string): Promise<string> {
  const bytes = readFileSync(file);
  const { uploadId } = await api.uploads.begin({
    fileName: file.split('/').at(-1) as string,
    size: bytes.length,
  });
  for (let offset = 0; offset < bytes.length; offset += UPLOAD_CHUNK_BYTES)
    await api.uploads.chunk({
      uploadId,
      offset,
      base64: bytes.subarray(offset, offset + UPLOAD_CHUNK_BYTES).toString('base64'),
    });
  return uploadId;
}
const code = (value: string) => ({
  code: value,
  data: expect.objectContaining({ remedy: expect.stringMatching(/\w/) }),
});
const temporaries = () => readdirSync(join(folder, 'workspace', 'blobs', 'tmp'));

describe('models', () => {
  it.each([
    ['not-onnx.onnx', 'LATHE_MODELS_NOT_ONNX'],
    ['truncated.onnx', 'LATHE_MODELS_NOT_ONNX'],
    ['unsupported-operator.onnx', 'LATHE_MODELS_UNSUPPORTED_OPERATOR'],
  ])('%s is refused, and leaves nothing', async (file, expected) => {
    const uploadId = await upload(`${fixtures}models/${file}`);
    await expect(api.models.import({ uploadId, name: 'bad' })).rejects.toMatchObject(code(expected));
    expect((await api.models.list()).map(({ name }) => name)).toEqual(['flight-delay']);
    expect(temporaries()).toEqual([]);
  });

  it('a good one is tried in the runner, registered and served under a name of its own', async () => {
    const uploadId = await upload(`${fixtures}models/custom-shape.onnx`);
    await api.models.import({ uploadId, name: 'custom' });
    await api.serving.create({ name: 'mine', model: 'custom', version: '1' });
    await until(
      'ready',
      async () => (await api.serving.get({ name: 'mine' })).arms[0]?.state === 'ready',
      10_000,
    );
    const { url } = await api.serving.get({ name: 'mine' });
    const body = { inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', data: [1, 2, 3, 4] }] };
    const response = await fetch(url as string, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-lathe-route')).toBe('main@1');
    await expect(
      api.serving.setRoute({
        name: 'mine',
        revision: 1,
        route: {
          ...routeOf(await api.serving.get({ name: 'mine' })),
          arms: [{ key: 'a', version: '2', weight: 10_000 }],
        },
        reason: '',
      }),
    ).rejects.toMatchObject(code('LATHE_SERVING_SPLIT_INVALID'));
    await api.serving.remove({ name: 'mine', revision: 1 });
    await until(
      'it is gone',
      async () => (await fetch(url as string, { method: 'POST', body: JSON.stringify(body) })).status === 404,
      5_000,
    );
  });
});

describe('replay files', () => {
  it.each([
    [`${fixtures}data/not-parquet.parquet`, 'LATHE_REPLAY_NOT_PARQUET'],
    [`${fixtures}data/other-columns.parquet`, 'LATHE_REPLAY_COLUMNS'],
  ])('%s is refused, and the present replay stays', async (file, expected) => {
    const before = await api.replay.status();
    const refused = api.replay.useFile({ uploadId: await upload(file), endpoint: 'flight-delay' });
    await expect(refused).rejects.toMatchObject(code(expected));
    expect(await api.replay.status()).toEqual(before);
    expect(temporaries()).toEqual([]);
  });

  it('a good one takes the place of the present one, rewound', async () => {
    const uploadId = await upload(`${sample}flights.parquet`);
    const status = await api.replay.useFile({ uploadId, endpoint: 'flight-delay' });
    expect(status).toMatchObject({ state: 'idle', source: 'flights.parquet', total: 327_346, sent: 0 });
    await expect(api.replay.useFile({ uploadId, endpoint: 'flight-delay' })).rejects.toMatchObject(
      code('LATHE_NOT_FOUND'),
    );
    await api.replay.setSpeed({ speed: 86_400 });
    expect((await api.replay.start()).state).toBe('running');
    await until('rows', async () => (await api.replay.status()).sent > 100, 60_000);
    const rewound = await api.replay.rewind();
    expect(rewound.sent).toBeLessThan(100);
    expect(rewound.state).toBe('running');
    await until('rows again', async () => (await api.replay.status()).sent > 0, 60_000);
    expect((await api.replay.pause()).state).toBe('paused');
  });
});

describe('a port that another program has', () => {
  it('is said where people look, and another port in Settings mends it without a restart', async () => {
    const { revision } = await api.settings.get();
    const pid = running.host.pidOf('gateway');
    await api.settings.update({ revision, patch: { ports: { inferenceHttp: taken } } });
    const found = async () =>
      (await api.overview.summary()).attention.find(
        ({ error }) => error?.code === 'LATHE_SERVING_PORT_IN_USE',
      );
    await until('the attention', async () => (await found()) !== undefined, 60_000);
    expect(await found()).toMatchObject({ level: 'critical', href: '/settings' });
    const service = (await api.workspace.services()).find(({ id }) => id === 'gateway');
    expect(service?.error?.code).toBe('LATHE_SERVING_PORT_IN_USE');
    expect((await api.serving.get({ name: 'flight-delay' })).url).toBeNull();
    await api.settings.update({ revision: revision + 1, patch: { ports: { inferenceHttp: 0 } } });
    await until('a url', async () => (await api.serving.get({ name: 'flight-delay' })).url !== null, 60_000);
    expect(await found()).toBeUndefined();
    expect(running.host.pidOf('gateway')).toBe(pid);
  });

  it('is taken as soon as it is free', async () => {
    const { revision } = await api.settings.get();
    await api.settings.update({ revision, patch: { ports: { inferenceHttp: taken } } });
    await until('no url', async () => (await api.serving.get({ name: 'flight-delay' })).url === null, 60_000);
    await new Promise((resolve) => squatter.close(resolve));
    const expected = `http://127.0.0.1:${taken}/v2/models/flight-delay/infer`;
    await until(
      'the chosen port',
      async () => (await api.serving.get({ name: 'flight-delay' })).url === expected,
      10_000,
    );
  });
});
