/** Requests to copy: an Open Inference Protocol body made from a model's signature and one real row. Pure. */
import type { FeatureValue, TensorSpec } from '../../../src-main/contract/common.ts';

export type Example = Readonly<Record<string, FeatureValue>>;
type InferInput = { name: string; shape: number[]; datatype: string; data: (number | string | boolean)[] };
export type InferBody = { inputs: InferInput[]; parameters?: Record<string, string> };

const DEFAULTS = { BOOL: false, BYTES: 'text' } as const;

/** One row; a free dimension becomes 1. Values the example lacks are a zero, `false` or `"text"`. */
export function inferBody(
  inputs: readonly TensorSpec[],
  example: Example = {},
  unit?: string | null,
): InferBody {
  return {
    ...(unit ? { parameters: { lathe_unit: unit } } : {}),
    inputs: inputs.map(({ name, datatype, shape }) => {
      const sized = shape.map((size) => Math.max(size, 1));
      const count = sized.reduce((product, size) => product * size, 1);
      const value = valueFor(datatype, example[name]);
      return { name, shape: sized, datatype, data: new Array<typeof value>(count).fill(value) };
    }),
  };
}

function valueFor(
  datatype: TensorSpec['datatype'],
  value: FeatureValue | undefined,
): number | string | boolean {
  if (datatype === 'BYTES') return value === null || value === undefined ? DEFAULTS.BYTES : String(value);
  if (datatype === 'BOOL') return typeof value === 'boolean' ? value : DEFAULTS.BOOL;
  const number =
    typeof value === 'boolean' ? Number(value) : typeof value === 'string' ? Number(value) : value;
  if (number === null || number === undefined || !Number.isFinite(number)) return 0;
  if (datatype.startsWith('FP') || datatype === 'BF16') return Number(number.toPrecision(7));
  const whole = Math.trunc(number);
  return datatype.startsWith('UINT') ? Math.max(0, whole) : whole;
}

/** One input a line: short enough to read, plain JSON to every parser. */
export function bodyText(body: InferBody): string {
  const inputs = body.inputs.map((input) => `    ${JSON.stringify(input)}`).join(',\n');
  const parameters = body.parameters ? `  "parameters": ${JSON.stringify(body.parameters)},\n` : '';
  return `{\n${parameters}  "inputs": [\n${inputs}\n  ]\n}`;
}

export function curlSnippet(url: string, body: InferBody): string {
  return `curl -s ${shellQuote(url)} \\\n  -H 'content-type: application/json' \\\n  -d ${shellQuote(bodyText(body))}`;
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function pythonSnippet(url: string, body: InferBody): string {
  return `import json
from urllib.request import Request, urlopen

body = ${pythonBody(body)}
request = Request(
    ${JSON.stringify(url)},
    data=json.dumps(body).encode(),
    headers={"content-type": "application/json"},
)
with urlopen(request) as response:
    answer = json.load(response)

print(answer["model_version"], answer["parameters"])
for output in answer["outputs"]:
    print(output["name"], output["data"])
`;
}

function pythonBody(body: InferBody): string {
  const inputs = body.inputs.map((input) => `        ${pythonLiteral(input)},`).join('\n');
  const parameters = body.parameters ? `    "parameters": ${pythonLiteral(body.parameters)},\n` : '';
  return `{\n${parameters}    "inputs": [\n${inputs}\n    ],\n}`;
}

function pythonLiteral(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value ?? {})
      .map(([key, inner]) => `${JSON.stringify(key)}: ${pythonLiteral(inner)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

export function typescriptSnippet(url: string, body: InferBody): string {
  return `const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(${bodyText(body).replaceAll('\n', '\n  ')}),
});
if (!response.ok) throw new Error(await response.text());
const answer = await response.json();

console.log(answer.model_version, answer.parameters);
for (const output of answer.outputs) console.log(output.name, output.data);
`;
}
