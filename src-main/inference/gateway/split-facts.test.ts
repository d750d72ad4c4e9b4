/** What a logged row says of the split that answered it: A/B tests count by it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Prediction } from '../../platform/link.ts';
import { clientOf, echoModel } from '../testing/client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, type Stack, settled, startStack, until } from '../testing/stack.ts';

let stack: Stack;
const { infer } = clientOf(() => stack);

beforeAll(async () => {
  stack = await startStack();
  const bytes = echoModel(ONNX.FP32, ['N']);
  const arms = [
    { key: 'a', version: '1', weight: 5_000 },
    { key: 'b', version: '2', weight: 5_000 },
  ];
  stack.apply({
    models: [stack.model('echo', '1', bytes), stack.model('echo', '2', bytes)],
    endpoints: [endpoint('echo', ['1', '2'], { arms, logging: true, revision: 7 })],
  });
  await settled(stack);
});
afterAll(() => stack.close());

const body = (id: string, value: number) => ({
  ...{ id, inputs: [{ name: 'v', shape: [1], datatype: 'FP32', data: [value] }] },
});
async function logged(id: string): Promise<Prediction> {
  await until(id, () => stack.predictions().some((row) => row.id === id));
  return stack.predictions().find((row) => row.id === id) as Prediction;
}

it('names the route’s revision, and the input where the client named no unit', async () => {
  await infer('echo', body('one', 1));
  await infer('echo', body('two', 1));
  await infer('echo', body('three', 2));
  await infer('echo', body('named', 1), { 'x-lathe-unit': 'anna' });
  const [one, two, three, named] = await Promise.all(['one', 'two', 'three', 'named'].map(logged));
  expect(one).toMatchObject({ revision: 7, apart: false, unit: null });
  expect(one?.inputUnit).toMatch(/^[0-9a-f]{24}$/);
  expect(two?.inputUnit).toBe(one?.inputUnit);
  expect(two?.arm).toBe(one?.arm);
  expect(three?.inputUnit).not.toBe(one?.inputUnit);
  expect(named).toMatchObject({ revision: 7, apart: false, unit: 'anna' });
  expect(named).not.toHaveProperty('inputUnit');
});

it('sets apart what the split did not decide', async () => {
  await infer('echo', body('forced', 1), { 'x-lathe-force-arm': 'b' });
  expect(await logged('forced')).toMatchObject({ arm: 'b', apart: true });
  await fetch(stack.url('/v2/models/echo/versions/1/infer'), {
    method: 'POST',
    body: JSON.stringify(body('direct', 1)),
  });
  expect(await logged('direct')).toMatchObject({ arm: 'direct', apart: true });
});

it('sets everyone apart while a version is still being loaded', async () => {
  const arms = [
    { key: 'a', version: '1', weight: 5_000 },
    { key: 'b', version: '3', weight: 5_000 },
  ];
  const former = [{ key: 'a', version: '1', weight: 10_000 }];
  const bytes = echoModel(ONNX.FP32, ['N']);
  stack.apply({
    models: [stack.model('echo', '1', bytes), stack.model('echo', '3', Buffer.from('no model'))],
    endpoints: [endpoint('echo', ['1', '3'], { arms, former, logging: true, revision: 8 })],
  });
  await until('the new route', async () => {
    const id = `poll${stack.predictions().length}`;
    await infer('echo', body(id, 1));
    return (await logged(id)).revision === 8;
  });
  for (let at = 0; at < 10; at++) {
    await infer('echo', body(`loading${at}`, at));
    expect(await logged(`loading${at}`)).toMatchObject({ arm: 'a', version: '1', apart: true });
  }
});
