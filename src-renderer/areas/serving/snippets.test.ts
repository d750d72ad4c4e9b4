import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../src-main/contract/common.ts';
import { bodyText, curlSnippet, inferBody, pythonSnippet, typescriptSnippet } from './snippets.ts';

const inputs: TensorSpec[] = [
  { name: 'distance', datatype: 'FP32', shape: [-1, 1] },
  { name: 'origin', datatype: 'BYTES', shape: [-1, 1] },
  { name: 'day', datatype: 'INT64', shape: [-1] },
  { name: 'pixels', datatype: 'UINT8', shape: [-1, 2, 3] },
  { name: 'holiday', datatype: 'BOOL', shape: [-1, 1] },
];
const body = inferBody(
  inputs,
  { distance: 1089.400001, origin: `O'Hare "N"`, day: 3.9, holiday: true },
  'UA1545',
);
const URL = 'http://127.0.0.1:8000/v2/models/flight-delay/infer';

/** Words as POSIX sh splits them: single quotes keep everything, a backslash keeps the next character. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.replaceAll('\\\n', ' ').matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/gs))
    words.push(word.replaceAll(/'([^']*)'|\\(.)/gs, (_all, quoted, escaped) => quoted ?? escaped));
  return words;
}

describe('inferBody', () => {
  it('fills every input to its shape with values of its datatype', () => {
    expect(body.inputs).toEqual([
      { name: 'distance', datatype: 'FP32', shape: [1, 1], data: [1089.4] },
      { name: 'origin', datatype: 'BYTES', shape: [1, 1], data: [`O'Hare "N"`] },
      { name: 'day', datatype: 'INT64', shape: [1], data: [3] },
      { name: 'pixels', datatype: 'UINT8', shape: [1, 2, 3], data: [0, 0, 0, 0, 0, 0] },
      { name: 'holiday', datatype: 'BOOL', shape: [1, 1], data: [true] },
    ]);
    expect(body.parameters).toEqual({ lathe_unit: 'UA1545' });
  });

  it('needs no example', () => {
    expect(
      inferBody(inputs).inputs.every(({ shape, data }) => data.length === shape.reduce((a, b) => a * b, 1)),
    ).toBe(true);
    expect(inferBody(inputs).parameters).toBeUndefined();
  });
});

describe('snippets', () => {
  it('bodyText is JSON of the same body', () => {
    expect(JSON.parse(bodyText(body))).toEqual(body);
  });

  it('the shell hands curl exactly that body, quotes and all', () => {
    const words = shellWords(curlSnippet(URL, body));
    expect(words.slice(0, 3)).toEqual(['curl', '-s', URL]);
    expect(JSON.parse(words[words.indexOf('-d') + 1] ?? '')).toEqual(body);
  });

  it('the TypeScript one sends exactly that body', async () => {
    const script = typescriptSnippet(URL, body);
    const run = new Function('fetch', 'console', `return (async () => { ${script} })()`);
    let sent: { url: string; body: string } | undefined;
    const answer = { model_version: '1', parameters: {}, outputs: [] };
    await run(
      async (url: string, init: { body: string }) => {
        sent = { url, body: init.body };
        return { ok: true, json: async () => answer };
      },
      { log: () => undefined },
    );
    expect(sent?.url).toBe(URL);
    expect(JSON.parse(sent?.body ?? '')).toEqual(body);
  });

  it('the Python one writes Python’s own literals', () => {
    const script = pythonSnippet(URL, body);
    expect(script).toContain('"data": [True]');
    expect(script).not.toMatch(/\btrue\b/);
  });
});
