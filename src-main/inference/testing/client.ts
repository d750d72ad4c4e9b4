/** A client of the gateway for tests, and the tiny models they serve. */
import { expect } from 'vitest';
import { ONNX, onnxFile } from './onnx-file.ts';
import { type Stack, sampleFile } from './stack.ts';

export type Output = {
  name: string;
  datatype: string;
  shape: number[];
  parameters?: { binary_data_size: number };
  data: (number | string | boolean | null)[];
};
export type Answer = {
  model_name: string;
  model_version: string;
  id: string;
  parameters: { lathe_arm: string };
  outputs: Output[];
};
export type Failure = { error: string; code: string; cause: string; remedy: string };
type Headers = Record<string, string>;

export function clientOf(stack: () => Stack) {
  const post = async (path: string, body: unknown, headers: Headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(stack().url(path), { method: 'POST', body: text, headers });
    return { status: response.status, headers: response.headers, json: (await response.json()) as unknown };
  };
  return {
    post,
    async infer(name: string, body: unknown, headers: Headers = {}) {
      const { status, headers: got, json } = await post(`/v2/models/${name}/infer`, body, headers);
      expect(json, JSON.stringify(json).slice(0, 500)).toHaveProperty('outputs');
      return { status, headers: got, answer: json as Answer };
    },
    /** "<status> <code>" of a request that must fail, in the error's whole form. */
    async refused(name: string, body: unknown, headers: Headers = {}) {
      const { status, json } = await post(`/v2/models/${name}/infer`, body, headers);
      const failure = json as Failure;
      expect(failure.error).toBe(`${failure.cause} ${failure.remedy}`);
      return `${status} ${failure.code}`;
    },
  };
}

/** A body of the binary tensor extension: the JSON, then the tensors; and its header. */
export function binaryBody(json: unknown, parts: readonly Uint8Array[]) {
  const head = Buffer.from(JSON.stringify(json));
  const headers = { 'Inference-Header-Content-Length': String(head.length) };
  return { body: Buffer.concat([head, ...parts]), headers };
}

/** The JSON and the bytes after it of an answer with binary outputs. */
export async function readBinary(response: Response): Promise<{ answer: Answer; tail: Buffer }> {
  const whole = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length'));
  return { answer: JSON.parse(whole.toString('utf8', 0, length)) as Answer, tail: whole.subarray(length) };
}

/** A request for the [N,4] fixture. */
export const rowsOfFour = (rows: number[][]) => ({
  inputs: [{ name: 'x', shape: [rows.length, 4], datatype: 'FP32', data: rows.flat() }],
});

/** y = v */
export const echoModel = (type: number, shape: (number | string)[] = ['N', 1]): Buffer =>
  onnxFile({
    nodes: [{ op: 'Identity', inputs: ['v'], outputs: ['y'] }],
    inputs: [{ name: 'v', type, shape }],
    outputs: [{ name: 'y', type, shape }],
  });

/** y = scale · v: models of one signature that answer differently. */
export const scaledModel = (scale: number): Buffer =>
  onnxFile({
    nodes: [{ op: 'Mul', inputs: ['v', 'scale'], outputs: ['y'] }],
    initializers: [{ name: 'scale', shape: [1], data: Float32Array.of(scale) }],
    inputs: [{ name: 'v', type: ONNX.FP32, shape: ['N', 1] }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape: ['N', 1] }],
  });

/** y = table[i]: an index beyond the four entries makes the whole run fail. */
export const lookupModel = (): Buffer =>
  onnxFile({
    nodes: [{ op: 'Gather', inputs: ['table', 'i'], outputs: ['y'] }],
    initializers: [{ name: 'table', shape: [4], data: Float32Array.of(10, 20, 30, 40) }],
    inputs: [{ name: 'i', type: ONNX.INT64, shape: ['N'] }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape: ['N'] }],
  });

/** The mean over the batch: the output says nothing about rows, although the input could be batched. */
export const meanModel = (): Buffer =>
  onnxFile({
    nodes: [{ op: 'ReduceMean', inputs: ['v'], outputs: ['y'], attributes: [{ name: 'keepdims', int: 0 }] }],
    inputs: [{ name: 'v', type: ONNX.FP32, shape: ['N', 1] }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape: [] }],
  });

export type Golden = {
  tolerance: number;
  inputs: { name: string; datatype: string }[];
  rows: {
    inputs: Record<string, number | string | null>;
    expected: Record<string, { label: number; probabilities: number[] }>;
  }[];
};

export const readGolden = (): Golden =>
  JSON.parse(sampleFile('resources/sample/golden.json').toString()) as Golden;

/** Rows of the sample's golden file as one request. */
export const goldenRequest = (golden: Golden, rows: Golden['rows']) => ({
  inputs: golden.inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [rows.length, 1],
    data: rows.map((row) => row.inputs[name] ?? null),
  })),
});
