/** What the tap costs the gateway's thread per row: gathering, and making chunks of it. */
import type { InferRequest, InputTensor, OutputTensor } from '../../src-main/inference/gateway/request.ts';
import { servedModel } from '../../src-main/inference/gateway/served-model.ts';
import { createTap } from '../../src-main/inference/gateway/tap.ts';
import { seededRandom } from '../../src-main/inference/testing/onnx-file.ts';
import { endpoint } from '../../src-main/inference/testing/stack.ts';
import { cpuClock } from '../lib/holds.ts';
import { median, tell } from '../lib/report.ts';
import { drawn, ENDPOINT } from './world.ts';

const FEATURES = 30;
const ROWS = 25_000;
const ROUNDS = 21;

export function tapCost(): void {
  const prediction = { label: null, score: { output: 'p', index: 1 }, threshold: 0.5 };
  const model = servedModel(
    {
      ...{ key: 'tabular@1', model: 'tabular', version: '1', path: '', sha256: '', inputs: [], outputs: [] },
      prediction,
    },
    true,
    true,
  );
  const route = {
    ...{ endpoint: endpoint(ENDPOINT, ['1'], { logging: true }), arm: 'a', model },
    ...{ unit: null, inputUnit: null, apart: false },
  };
  const random = seededRandom(3);
  const requests = Array.from({ length: 64 }, () => Array.from({ length: FEATURES }, () => drawn(random)));
  const output: OutputTensor = {
    ...{ name: 'p', datatype: 'FP32', shape: [1, 2], values: Float32Array.of(0.4, 0.6), from: 0, to: 2 },
  };
  const json = (values: number[]): InputTensor[] => [
    { name: 'x', datatype: 'FP32', shape: [1, FEATURES], count: FEATURES, values, raw: null },
  ];
  const binary = (values: number[]): InputTensor[] => {
    const raw = Buffer.from(Float32Array.from(values).buffer);
    return [{ name: 'x', datatype: 'FP32', shape: [1, FEATURES], count: FEATURES, values: null, raw }];
  };
  const apart = (values: number[]): InputTensor[] =>
    values.map((value, at) => ({
      ...{ name: `x${at}`, datatype: 'FP32', shape: [1, 1], count: 1, values: [value], raw: null },
    }));
  const nsOf = (inputs: (values: number[]) => InputTensor[], logEvery: number) => {
    const made = requests.map((values): InferRequest => {
      return { id: null, inputs: inputs(values), rows: 1, shapeKey: '', bytes: 0, outputs: null };
    });
    return median(
      Array.from({ length: ROUNDS }, () => {
        const tap = createTap(() => {});
        const spent = cpuClock();
        for (let at = 0; at < ROWS; at++) {
          const request = made[at % made.length] as InferRequest;
          const served = {
            route,
            request,
            id: `request-${at}`,
            eventMs: null,
            receivedMs: 1_700_000_000_000 + at,
          };
          tap.record(served, [output], 900, logEvery > 0 && at % logEvery === 0);
        }
        tap.take();
        return (spent() * 1e6) / ROWS;
      }),
    );
  };
  const cases = [
    ['JSON, one input of 30, counted only', nsOf(json, 0)],
    ['the same, every fifth logged (25,000 and 5,000 a second)', nsOf(json, 5)],
    ['binary, one input of 30, every fifth logged', nsOf(binary, 5)],
    ['JSON, 30 inputs of one, every fifth logged', nsOf(apart, 5)],
  ] as const;
  tell({
    name: 'monitoring-tap',
    columns: ['what', 'ns a row', 'of the thread at 25,000 a second'],
    rows: cases.map(([what, ns]) => [what, ns.toFixed(0), `${((ns * 25_000) / 1e7).toFixed(2)} %`]),
    notes: ['30 features a row, with making blocks and chunks; without writing them to the socket'],
    data: Object.fromEntries(cases),
  });
}
