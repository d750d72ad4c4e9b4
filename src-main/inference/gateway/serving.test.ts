/** What serving is for: the sample's real models, batched, split and tapped, by the real processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  clientOf,
  echoModel,
  type Failure,
  goldenRequest,
  lookupModel,
  meanModel,
  readGolden,
  rowsOfFour,
} from '../testing/client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, type Stack, sampleFile, settled, startStack, until } from '../testing/stack.ts';

let stack: Stack;
const { post, infer, refused } = clientOf(() => stack);
const golden = readGolden();
const oneRow = goldenRequest(golden, golden.rows.slice(0, 1));

beforeAll(async () => {
  stack = await startStack();
  const prediction = { label: 'label', score: { output: 'probabilities', index: 1 }, threshold: 0.5 };
  stack.apply({
    models: [
      stack.model('delay', '1', sampleFile('resources/sample/models/delay-v1.onnx'), { prediction }),
      stack.model('delay', '2', sampleFile('resources/sample/models/delay-v2.onnx'), { prediction }),
      stack.model('custom', '1', sampleFile('e2e/fixtures/models/custom-shape.onnx')),
      stack.model('fixed', '1', echoModel(ONNX.FP32, [2, 2])),
      stack.model('lookup', '1', lookupModel()),
      stack.model('mean', '1', meanModel()),
    ],
    endpoints: [
      endpoint('delay', [], {
        logging: true,
        arms: [
          { key: 'control', version: '1', weight: 8_000 },
          { key: 'challenger', version: '2', weight: 2_000 },
        ],
      }),
      endpoint('custom', ['1'], { logging: true }),
      ...['fixed', 'lookup', 'mean'].map((name) => endpoint(name, ['1'])),
    ],
  });
  await settled(stack);
});
afterAll(() => stack.close());

describe('the sample models', () => {
  it.each(['1', '2'])('version %s answers as expected, row by row and all at once', async (version) => {
    const path = `/v2/models/delay/versions/${version}/infer`;
    const whole = (await post(path, goldenRequest(golden, golden.rows))).json as Answer;
    const single = await Promise.all(
      golden.rows.map(async (row) => (await post(path, goldenRequest(golden, [row]))).json as Answer),
    );
    const read = (answer: Answer, name: string) =>
      answer.outputs.find((output) => output.name === name)?.data ?? [];
    golden.rows.forEach((row, at) => {
      const expected = row.expected[version];
      const alone = single[at] as Answer;
      expect(read(alone, 'label')).toEqual([expected?.label]);
      expect(read(whole, 'label')[at]).toBe(expected?.label);
      for (const column of [0, 1]) {
        const probability = Number(read(alone, 'probabilities')[column]);
        const probable = expected?.probabilities[column] ?? Number.NaN;
        expect(Math.abs(probability - probable)).toBeLessThan(golden.tolerance);
        expect(read(whole, 'probabilities')[at * 2 + column]).toBeCloseTo(probability, 6);
      }
    });
  });
});

describe('batching', () => {
  const counters = async (model: string) => {
    const text = await (await fetch(stack.url('/metrics'))).text();
    const read = (metric: string) =>
      Number(new RegExp(`${metric}\\{model="${model}".*\\} (\\d+)`).exec(text)?.[1] ?? 0);
    return { requests: read('nv_inference_request_success'), batches: read('nv_inference_exec_count') };
  };

  it('runs requests of several clients together and gives each its own rows', async () => {
    const before = await counters('custom');
    const alone = await Promise.all([1, 2, 3].map((n) => infer('custom', rowsOfFour([[n, n, n, n]]))));
    expect(new Set(alone.map(({ answer }) => answer.outputs[0]?.data[0])).size).toBe(3);
    const many = await Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        infer('custom', rowsOfFour([[(at % 3) + 1, (at % 3) + 1, (at % 3) + 1, (at % 3) + 1]])),
      ),
    );
    many.forEach(({ answer }, at) => {
      expect(answer.outputs[0]?.data[0]).toBeCloseTo(Number(alone[at % 3]?.answer.outputs[0]?.data[0]), 5);
    });
    const after = await counters('custom');
    const requests = after.requests - before.requests;
    expect(requests).toBe(303);
    expect(after.batches - before.batches).toBeLessThan(requests / 2);
  });
  it('lets a poisoned request fail alone', async () => {
    const one = (i: number) => ({ inputs: [{ name: 'i', shape: [1], datatype: 'INT64', data: [i] }] });
    const values = Array.from({ length: 40 }, (_, at) => (at === 17 ? 99 : at % 4));
    const results = await Promise.all(values.map((i) => post('/v2/models/lookup/infer', one(i))));
    results.forEach(({ status, json }, at) => {
      if (at === 17) {
        expect(status).toBe(500);
        expect((json as Failure).code).toBe('LATHE_SERVING_RUN_FAILED');
        expect((json as Failure).cause).toContain('out of data bounds');
      } else expect((json as Answer).outputs[0]?.data).toEqual([((at % 4) + 1) * 10]);
    });
  });
  it('never mixes rows when a model does not keep them apart', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        infer('mean', { inputs: [{ name: 'v', shape: [2, 1], datatype: 'FP32', data: [at, at + 2] }] }),
      ),
    );
    results.forEach(({ answer }, at) => {
      expect(answer.outputs[0]).toMatchObject({ shape: [], data: [at + 1] });
    });
  });
  it('cuts a request that is larger than a batch, and answers it whole', async () => {
    const before = await counters('custom');
    const rows = Array.from({ length: 5_000 }, (_, at) => [at, 1, 2, 3]);
    const { answer } = await infer('custom', rowsOfFour(rows));
    const some = await Promise.all(
      [0, 2_500, 4_999].map((at) => infer('custom', rowsOfFour([rows[at] ?? []]))),
    );
    const width = (answer.outputs[0]?.data.length ?? 0) / 5_000;
    expect(answer.outputs[0]?.shape[0]).toBe(5_000);
    [0, 2_500, 4_999].forEach((at, index) => {
      const found = answer.outputs[0]?.data.slice(at * width, (at + 1) * width).map(Number) ?? [];
      const alone = some[index]?.answer.outputs[0]?.data.map(Number) ?? [];
      found.forEach((value, column) => {
        expect(value).toBeCloseTo(alone[column] ?? Number.NaN, 5);
      });
    });
    const after = await counters('custom');
    // 64 rows a batch; more than may wait at once, but alone it may pass.
    expect(after.batches - before.batches).toBeGreaterThanOrEqual(78);
    expect(after.requests - before.requests).toBe(4);
  });
  it('shows a request whole to a model that does not answer row by row', async () => {
    const data = Array.from({ length: 200 }, (_, at) => at);
    const { answer } = await infer('mean', {
      inputs: [{ name: 'v', shape: [200, 1], datatype: 'FP32', data }],
    });
    expect(answer.outputs[0]).toMatchObject({ shape: [], data: [99.5] });
  });
  it('runs models without a free first dimension one request at a time', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        infer('fixed', { inputs: [{ name: 'v', shape: [2, 2], datatype: 'FP32', data: [at, 1, 2, 3] }] }),
      ),
    );
    results.forEach(({ answer }, at) => {
      expect(answer.outputs[0]?.data).toEqual([at, 1, 2, 3]);
    });
  });
  it('tells the live view what went through', async () => {
    await infer('custom', rowsOfFour([[1, 1, 1, 1]]));
    await until('a second with requests', () =>
      stack.stats().some((arm) => arm.endpoint === 'custom' && arm.requests > 0),
    );
    const second = stack.stats().find((arm) => arm.endpoint === 'custom' && arm.requests > 0);
    expect(second?.p50Ms).toBeGreaterThan(0);
    expect(second?.p99Ms).toBeGreaterThanOrEqual(second?.p50Ms ?? 0);
    expect(second?.batches).toBeGreaterThan(0);
    // Buckets and counts in turn, a value per batch.
    const counts = second?.rowTimes.filter((_, at) => at % 2 === 1) ?? [];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(second?.batches);
    expect(second?.batchSizes.reduce((sum, count) => sum + count, 0)).toBe(second?.batches);
  });
  it('tells the live view what was refused, and why', async () => {
    const { inputs } = rowsOfFour([[1, 1, 1, 1]]);
    const hurried = { inputs, parameters: { timeout: 1 } };
    const wrong = { inputs: inputs.map((input) => ({ ...input, datatype: 'INT64' })) };
    expect(await refused('custom', hurried)).toMatch(/^503 LATHE_SERVING_(OVERLOADED|QUEUE_TIMEOUT)$/);
    expect(await refused('custom', wrong)).toBe('400 LATHE_SERVING_INPUT_TYPE');
    const sums = () => {
      const own = stack.stats().filter((arm) => arm.endpoint === 'custom');
      return {
        late: own.reduce((sum, { refused }) => sum + refused.late + refused.expired, 0),
        errors: own.reduce((sum, { errors }) => sum + errors, 0),
        invalid: own.reduce((sum, { invalid }) => sum + invalid, 0),
      };
    };
    await until('both are counted', () => sums().invalid > 0 && sums().errors > 0);
    expect(sums()).toEqual({ late: 1, errors: 1, invalid: 1 });
  });
});

describe('the split', () => {
  it('is sticky by unit, and forced by the header', async () => {
    const row = oneRow;
    const armOf = async (unit: string) =>
      (await infer('delay', { ...row, parameters: { lathe_unit: unit } })).answer.parameters.lathe_arm;
    const first = await Promise.all(Array.from({ length: 60 }, (_, at) => armOf(`unit-${at}`)));
    const again = await Promise.all(Array.from({ length: 60 }, (_, at) => armOf(`unit-${at}`)));
    expect(again).toEqual(first);
    expect(new Set(first)).toEqual(new Set(['control', 'challenger']));
    const unit = `unit-${first.indexOf('challenger')}`;
    const byHeader = await infer('delay', row, { 'x-lathe-unit': unit });
    expect(byHeader.headers.get('x-lathe-route')).toBe('challenger@2');
    const forced = await infer('delay', row, { 'x-lathe-force-arm': 'challenger' });
    expect(forced.answer.model_version).toBe('2');
    expect(await refused('delay', row, { 'x-lathe-force-arm': 'nobody' })).toBe('400 LATHE_INPUT_INVALID');
  });
});

describe('the tap', () => {
  it('tells monitoring what was served, row by row', async () => {
    const row = oneRow;
    const parameters = { lathe_unit: 'flight-7', lathe_event_ms: 1_700_000_000_000 };
    const { answer } = await infer('delay', { id: 'tapped', ...row, parameters });
    await infer('custom', {
      id: 'rows',
      ...rowsOfFour([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ]),
    });
    await until('the rows arrive', () => stack.predictions().some((row) => row.id === 'rows#1'));
    const tapped = stack.predictions().find((prediction) => prediction.id === 'tapped');
    expect(tapped).toMatchObject({ endpoint: 'delay', unit: 'flight-7', eventMs: 1_700_000_000_000 });
    expect(tapped?.arm).toBe(answer.parameters.lathe_arm);
    expect(tapped?.version).toBe(answer.model_version);
    const label = answer.outputs.find((output) => output.name === 'label')?.data[0];
    const score = answer.outputs.find((output) => output.name === 'probabilities')?.data[1];
    expect(tapped?.label).toBe(String(label));
    expect(tapped?.score).toBeCloseTo(Number(score), 6);
    for (const input of row.inputs) expect(tapped?.features[input.name]).toEqual(input.data[0]);
    const second = stack.predictions().find((prediction) => prediction.id === 'rows#1');
    expect(second?.features).toEqual({ 'x[0]': 5, 'x[1]': 6, 'x[2]': 7, 'x[3]': 8 });
  });
});
