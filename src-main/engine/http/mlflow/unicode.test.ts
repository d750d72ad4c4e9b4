/** Every name in every script: it comes back as it was, character by character, or it is refused with a 400. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, openMlflow, type Run } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
beforeAll(async () => {
  mlflow = await openMlflow();
});
afterAll(() => mlflow.close());

const NAMES: Record<string, string> = {
  composed: 'caf\u00e9',
  decomposed: 'cafe\u0301',
  'right to left': 'שלום עולם',
  'turned by a mark': 'a\u202egnp.exe',
  'joined emoji': '👩‍💻👨‍👩‍👧‍👦🏳️‍🌈',
  'beyond the first plane': '𝕏𠜎🜁',
  combining: 'Z̵̧̢̛͎a̸͇͐l̶͉͐g̵̣͝o̶̱͘',
  devanagari: 'हिन्दी',
  'no width': 'a\u200b\u200d\ufeffb',
  'full width': 'ＡＢＣ／．．',
  'line separator': 'a\u2028b\u2029c',
  percent: '100%25%2e%2e%00%',
  quotes: `'"\`«»‘’“”`,
  sql: `'; DROP TABLE run; --`,
  glob: '*?[a-z]%_\\',
  json: '{"a":[1]}\\u0000',
  html: '<img src=x onerror=alert(1)>&amp;',
  tab: 'a\tb',
  'line breaks': 'a\r\nb',
  nul: 'a\u0000b',
  control: '\u0001\u001b[31m\u007f',
  'not a character': '\uffff\ufffe\u{1ffff}',
  'half a pair': 'a\ud83d',
  'the other half': '\ude80b',
  spaces: '  a  ',
  dots: '...',
  'turkish i': 'İıIi',
  'sharp s': 'ßẞ',
};
const names = Object.entries(NAMES);

/** What it says of the name, or null after a 400. Anything else fails. */
async function take(path: string, body: Json): Promise<Json | null> {
  const { status, json } = await mlflow.call('POST', path, body);
  expect({ path, status, json: status === 200 || status === 400 ? null : json }).toEqual({
    path,
    status: expect.toBeOneOf([200, 400]),
    json: null,
  });
  return status === 200 ? json : null;
}

const query = (path: string, fields: Record<string, string>) => `${path}?${new URLSearchParams(fields)}`;
const readRun = async (id: string) => (await mlflow.good('GET', `runs/get?run_id=${id}`)).run as Run;

describe.each(names)('%s', (_, name) => {
  test('as an experiment', async () => {
    const made = await take('experiments/create', { name });
    expect(made !== null).toBe(name.isWellFormed());
    if (!made) return;
    const found = await mlflow.good('GET', query('experiments/get-by-name', { experiment_name: name }));
    expect(found.experiment).toMatchObject({ experiment_id: made.experiment_id, name });
    if (!["'", '\\', '\0'].some((sign) => name.includes(sign))) {
      const quoted = `name = '${name}'`;
      const searched = await mlflow.good('POST', 'experiments/search', { filter: quoted, max_results: 5 });
      expect((searched.experiments as { name: string }[]).map((one) => one.name)).toEqual([name]);
    }
  });

  test('as the name of a run, and as the value of a param and a tag', async () => {
    const made = await take('runs/create', { experiment_id: '0', start_time: 1, run_name: name });
    if (!made) return;
    const { run_id: id } = (made.run as Run).info;
    await mlflow.good('POST', 'runs/log-batch', {
      run_id: id,
      params: [{ key: 'p', value: name }],
      tags: [{ key: 't', value: name }],
    });
    const { info, data } = await readRun(id);
    expect([info.run_name, data.params, data.tags.find(({ key }) => key === 't')?.value]).toEqual([
      name,
      [{ key: 'p', value: name }],
      name,
    ]);
  });

  test('as the key of a metric, a param and a tag', async () => {
    const { info } = await mlflow.newRun();
    const given = { run_id: info.run_id, key: name };
    const taken = [
      await take('runs/log-metric', { ...given, value: 1, timestamp: 1 }),
      await take('runs/log-parameter', { ...given, value: 'v' }),
      await take('runs/set-tag', { ...given, value: 'v' }),
    ].map((answer) => answer !== null);
    expect(new Set(taken).size).toBe(1);
    const { data } = await readRun(info.run_id);
    const read = [data.metrics, data.params, data.tags.filter(({ key }) => key !== 'mlflow.runName')];
    for (const list of read) expect(list.map(({ key }) => key)).toEqual(taken[0] ? [name] : []);
    if (!taken[0]) return;
    const history = await mlflow.good(
      'GET',
      query('metrics/get-history', { run_id: info.run_id, metric_key: name }),
    );
    expect(history.metrics).toMatchObject([{ key: name }]);
  });

  test('as a registered model, with an alias and a dataset of that name', async () => {
    const { info } = await mlflow.newRun();
    const dataset = { name, digest: 'x', source_type: 'local', source: name };
    if (await take('runs/log-inputs', { run_id: info.run_id, datasets: [{ dataset }] }))
      expect((await mlflow.good('GET', `runs/get?run_id=${info.run_id}`)).run).toMatchObject({
        inputs: { dataset_inputs: [{ dataset: { name, source: name } }] },
      });
    if (!(await take('registered-models/create', { name, description: name }))) return;
    expect(
      (await mlflow.good('GET', query('registered-models/get', { name }))).registered_model,
    ).toMatchObject({
      name,
      description: name,
    });
    await mlflow.good('POST', 'model-versions/create', {
      ...{ name, source: `runs:/${info.run_id}/m`, run_id: info.run_id },
    });
    if (await take('registered-models/alias', { name, alias: name, version: '1' }))
      expect(
        (await mlflow.good('GET', query('registered-models/alias', { name, alias: name }))).model_version,
      ).toMatchObject({ name, version: '1', aliases: [name] });
  });

  test('as a file', async () => {
    const { info } = await mlflow.newRun();
    const path = `0/${info.run_id}/artifacts/${name}`;
    const encoded = (name.isWellFormed() ? name : '%ED%A0%BD').split('/').map(encodeURIComponent).join('/');
    const { status } = await mlflow.putFile(`0/${info.run_id}/artifacts/${encoded}`, 'bytes');
    expect([200, 400]).toContain(status);
    const files = (await mlflow.good('GET', `artifacts/list?run_id=${info.run_id}`)).files as {
      path: string;
    }[];
    if (status === 400) expect(files).toEqual([]);
    else if (name.isWellFormed()) {
      expect(files.map((file) => file.path)).toEqual([name]);
      const got = await fetch(
        `${mlflow.base}/get-artifact?${new URLSearchParams({ run_id: info.run_id, path: name })}`,
      );
      expect({ path, text: await got.text() }).toEqual({ path, text: 'bytes' });
      const [, shown = ''] =
        /filename\*=UTF-8''(.*)$/.exec(got.headers.get('content-disposition') ?? '') ?? [];
      expect(decodeURIComponent(shown)).toBe(name.split('/').at(-1));
    }
  });
});

test('composed and decomposed, upper and lower case are names of their own', async () => {
  const { info } = await mlflow.newRun();
  const keys = ['caf\u00e9', 'cafe\u0301', 'CAFÉ', 'ﬁ', 'fi', 'Å', '\u212b'];
  await mlflow.good('POST', 'runs/log-batch', {
    run_id: info.run_id,
    metrics: keys.map((key, at) => ({ key, value: at, timestamp: 1 })),
  });
  const { data } = await readRun(info.run_id);
  expect(new Map(data.metrics.map(({ key, value }) => [key, value]))).toEqual(
    new Map(keys.map((key, at) => [key, at])),
  );
});

test('any text comes back as it was, or is refused', async () => {
  const { info } = await mlflow.newRun();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), async (text) => {
      const key = `t${count++}`;
      const taken = await take('runs/set-tag', { run_id: info.run_id, key, value: text });
      const { data } = await readRun(info.run_id);
      expect(data.tags.find((tag) => tag.key === key)?.value).toBe(taken ? text : undefined);
      expect(taken !== null).toBe(text.isWellFormed());
    }),
    { numRuns: 60 },
  );
});
