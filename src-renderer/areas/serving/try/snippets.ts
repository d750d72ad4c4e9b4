/** One request as code to copy, in each language the same bytes of meaning. Pure. */
import type { InferBody, InferInput } from './request-body.ts';

/** `text` is valid JSON. */
export type Sent = { endpoint: string; url: string; arm: string | null; text: string };
export const LANGUAGES = [
  { value: 'curl', label: 'curl' },
  { value: 'requests', label: 'Python' },
  { value: 'triton', label: 'tritonclient' },
  { value: 'typescript', label: 'TypeScript' },
] as const;
export type Language = (typeof LANGUAGES)[number]['value'];

/** A longer body is not for reading: the code takes it from a file of this name. */
const LONG = 20_000;
export const BODY_FILE = 'request.json';
export const isLong = ({ text }: Pick<Sent, 'text'>): boolean => text.length > LONG;

export const snippet = (language: Language, sent: Sent): string => WRITERS[language](sent);

const FORCE = 'x-lathe-force-arm';

function curl(sent: Sent): string {
  const { url, arm, text } = sent;
  const headers = ["-H 'content-type: application/json'"];
  if (arm !== null) headers.push(`-H ${shellQuote(`${FORCE}: ${arm}`)}`);
  const data = isLong(sent) ? `--data-binary @${BODY_FILE}` : `-d ${shellQuote(text)}`;
  return [`curl -s ${shellQuote(url)}`, ...headers, data].join(' \\\n  ');
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function requests(sent: Sent): string {
  const { url, arm } = sent;
  const body = isLong(sent)
    ? `json.load(open("${BODY_FILE}"))`
    : pythonBody(JSON.parse(sent.text) as InferBody);
  const headers = arm === null ? '' : `, headers={"${FORCE}": ${JSON.stringify(arm)}}`;
  return `# pip install requests
${isLong(sent) ? 'import json\n\n' : ''}import requests

body = ${body}
response = requests.post(${JSON.stringify(url)}, json=body${headers}, timeout=30)
if not response.ok:
    raise SystemExit(response.text)
answer = response.json()

print(answer["model_version"], answer["parameters"])
for output in answer["outputs"]:
    print(output["name"], output["data"])
`;
}

function pythonBody(body: InferBody): string {
  const { inputs, ...rest } = body;
  const others = Object.entries(rest).map(
    ([key, value]) => `    ${JSON.stringify(key)}: ${pythonLiteral(value)},\n`,
  );
  const lines = inputs.map((input) => `        ${pythonLiteral(input)},`).join('\n');
  return `{\n${others.join('')}    "inputs": [\n${lines}\n    ],\n}`;
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

const NUMPY: Record<string, string> = {
  BOOL: 'np.bool_',
  UINT8: 'np.uint8',
  UINT16: 'np.uint16',
  UINT32: 'np.uint32',
  UINT64: 'np.uint64',
  INT8: 'np.int8',
  INT16: 'np.int16',
  INT32: 'np.int32',
  INT64: 'np.int64',
  FP32: 'np.float32',
  FP64: 'np.float64',
  BYTES: 'np.object_',
};

function triton(sent: Sent): string {
  const { url, arm, endpoint } = sent;
  const long = isLong(sent);
  const { inputs, parameters } = JSON.parse(sent.text) as InferBody;
  const values = (input: InferInput, at: number) =>
    long ? `body["inputs"][${at}]["data"]` : numpyList(input.data.flat(Number.POSITIVE_INFINITY));
  const tensors = inputs
    .map(
      (input, at) =>
        `    tensor(${JSON.stringify(input.name)}, ${pythonLiteral(input.shape)}, "${input.datatype}", ${NUMPY[input.datatype] ?? 'np.float32'}, ${values(input, at)}),`,
    )
    .join('\n');
  const options = [
    parameters && Object.keys(parameters).length > 0 ? `, parameters=${pythonLiteral(parameters)}` : '',
    arm === null ? '' : `, headers={"${FORCE}": ${JSON.stringify(arm)}}`,
  ].join('');
  return `# pip install "tritonclient[http]"
${long ? 'import json\n\n' : ''}import numpy as np
import tritonclient.http as triton


def tensor(name, shape, datatype, dtype, values):
    one = triton.InferInput(name, shape, datatype)
    one.set_data_from_numpy(np.array(values, dtype=dtype).reshape(shape))
    return one

${long ? `\nbody = json.load(open("${BODY_FILE}"))` : ''}
client = triton.InferenceServerClient(${JSON.stringify(new URL(url).host)})
inputs = [
${tensors}
]
result = client.infer(${JSON.stringify(endpoint)}, inputs${options})

for output in result.get_response()["outputs"]:
    print(output["name"], result.as_numpy(output["name"]))
`;
}

const numpyList = (values: readonly unknown[]): string =>
  `[${values.map((value) => (value === null ? 'np.nan' : pythonLiteral(value))).join(', ')}]`;

function typescript(sent: Sent): string {
  const { url, arm } = sent;
  const force = arm === null ? '' : `, '${FORCE}': ${JSON.stringify(arm)}`;
  const long = isLong(sent);
  const body = long
    ? `await readFile('${BODY_FILE}', 'utf8')`
    : `JSON.stringify(${sent.text.replaceAll('\n', '\n  ')})`;
  return `${long ? "import { readFile } from 'node:fs/promises';\n\n" : ''}const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: { 'content-type': 'application/json'${force} },
  body: ${body},
});
if (!response.ok) throw new Error(await response.text());
const answer = await response.json();

console.log(answer.model_version, answer.parameters);
for (const output of answer.outputs) console.log(output.name, output.data);
`;
}

const WRITERS: Record<Language, (sent: Sent) => string> = { curl, requests, triton, typescript };
