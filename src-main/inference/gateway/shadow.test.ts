/** Shadows on the real processes: what they differ by, and that nobody notices them, however badly they do. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ShadowReport } from '../../contract/serving-route.ts';
import type { ModelSpec } from '../../platform/link.ts';
import { type Answer, clientOf, lookupModel, scaledModel } from '../testing/client.ts';
import { FOR_EVER, loopModel } from '../testing/loop-model.ts';
import { ONNX, onnxFile } from '../testing/onnx-file.ts';
import { endpoint, LIMITS, type Stack, settled, startStack, until } from '../testing/stack.ts';
import { spec } from '../testing/table-world.ts';
import { createVirtualClock } from '../testing/virtual-clock.ts';
import type { Estimate, Submission } from './batcher-types.ts';
import type { Job, JobResult } from './job.ts';
import { servedModel } from './served-model.ts';
import { createShadows } from './shadow.ts';

let stack: Stack;
const { post } = clientOf(() => stack);
afterEach(async () => {
  await stack?.close();
  stack = undefined as unknown as Stack;
});

/** y = x as a number: what `lookupModel` and `loopModel` take, answered at once. */
const cast = (name: string, shape: (number | string)[]): Buffer =>
  onnxFile({
    nodes: [{ op: 'Cast', inputs: [name], outputs: ['y'], attributes: [{ name: 'to', int: ONNX.FP32 }] }],
    inputs: [{ name, type: ONNX.INT64, shape }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape }],
  });

async function serve(primary: Buffer, shadow: Buffer, fraction = 1): Promise<ModelSpec[]> {
  stack = await startStack();
  const models = [stack.model('m', '1', primary), stack.model('m', '2', shadow)];
  stack.apply({ models, endpoints: [endpoint('m', ['1'], { shadow: { version: '2', fraction } })] });
  await settled(stack);
  return models;
}
const report = (): ShadowReport | undefined => stack.shadows().get('m');

/** One after the other, with a breath between, as it is when the device has time. */
async function ask(inputs: readonly { name: string; datatype: string; data: number[] }[], pauseMs = 10) {
  const values: unknown[] = [];
  for (const { name, datatype, data } of inputs) {
    const shape = name === 'v' ? [data.length, 1] : [data.length];
    const { status, json } = await post('/v2/models/m/infer', { inputs: [{ name, datatype, shape, data }] });
    expect(status, JSON.stringify(json)).toBe(200);
    values.push((json as Answer).outputs[0]?.data[0]);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return values;
}
const numbers = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: 'v', datatype: 'FP32', data: [at, at + 1] }));

describe('a shadow', () => {
  it('is compared row by row, counts nowhere else, and is told with the rows that differ most', async () => {
    await serve(scaledModel(2), scaledModel(3));
    expect(await ask(numbers(30))).toEqual(Array.from({ length: 30 }, (_, at) => 2 * at));
    await until('all are compared', () => report()?.compared === 30);
    expect(report()).toMatchObject({
      version: '2',
      seen: 30,
      sampled: 30,
      failed: 0,
      dropped: 0,
      lastError: null,
      outputs: [{ name: 'y', kind: 'number', rows: 60, mismatched: 0, maxAbs: 30, meanAbs: 15 }],
    });
    expect(report()?.examples[0]).toMatchObject({
      row: 1,
      primary: [60],
      shadow: [90],
      arm: 'a',
      version: '1',
    });
    const text = await (await fetch(stack.url('/metrics'))).text();
    expect(text).toMatch(/nv_inference_request_success\{model="m",version="1"\} 30/);
    expect(text).toMatch(/nv_inference_request_success\{model="m",version="2"\} 0/);
    expect(text).toMatch(/nv_inference_exec_count\{model="m",version="2"\} 0/);
    expect(new Set(stack.stats().map(({ version }) => version))).toEqual(new Set(['1']));
  });

  it('gets the fraction that was asked for, and begins anew when it is another version', async () => {
    const models = await serve(scaledModel(2), scaledModel(2), 0.25);
    await ask(numbers(80));
    // A report may be made between two answers.
    await until('all are seen and some compared', () => {
      const { seen = 0, compared = 0 } = report() ?? {};
      return seen >= 80 && compared >= 19;
    });
    expect(report()?.seen).toBe(80);
    expect(Math.abs((report()?.sampled ?? 0) - 20)).toBeLessThanOrEqual(1);
    expect(report()?.outputs[0]).toMatchObject({ maxAbs: 0, meanAbs: 0 });
    stack.apply({
      models: [...models, stack.model('m', '3', scaledModel(5))],
      endpoints: [endpoint('m', ['1'], { shadow: { version: '3', fraction: 1 } })],
    });
    await until('it is loaded', () =>
      (stack.status()?.models ?? []).some(({ key, state }) => key === 'm@3' && state === 'ready'),
    );
    await ask(numbers(5));
    await until('the new one', () => report()?.version === '3' && report()?.compared === 5);
    expect(report()?.seen).toBe(5);
  });

  it('that fails is seen by nobody who asked', async () => {
    await serve(cast('i', ['N']), lookupModel());
    const inputs = Array.from({ length: 20 }, (_, at) => ({ name: 'i', datatype: 'INT64', data: [at] }));
    expect(await ask(inputs)).toEqual(Array.from({ length: 20 }, (_, at) => at));
    await until('all are tried', () => (report()?.compared ?? 0) + (report()?.failed ?? 0) === 20);
    // Beyond the four entries of its table; what shared a batch with such a one failed with it.
    expect(report()?.failed).toBeGreaterThanOrEqual(16);
    expect(report()?.lastError?.code).toBe('LATHE_SERVING_RUN_FAILED');
    expect(stack.stats().every(({ errors }) => errors === 0)).toBe(true);
  });

  it('that never ends takes its runner with it once, and is not run again; everyone is answered', async () => {
    await serve(cast('n', [1]), loopModel());
    const pid = stack.pid('runner');
    const input = (n: number) => ({ name: 'n', datatype: 'INT64', data: [n] });
    expect(await ask([input(1), input(2), input(FOR_EVER)])).toEqual([1, 2, Math.fround(FOR_EVER)]);
    const during = Array.from({ length: 300 }, (_, at) => input(at));
    expect(await ask(during)).toEqual(during.map(({ data }) => data[0]));
    await until('it was given up', () => report()?.lastError?.code === 'LATHE_SERVING_SHADOW_STOPPED');
    expect(stack.pid('runner')).not.toBe(pid);
    const again = stack.pid('runner');
    expect(await ask([input(FOR_EVER), input(7)], 2_500)).toEqual([Math.fround(FOR_EVER), 7]);
    expect(stack.pid('runner')).toBe(again);
  });

  it("is in nobody's way under load: every answer is right, and every copy is accounted for", async () => {
    await serve(scaledModel(2), scaledModel(3));
    const endMs = performance.now() + 1_500;
    const answers: [asked: number, status: number, value: unknown][] = [];
    let asked = 0;
    const client = async () => {
      while (performance.now() < endMs) {
        const n = asked++;
        const input = { name: 'v', datatype: 'FP32', shape: [1, 1], data: [n] };
        const { status, json } = await post('/v2/models/m/infer', { inputs: [input] });
        answers.push([n, status, (json as Answer).outputs?.[0]?.data[0]]);
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    expect(answers.filter(([n, status, value]) => status !== 200 || value !== 2 * n)).toEqual([]);
    await until('all are accounted for', () => {
      const now = report();
      return now?.seen === asked && now.sampled === asked && now.compared + now.dropped === asked;
    });
    expect(report()?.compared).toBeGreaterThan(0);
  });
});

/** The device is a stand-in that says what it is told to. */
describe('the ring of copies', () => {
  function world(estimate: Estimate = { baseMs: 1, rowMs: 1, cap: 64, rowsPerSecond: 100 }) {
    const time = createVirtualClock();
    const model = { ...servedModel(spec('m', '2'), true, true), state: 'ready' as const, session: 's' };
    let idle = true;
    const begun: Submission<Job, JobResult>[][] = [];
    const shadows = createShadows({
      clock: time.clock,
      setTimer: (ms, callback) => time.at(time.nowMs() + ms, callback),
      model: () => model,
      batcher: {
        estimate: () => estimate,
        largestBatch: () => estimate.cap,
        runAside(submissions) {
          if (idle) begun.push([...submissions]);
          return idle;
        },
      },
    });
    const watched = endpoint('m', ['1'], { shadow: { version: '2', fraction: 1 } });
    shadows.apply([watched], { ...LIMITS, sloMs: 100 });
    const served = servedModel(spec('m', '1'), true, true);
    return {
      shadows,
      model,
      begun,
      setIdle: (on: boolean) => {
        idle = on;
      },
      pass(ms: number) {
        const endMs = time.nowMs() + ms;
        while (time.step(endMs));
      },
      answered(rows = 1, bytes = 100) {
        const request = { id: null, inputs: [], rows, shapeKey: 's', bytes, outputs: null };
        const of = { requestId: 'r', atMs: 0, arm: 'a', version: '1' };
        shadows.answered({ ...of, endpoint: watched, model: served, request, outputs: [] });
      },
      report: () => {
        shadows.rewind();
        return shadows.changed()[0]?.report;
      },
    };
  }
  const done: JobResult = { outputs: [], computeUs: 1, inputUs: 1, outputUs: 1 };

  it('holds a bounded number and bounded bytes, and drops the oldest', () => {
    const w = world();
    w.setIdle(false);
    for (let n = 0; n < 300; n++) w.answered();
    expect(w.report()).toMatchObject({ seen: 300, sampled: 300, dropped: 300 - 256 });
    for (let n = 0; n < 20; n++) w.answered(1, 4_000_000);
    expect(w.report()?.dropped).toBe(320 - 8);
    w.answered(1, 5_000_000);
    expect(w.report()?.dropped).toBe(321 - 8);
    w.pass(1_000);
    expect(w.begun).toEqual([]);
  });

  it('leaves in batches that are expected to take a tenth of the target at most, once nobody asks', () => {
    const w = world();
    for (let n = 0; n < 20; n++) w.answered();
    w.shadows.busy();
    w.pass(4);
    expect(w.begun).toEqual([]);
    w.pass(2);
    // 1 ms and 1 ms a row, of 10 ms.
    expect(w.begun.map((batch) => batch.length)).toEqual([9]);
    w.pass(10);
    expect(w.begun).toHaveLength(1);
    for (const { settle } of w.begun[0] ?? []) settle({ ok: true, result: done }, 0);
    w.pass(6);
    expect(w.begun.map((batch) => batch.length)).toEqual([9, 9]);
    expect(w.report()).toMatchObject({ compared: 9, dropped: 0 });
  });

  it('drops what never fits, and rests after a batch that took much longer than expected', () => {
    const w = world();
    w.answered(10);
    w.answered(9);
    w.pass(6);
    expect(w.begun.map((batch) => batch.map(({ rows }) => rows))).toEqual([[9]]);
    expect(w.report()?.dropped).toBe(1);
    w.pass(500);
    w.answered();
    w.begun[0]?.[0]?.settle({ ok: true, result: done }, 0);
    w.pass(20_000);
    expect(w.begun).toHaveLength(1);
    w.pass(10_000);
    expect(w.begun).toHaveLength(2);
  });

  it('is empty of a version that is shadow no more, or is not in memory', () => {
    const w = world();
    w.answered();
    w.shadows.apply([endpoint('m', ['1'])], LIMITS);
    w.pass(100);
    expect(w.begun).toEqual([]);
    const other = world();
    other.answered();
    Object.assign(other.model, { session: null });
    other.answered();
    other.pass(100);
    expect(other.begun).toEqual([]);
    expect(other.report()).toMatchObject({ seen: 2, sampled: 1, dropped: 1 });
  });
});
