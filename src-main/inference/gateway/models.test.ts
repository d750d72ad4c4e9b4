/** Models that come and go on the real processes: many at once, replaced, taken out under load, short of memory. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  clientOf,
  echoModel,
  type Failure,
  lookupModel,
  rowsOfFour,
  scaledModel,
} from '../testing/client.ts';
import { mlpModel, ONNX, onnxFile } from '../testing/onnx-file.ts';
import { endpoint, LIMITS, type Stack, sampleFile, settled, startStack, until } from '../testing/stack.ts';

let stack: Stack;
const { post, infer } = clientOf(() => stack);
afterEach(async () => stack?.close());

const custom = () => sampleFile('e2e/fixtures/models/custom-shape.onnx');
const one = (v: number) => ({ inputs: [{ name: 'v', shape: [1, 1], datatype: 'FP32', data: [v] }] });
const stateOf = (key: string) => stack.status()?.models.find((model) => model.key === key);

/** Clients that ask without a pause until told to stop; every answer by status and value. */
function load(name: string, clients: number) {
  const answers: { status: number; value: unknown; code: string | undefined }[] = [];
  let running = true;
  const client = async () => {
    while (running) {
      const { status, json } = await post(`/v2/models/${name}/infer`, one(1));
      const { outputs, code } = json as { outputs?: { data: unknown[] }[] } & Partial<Failure>;
      answers.push({ status, value: outputs?.[0]?.data[0], code });
    }
  };
  const work = Promise.all(Array.from({ length: clients }, client));
  return {
    answers,
    async stop() {
      running = false;
      await work;
    },
  };
}

describe('fifteen models on one device', () => {
  it('are served at once, each its own answers, all while the others are asked', async () => {
    stack = await startStack();
    const names = Array.from({ length: 15 }, (_, at) => `m${at + 1}`);
    stack.apply({
      models: names.map((name, at) => stack.model(name, '1', scaledModel(at + 1))),
      endpoints: names.map((name) => endpoint(name, ['1'])),
    });
    await settled(stack);
    const asked = await Promise.all(
      Array.from({ length: 450 }, async (_, at) => {
        const { answer } = await infer(names[at % 15] ?? '', one(at));
        return answer.outputs[0]?.data[0];
      }),
    );
    expect(asked).toEqual(Array.from({ length: 450 }, (_, at) => at * ((at % 15) + 1)));
  });
});

describe('a version that changes under load', () => {
  it('loses no request: what is queued for the old one is answered by it', async () => {
    stack = await startStack();
    const serve = (version: string) =>
      stack.apply({
        models: [stack.model('m', version, scaledModel(Number(version)))],
        endpoints: [endpoint('m', [version])],
      });
    // Both stay in memory, as when an endpoint routes from one to the other.
    const both = [stack.model('m', '1', scaledModel(1)), stack.model('m', '2', scaledModel(2))];
    stack.apply({ models: both, endpoints: [endpoint('m', ['1'])] });
    await settled(stack);
    const { answers, stop } = load('m', 16);
    for (let flip = 0; flip < 6; flip++) {
      const before = answers.length;
      stack.apply({ models: both, endpoints: [endpoint('m', [flip % 2 === 0 ? '2' : '1'])] });
      await until('some were answered', () => answers.length > before + 50);
    }
    // The one that is not routed to is taken out; then it comes back, and so on, faster than it drains.
    for (let flip = 0; flip < 6; flip++) {
      const part = flip % 2 === 0 ? both.slice(0, 1) : both;
      stack.apply({ models: part, endpoints: [endpoint('m', ['1'])] });
    }
    await until('both are there', () => stateOf('m@2')?.state === 'ready');
    serve('1');
    const before = answers.length;
    await until('some were answered', () => answers.length > before + 50);
    await stop();
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.map(({ value }) => value))).toEqual(new Set([1, 2]));
  });
});

describe('a new file for a version', () => {
  it('takes the place of the old one once it is loaded, and loses no request', async () => {
    stack = await startStack();
    const serve = (bytes: Buffer) =>
      stack.apply({ models: [stack.model('m', '1', bytes)], endpoints: [endpoint('m', ['1'])] });
    serve(scaledModel(1));
    await settled(stack);
    const { answers, stop } = load('m', 8);
    await until('the load runs', () => answers.length > 50);
    serve(scaledModel(3));
    await until('the new one answers', () => answers.at(-1)?.value === 3);
    await stop();
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const values = answers.map(({ value }) => value);
    expect(new Set(values)).toEqual(new Set([1, 3]));
  });

  it('that is corrupt leaves the old one serving, and says what is wrong', async () => {
    stack = await startStack();
    const good = stack.model('m', '1', scaledModel(2));
    stack.apply({ models: [good], endpoints: [endpoint('m', ['1'])] });
    await settled(stack);
    const { answers, stop } = load('m', 4);
    await until('the load runs', () => answers.length > 50);
    stack.apply({ models: [stack.model('m', '1', scaledModel(9).subarray(0, 60))] });
    await until('it is refused', () => stateOf('m@1')?.error?.code === 'LATHE_MODELS_NOT_ONNX');
    expect(stateOf('m@1')?.state).toBe('ready');
    const before = answers.length;
    await until('the load goes on', () => answers.length > before + 50);
    await stop();
    expect(new Set(answers.map(({ status, value }) => `${status} ${value}`))).toEqual(new Set(['200 2']));
    // A changed blob is found out by its hash, also on reload.
    stack.apply({ models: [{ ...good, sha256: 'f'.repeat(64) }] });
    await until('it is refused', () => stateOf('m@1')?.error?.code === 'LATHE_MODELS_LOAD_FAILED');
    expect((await infer('m', one(4))).answer.outputs[0]?.data).toEqual([8]);
  });

  it('with another signature is not given what was meant for the old one', async () => {
    stack = await startStack();
    const serve = (bytes: Buffer) =>
      stack.apply({ models: [stack.model('m', '1', bytes)], endpoints: [endpoint('m', ['1'])] });
    serve(scaledModel(1));
    await settled(stack);
    const { answers, stop } = load('m', 8);
    await until('the load runs', () => answers.length > 50);
    serve(echoModel(ONNX.INT64));
    await until('the new one answers', () => answers.at(-1)?.status === 400);
    await stop();
    // Until the swap answers, at the swap "replaced", after it the wrong datatype: never a wrong value.
    const kinds = new Set(answers.map(({ status, value, code }) => `${status} ${value ?? code}`));
    kinds.delete('503 LATHE_SERVING_MODEL_UNAVAILABLE');
    expect(kinds).toEqual(new Set(['200 1', '400 LATHE_SERVING_INPUT_TYPE']));
  });
});

describe('unloading', () => {
  it('under load answers what is queued, refuses the rest with 503, and loading brings it back', async () => {
    stack = await startStack();
    const spec = stack.model('m', '1', scaledModel(5));
    const other = stack.model('other', '1', lookupModel());
    const endpoints = [endpoint('m', ['1']), endpoint('other', ['1'])];
    stack.apply({ models: [spec, other], endpoints });
    await settled(stack);
    const { answers, stop } = load('m', 8);
    await until('the load runs', () => answers.length > 50);
    stack.apply({ models: [{ ...spec, loaded: false }, other], endpoints });
    await until('it is refused', () => answers.at(-1)?.status === 503);
    await until('it is out of memory', () => stateOf('m@1')?.memoryBytes === 0);
    expect(stateOf('m@1')?.state).toBe('unavailable');
    expect((await fetch(stack.url('/v2/models/other/ready'))).status).toBe(200);
    expect((await fetch(stack.url('/v2/models/m/ready'))).status).toBe(400);
    stack.apply({ models: [spec, other], endpoints });
    await until('it answers again', () => answers.at(-1)?.status === 200);
    await stop();
    const kinds = new Set(answers.map(({ status, value, code }) => `${status} ${value ?? code}`));
    expect(kinds).toEqual(new Set(['200 5', '503 LATHE_SERVING_MODEL_UNAVAILABLE']));
  });
});

describe('memory', () => {
  it('that runs out lets the longest unused rest, which comes back when it is asked for', async () => {
    stack = await startStack();
    const names = ['a', 'b', 'c', 'd'];
    const models = names.map((name, at) =>
      stack.model(name, '1', onnxFile(mlpModel([4, 512, 2_048, 1], at + 1))),
    );
    const endpoints = names.map((name) => endpoint(name, ['1']));
    stack.apply({ models, endpoints });
    await settled(stack);
    const used = stack.status()?.memory.usedBytes ?? 0;
    // At least what their weights take.
    expect(used).toBeGreaterThan(4 * 4 * (512 * 2_048));
    for (const name of ['a', 'c', 'd', 'b']) await infer(name, rowsOfFour([[1, 2, 3, 4]]));
    const before = (await infer('a', rowsOfFour([[1, 2, 3, 4]]))).answer.outputs[0]?.data;
    // Used last, longest ago first: c, d, b, a.
    const largest = Math.max(...(stack.status()?.models ?? []).map((model) => model.memoryBytes));
    stack.apply({ limits: { ...LIMITS, memoryBudgetBytes: used - 1 }, models, endpoints });
    const resting = () => names.filter((name) => stateOf(`${name}@1`)?.memoryBytes === 0);
    await until('one rests', () => resting().join() === 'c');
    expect((await fetch(stack.url('/v2/health/ready'))).status).toBe(200);
    // One or more rest now, and each answers when it is asked.
    stack.apply({
      limits: { ...LIMITS, memoryBudgetBytes: Math.max(largest, 0.6 * used) },
      models,
      endpoints,
    });
    for (let round = 0; round < 2; round++)
      for (const name of names) {
        const { answer } = await infer(name, rowsOfFour([[1, 2, 3, 4]]));
        expect(answer.outputs[0]?.data).toHaveLength(1);
        if (name === 'a') expect(answer.outputs[0]?.data).toEqual(before);
        const memory = stack.status()?.memory;
        expect(memory?.usedBytes).toBeLessThanOrEqual(memory?.budgetBytes ?? 0);
      }
    expect(resting().length).toBeGreaterThan(0);
  });

  it('that can never be enough is said, with what is needed and what there is', async () => {
    stack = await startStack();
    // By its size alone it is refused; nobody reads it.
    const big = stack.model('big', '1', Buffer.alloc(64 * 1024 * 1024));
    const small = stack.model('small', '1', custom());
    stack.apply({
      limits: { ...LIMITS, memoryBudgetBytes: 48 * 1024 * 1024 },
      models: [small, big],
      endpoints: [endpoint('big', ['1']), endpoint('small', ['1'])],
    });
    await settled(stack);
    expect(stateOf('big@1')?.error).toMatchObject({
      code: 'LATHE_SERVING_MEMORY',
      details: { name: 'big', budget: 48 },
    });
    const { status, json } = await post('/v2/models/big/infer', rowsOfFour([[1, 2, 3, 4]]));
    expect([status, (json as Failure).code]).toEqual([503, 'LATHE_SERVING_MODEL_UNAVAILABLE']);
    expect((json as Failure).cause).toContain('48 MiB are set aside');
    await infer('small', rowsOfFour([[1, 2, 3, 4]]));
  });
});

describe('padded batches', () => {
  it('give everyone their own rows, in every datatype that is padded, strings too', async () => {
    stack = await startStack();
    const tuning = { padded: true, maxBatchRows: 16 };
    stack.apply({
      models: [
        stack.model('m', '1', scaledModel(2), { tuning }),
        stack.model('text', '1', echoModel(ONNX.STRING), { tuning }),
      ],
      endpoints: [endpoint('m', ['1']), endpoint('text', ['1'])],
    });
    await settled(stack);
    const word = (at: number) => ({
      inputs: [{ name: 'v', shape: [1, 1], datatype: 'BYTES', data: [`ä${'x'.repeat(at)}`] }],
    });
    const numbers = await Promise.all(Array.from({ length: 23 }, (_, at) => infer('m', one(at))));
    const words = await Promise.all(Array.from({ length: 23 }, (_, at) => infer('text', word(at))));
    expect(numbers.map(({ answer }) => answer.outputs[0]?.data[0])).toEqual(
      Array.from({ length: 23 }, (_, at) => 2 * at),
    );
    expect(numbers.every(({ answer }) => answer.outputs[0]?.shape.join() === '1,1')).toBe(true);
    expect(words.map(({ answer }) => answer.outputs[0]?.data[0])).toEqual(
      Array.from({ length: 23 }, (_, at) => `ä${'x'.repeat(at)}`),
    );
  });
});
