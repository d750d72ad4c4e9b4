import { describe, expect, it } from 'vitest';
import { bodyText, type InferBody } from './request-body.ts';
import { BODY_FILE, isLong, LANGUAGES, type Sent, snippet } from './snippets.ts';

const body: InferBody = {
  parameters: { lathe_unit: 'UA1545' },
  inputs: [
    { name: 'distance', datatype: 'FP32', shape: [1, 2], data: [1089.4, null] },
    { name: 'origin', datatype: 'BYTES', shape: [1, 1], data: [`O'Hare "N"`] },
    { name: 'holiday', datatype: 'BOOL', shape: [1, 1], data: [true] },
  ],
};
const url = 'http://127.0.0.1:8000/v2/models/flight-delay/infer';
const sent: Sent = { endpoint: 'flight-delay', url, arm: 'champion', text: bodyText(body) };
const long: Sent = { ...sent, text: JSON.stringify({ ...body, padding: ' '.repeat(30_000) }) };

/** Words as POSIX sh splits them: single quotes keep everything, a backslash keeps the next character. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.replaceAll('\\\n', ' ').matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/gs))
    words.push(word.replaceAll(/'([^']*)'|\\(.)/gs, (_all, quoted, escaped) => quoted ?? escaped));
  return words;
}

async function runTypescript(code: string) {
  const run = new Function('fetch', 'console', `return (async () => { ${code} })()`);
  let init: { body: string; headers: Record<string, string> } | undefined;
  const json = async () => ({ model_version: '1', parameters: {}, outputs: [] });
  const fake = async (_url: string, given: typeof init) => {
    init = given;
    return { ok: true, json };
  };
  await run(fake, { log: () => undefined });
  return init;
}

describe('a request as code', () => {
  it('the shell hands curl exactly that body, quotes and all, and the arm', () => {
    const words = shellWords(snippet('curl', sent));
    expect(words.slice(0, 3)).toEqual(['curl', '-s', url]);
    expect(JSON.parse(words[words.indexOf('-d') + 1] ?? '')).toEqual(body);
    expect(words).toContain('x-lathe-force-arm: champion');
    expect(shellWords(snippet('curl', { ...sent, arm: null })).join()).not.toContain('force-arm');
  });

  it('the TypeScript one sends exactly that body', async () => {
    const init = await runTypescript(snippet('typescript', sent));
    expect(JSON.parse(init?.body ?? '')).toEqual(body);
    expect(init?.headers['x-lathe-force-arm']).toBe('champion');
  });

  it('the Python ones write Python’s own literals', () => {
    const plain = snippet('requests', sent);
    expect(plain).toContain('"data": [True]');
    expect(plain).toContain('"data": [1089.4, None]');
    expect(plain).not.toMatch(/\b(true|null)\b/);
    const triton = snippet('triton', sent);
    expect(triton).toContain('tensor("distance", [1, 2], "FP32", np.float32, [1089.4, np.nan])');
    expect(triton).toContain('parameters={"lathe_unit": "UA1545"}');
    expect(triton).toContain('InferenceServerClient("127.0.0.1:8000")');
  });

  it('a long body is read from a file in every language', () => {
    expect([isLong(sent), isLong(long)]).toEqual([false, true]);
    for (const { value } of LANGUAGES) {
      expect(snippet(value, long)).toContain(BODY_FILE);
      expect(snippet(value, long).length).toBeLessThan(2_000);
    }
  });
});
