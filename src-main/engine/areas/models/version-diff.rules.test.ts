import { expect, test } from 'vitest';
import type { ModelVersion, VersionFiles } from '../../../contract/models.ts';
import { diffVersions, rowsOfRuns } from './version-diff.rules.ts';

const version = (part: Partial<ModelVersion>): ModelVersion => ({
  model: 'm',
  version: '1',
  createdMs: 0,
  description: '',
  sha256: 'a',
  sizeBytes: 10,
  notServable: null,
  stage: 'None',
  tags: {},
  source: '',
  updatedMs: 0,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
  outputs: [],
  opset: 17,
  producer: 'skl2onnx',
  metadata: {},
  prediction: { task: 'other', label: null, score: null, threshold: 0.5 },
  metrics: { auc: 0.8 },
  aliases: [],
  runId: null,
  hasReference: false,
  servedBy: [],
  ...part,
});
const files = (operators: Record<string, number>): VersionFiles => ({
  onnx: {
    irVersion: 9,
    opsets: [{ domain: 'ai.onnx', version: 17 }],
    nodes: 2,
    operators: Object.entries(operators).map(([name, count]) => ({ name, count })),
    weights: 1,
    parameters: 6,
    whole: true,
  },
  mlflow: null,
  example: null,
  files: 1,
  bytes: 10,
});

test('what either has is a row; a row differs when the two are not the same', () => {
  const rows = diffVersions(
    { version: version({ tags: { a: '1' }, aliases: ['champion'] }), files: files({ Gemm: 2, Relu: 1 }) },
    {
      version: version({
        version: '2',
        sizeBytes: 12,
        metrics: { auc: 0.8, f1: 0.5 },
        inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, 3] }],
      }),
      files: files({ Gemm: 2, Tanh: 1 }),
    },
  );
  const differing = rows
    .filter(({ differs }) => differs)
    .map(({ section, key, values }) => [section, key, ...values]);
  expect(differing).toEqual([
    ['version', 'Aliases', '@champion', null],
    ['version', 'Size', 10, 12],
    ['metric', 'f1', null, 0.5],
    ['signature', 'input x', 'FP32 [-1, 3]', 'FP64 [-1, 3]'],
    ['operator', 'Relu', 1, null],
    ['operator', 'Tanh', null, 1],
    ['tag', 'a', '1', null],
  ]);
  expect(rows).toContainEqual({ section: 'operator', key: 'Gemm', values: [2, 2], differs: false });
});

test('of their runs it takes how the versions were made; a version without a run has nothing there', () => {
  const comparison = {
    rows: [
      { section: 'param' as const, key: 'lr', cells: '{"0":"0.1"}', unit: null, differs: false },
      { section: 'artifact' as const, key: 'a.png', cells: '{"0":"x 1"}', unit: null, differs: false },
    ],
  };
  expect(rowsOfRuns(comparison, [false, true])).toEqual([
    { section: 'param', key: 'lr', values: [null, '0.1'], differs: true },
  ]);
});
