import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { summariseOnnx } from './onnx-summary.ts';

const SAMPLE = join(import.meta.dirname, '../../../../resources/sample/models');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
const integer = (no: number, value: number) => Buffer.from([...varint(no * 8), ...varint(value)]);
const message = (no: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([...varint(no * 8 + 2), ...varint(body.length)]), body]);
};
const text = (no: number, value: string) => message(no, Buffer.from(value));
const node = (op: string, ...rest: Buffer[]) => message(1, text(4, op), ...rest);
const model = (...graph: Buffer[]) =>
  Buffer.concat([integer(1, 9), message(7, ...graph), message(8, integer(2, 17))]);

async function summary(bytes: Buffer) {
  const file = join(folder, 'm.onnx');
  writeFileSync(file, bytes);
  return summariseOnnx(file);
}

test('the sample’s models: what skl2onnx made of a logistic regression and of boosted trees', async () => {
  const [linear, trees] = await Promise.all(
    ['delay-v1.onnx', 'delay-v2.onnx'].map((file) => summariseOnnx(join(SAMPLE, file))),
  );
  expect(linear?.operators.map(({ name }) => name)).toContain('ai.onnx.ml.LinearClassifier');
  expect(trees?.operators.map(({ name }) => name)).toContain('ai.onnx.ml.TreeEnsembleClassifier');
  for (const one of [linear, trees]) {
    expect(one?.opsets.map(({ domain }) => domain)).toContain('ai.onnx.ml');
    expect(one?.operators.reduce((sum, { count }) => sum + count, 0)).toBe(one?.nodes);
    expect(one?.whole).toBe(true);
  }
});

test('weights are counted by their dimensions, packed or not, and never read', async () => {
  const found = await summary(
    model(
      node('Gemm'),
      node('Gemm'),
      node('Relu'),
      message(
        5,
        integer(1, 300),
        integer(1, 20),
        Buffer.from([...varint(9 * 8 + 2), ...varint(4), 0, 0, 0, 0]),
      ),
      message(5, message(1, Buffer.from([...varint(7), ...varint(200)]))),
      message(5),
    ),
  );
  expect(found).toEqual({
    irVersion: 9,
    opsets: [{ domain: 'ai.onnx', version: 17 }],
    nodes: 3,
    operators: [
      { name: 'Gemm', count: 2 },
      { name: 'Relu', count: 1 },
    ],
    weights: 3,
    parameters: 6_000 + 1_400 + 1,
    whole: true,
  });
});

test('operators inside branches and loops count too, down to a depth that no model has', async () => {
  const branch = message(5, text(1, 'then_branch'), message(6, node('Add'), node('Mul')));
  expect(await summary(model(node('If', branch)))).toMatchObject({ nodes: 3, whole: true });
  let deep = node('Add');
  for (let n = 0; n < 30; n++) deep = node('Loop', message(5, message(6, deep)));
  const found = await summary(model(deep));
  expect(found.whole).toBe(false);
  expect(found.nodes).toBeLessThan(15);
});

test('a hostile file is read to a limit and says so', async () => {
  const many = await summary(model(...Array.from({ length: 3_000 }, (_, n) => node(`Op${n}`))));
  expect(many.operators).toHaveLength(1_000);
  expect(many).toMatchObject({ whole: false, nodes: 3_000 });
  const huge = message(5, ...Array.from({ length: 40 }, () => integer(1, 2 ** 31)));
  expect((await summary(model(huge))).parameters).toBe(Number.MAX_SAFE_INTEGER);
  expect((await summary(model(node('x'.repeat(5_000))))).operators[0]?.name).toHaveLength(200);
  const endless = node('Nop');
  const bytes = Buffer.alloc(endless.length * 250_000);
  for (let at = 0; at < bytes.length; at += endless.length) endless.copy(bytes, at);
  expect(await summary(model(bytes))).toMatchObject({ nodes: 200_000, whole: false });
});

test('a file that is cut or damaged anywhere is refused or read, never hung on', async () => {
  const whole = model(
    node('Gemm'),
    node('If', message(5, message(6, node('Add')))),
    message(5, integer(1, 3)),
  );
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    for (const bytes of [whole.subarray(0, at), damaged])
      await summary(bytes).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(Error));
  }
});
