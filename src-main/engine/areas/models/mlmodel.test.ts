import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readInputExample } from './input-example.ts';
import { parseMlmodel } from './mlmodel.ts';

/** As MLflow 3 writes it: PyYAML breaks long texts at 80 characters. */
const MLMODEL = `artifact_path: model
env_vars: null
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
  sklearn:
    code: null
    pickled_model: model.pkl
is_signature_from_type_hint: false
mlflow_version: 3.17.0
model_size_bytes: 1234
prompts: null
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "double", "name": "amount", "required": true}, {"type": "string",
    "name": "the merchant''s name", "required": false}, {"type": "array", "items":
    {"type": "long"}, "name": "hours", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 2]}}]'
  params: "[{\\"name\\": \\"k\\", \\"type\\": \\"integer\\", \\"default\\": 3, \\"shape\\":\\
    \\ null}]"
type_hint_from_example: false
utc_time_created: '2026-01-05 10:00:00.123456'
`;

test('signature, flavors and example of an MLmodel, broken lines and quotes included', () => {
  expect(parseMlmodel(MLMODEL)).toEqual({
    flavors: ['python_function', 'sklearn'],
    mlflowVersion: '3.17.0',
    createdAt: '2026-01-05 10:00:00.123456',
    examplePath: 'input_example.json',
    inputs: [
      { name: 'amount', type: 'double', shape: null, required: true },
      { name: "the merchant's name", type: 'string', shape: null, required: false },
      { name: 'hours', type: 'array(long)', shape: null, required: true },
    ],
    outputs: [{ name: '', type: 'float32', shape: [-1, 2], required: true }],
    params: [{ name: 'k', type: 'integer', shape: null, required: true }],
  });
});

test('any text is read without a failure, and says nothing it does not hold', () => {
  const line = fc.stringMatching(/^ {0,6}[a-z_'":[\]{}\\ -]{0,20}$/);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((lines) => lines.join('\n')),
      ),
      (text) => {
        const parsed = parseMlmodel(text);
        expect(Array.isArray(parsed.inputs) && Array.isArray(parsed.flavors)).toBe(true);
      },
    ),
  );
  expect(parseMlmodel('a: 1\n'.repeat(10) + '  '.repeat(3)).inputs).toEqual([]);
  expect(
    parseMlmodel(Array.from({ length: 100 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')).flavors,
  ).toEqual([]);
  expect(parseMlmodel('__proto__:\n  x: 1\nflavors:\n  __proto__:\n    a: 1\n').flavors).toEqual([
    '__proto__',
  ]);
});

test('input examples: tables as tables, the rest as text', () => {
  expect(readInputExample('{"columns":["a","b"],"data":[[1,"x"],[2.5,null]]}')).toEqual({
    columns: ['a', 'b'],
    rows: [
      ['1', 'x'],
      ['2.5', 'null'],
    ],
    more: 0,
    text: null,
  });
  expect(readInputExample('[{"a":1},{"a":2,"b":3}]')).toMatchObject({
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['2', '3'],
    ],
  });
  expect(readInputExample(JSON.stringify({ columns: ['a'], data: Array(50).fill([1]) }))).toMatchObject({
    more: 30,
  });
  expect(readInputExample('{"inputs":[1,2]}').text).toContain('"inputs"');
  expect(readInputExample('no json').text).toBe('no json');
  fc.assert(
    fc.property(fc.json(), (json) => {
      const { text, columns } = readInputExample(json);
      expect(text === null ? columns.length >= 0 : text.length >= 0).toBe(true);
    }),
  );
});
