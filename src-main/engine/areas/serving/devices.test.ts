/** What a workspace makes of findings. The findings are played; the gateway's end of the link is real. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Provider, ProviderFinding } from '../../../contract/devices.ts';
import type { Prober } from '../../../platform/devices/prober.ts';
import { readFrames, writeFrame } from '../../../platform/frames.ts';
import type { DesiredState, DeviceOrder, EngineToGateway, GatewayStart } from '../../../platform/link.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { until } from '../../testing-engine.ts';
import { createSettingsArea, type SettingsService } from '../settings/index.ts';
import { createServingService, type ServingService } from './serving.service.ts';

let context: TestContext;
let serving: ServingService;
let settings: SettingsService;
let socket: Socket;
let state: DesiredState | null;

const finding = (provider: Provider, works: boolean): ProviderFinding => ({
  provider,
  state: works ? 'usable' : 'unusable',
  reason: works ? 'It is fast.' : 'It is not there.',
  problems: [],
  device: null,
  memoryBytes: null,
  driver: null,
  trial: null,
});

/** Finds CUDA or not, as `hasCuda` says at the time; remembers nothing unless told to. */
class FakeProber implements Prober {
  hasCuda = false;
  knows = false;
  probes = 0;
  found = () => ({
    fingerprint: 'f',
    triedMs: 7,
    findings: [finding('cuda', this.hasCuda), finding('webgpu', false), finding('cpu', true)],
  });
  remembered = () => (this.knows ? this.found() : null);
  probe = async () => {
    this.probes += 1;
    return this.found();
  };
  libraries = () => ['/where/cuda/is'];
}
let prober: FakeProber;

beforeEach(async () => {
  prober = new FakeProber();
  state = null;
  context = await openTestContext();
  const { sha256 } = await context.blobs.put(Buffer.from('a model'));
  context.db.exec("INSERT INTO registered_model(uuid, name, created_ms, updated_ms) VALUES ('u', 'm', 1, 1)");
  ({ settings } = createSettingsArea(context, { ports: {} }));
  const prediction = { label: null, score: null, threshold: 0.5 };
  const version = { sha256, notServable: null, inputs: [], outputs: [], prediction };
  serving = createServingService(context, {
    findVersion: () => version,
    activities: { record: () => {} },
    versionsOf: () => ['1'],
    settings,
    prober,
  });
  serving.create({ name: 'e', model: 'm', version: '1' });
});
afterEach(async () => {
  socket?.destroy();
  await serving.close();
  await context.close();
});

/** Starts, and hears what the gateway is told. */
async function start(): Promise<void> {
  await serving.start();
  const gateway = context.host.ensured.find(({ id }) => id === 'gateway');
  if (!gateway) throw new Error('no gateway was asked for');
  const { engineSocket, nonce } = gateway.start as GatewayStart;
  socket = connect(engineSocket);
  socket.on('error', () => {});
  readFrames<EngineToGateway>(socket, ({ header }) => {
    if (header.type === 'state') state = header.state;
  });
  await once(socket, 'connect');
  writeFrame(socket, { type: 'hello', nonce, pid: 1 });
}
const ordered = (expected: DeviceOrder) =>
  until(
    JSON.stringify(expected),
    () => JSON.stringify(state?.models[0]?.device) === JSON.stringify(expected),
    2_000,
  );
const runners = () => context.host.ensured.filter(({ entry }) => entry === 'runner');
const CPU: DeviceOrder = { provider: 'cpu', fallback: false, refused: null };
const CUDA: DeviceOrder = { provider: 'cuda', fallback: true, refused: null };

describe('devices', () => {
  it('are the CPU until something was tried, and say so', async () => {
    await start();
    await ordered(CPU);
    expect(serving.devices()).toMatchObject({
      tried: false,
      trying: true,
      findings: [],
      chosen: { provider: 'cpu', reason: 'The devices have not been tried yet.' },
    });
  });

  it('are recalled at the start, and the runner is started where it finds what it needs', async () => {
    Object.assign(prober, { knows: true, hasCuda: true });
    await start();
    await ordered(CUDA);
    expect(runners().map(({ libraries }) => libraries)).toEqual([['/where/cuda/is']]);
    expect(prober.probes).toBe(0);
    expect(serving.devices()).toMatchObject({ tried: true, trying: false, triedMs: 7, wish: 'auto' });
  });

  it('that are found later move the models, with a runner that finds what it needs', async () => {
    prober.knows = true;
    await start();
    await ordered(CPU);
    expect(runners().map(({ libraries }) => libraries)).toEqual([[]]);
    prober.hasCuda = true;
    expect((await serving.reprobe()).chosen).toEqual({ provider: 'cuda', reason: 'It is fast.' });
    await ordered(CUDA);
    expect(context.host.stopped).toEqual(['runner:cpu-0']);
    expect(runners().map(({ libraries }) => libraries)).toEqual([[], ['/where/cuda/is']]);
    // Nothing new: the runner stays.
    await serving.reprobe();
    expect(runners()).toHaveLength(2);
    prober.hasCuda = false;
    await serving.reprobe();
    await ordered(CPU);
    expect(runners().at(-1)?.libraries).toEqual([]);
  });

  it('are what Settings say, and before that what the model’s tuning says', async () => {
    Object.assign(prober, { knows: true, hasCuda: true });
    await start();
    settings.update(0, { serving: { provider: 'cpu' } });
    await ordered(CPU);
    expect(serving.devices()).toMatchObject({ wish: 'cpu', chosen: { provider: 'cpu' } });
    const { tuning } = serving.tuning('m');
    serving.setTuning({ model: 'm', revision: 0, tuning: { ...tuning, provider: 'auto' } });
    await ordered(CUDA);
    serving.setTuning({ model: 'm', revision: 1, tuning: { ...tuning, provider: 'webgpu' } });
    await ordered({ provider: 'webgpu', fallback: false, refused: 'It is not there' });
    serving.setTuning({ model: 'm', revision: 2, tuning: { ...tuning, provider: null } });
    await ordered(CPU);
  });

  it('that cannot be tried leave the findings as they were', async () => {
    Object.assign(prober, { knows: true, hasCuda: true });
    await start();
    prober.probe = () => Promise.reject(new Error('no more processes'));
    await expect(serving.reprobe()).rejects.toThrow('no more processes');
    expect(serving.devices()).toMatchObject({ tried: true, trying: false, chosen: { provider: 'cuda' } });
    await ordered(CUDA);
  });
});
