/** What a client must not do: each with a 4xx that says why, at once, and nothing written. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, openMlflow, refused } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
let run: string;
let experiment: string;
beforeAll(async () => {
  mlflow = await openMlflow();
  ({ experiment_id: experiment } = (await mlflow.good('POST', 'experiments/create', { name: 'bad' })) as {
    experiment_id: string;
  });
  run = (await mlflow.newRun({ experiment_id: experiment })).info.run_id;
  await mlflow.good('POST', 'registered-models/create', { name: 'model' });
});
afterAll(() => mlflow.close());

const long = (length: number) => 'x'.repeat(length);
const metrics = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ key: `m${at}`, value: 1, timestamp: 1 }));
const pairs = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: '' }));
const dataset = { name: 'd', digest: 'x', source_type: 'local', source: '{}' };

/** Call, body, and how the message begins. `RUN` is the run. */
const CASES: [path: string, body: Json, message: string][] = [
  [
    'runs/log-batch',
    { run_id: 'RUN', metrics: metrics(1001) },
    'A batch logging request can contain at most 1000 metrics. Got 1001',
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', params: pairs(101) },
    'A batch logging request can contain at most 100 params. Got 101',
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', tags: pairs(101) },
    'A batch logging request can contain at most 100 tags. Got 101',
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', metrics: metrics(950), params: pairs(51) },
    'A batch logging request can contain at most 1000 metrics, params, and tags. Got 1001',
  ],
  [
    'runs/log-batch',
    {
      run_id: 'RUN',
      params: [
        { key: 'a', value: '1' },
        { key: 'a', value: '1' },
      ],
    },
    "Duplicate parameter keys have been submitted: ['a']. Please ensure",
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', metrics: [{ key: 'a', timestamp: 1 }] },
    "Missing value for required parameter 'metrics[0].value'.",
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', metrics: [{ key: 'a', value: 1 }] },
    "Missing value for required parameter 'metrics[0].timestamp'.",
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', metrics: [{ value: 1, timestamp: 1 }] },
    "Missing value for required parameter 'metrics[0].key'.",
  ],
  [
    'runs/log-batch',
    { run_id: 'RUN', metrics: [{ key: '../a', value: 1, timestamp: 1 }] },
    `Invalid value "../a" for parameter 'metrics[0].name' supplied: Names may be treated as files`,
  ],
  ['runs/log-batch', { run_id: 'RUN', metrics: 'x' }, `Invalid value "x" for parameter 'metrics' supplied`],
  ['runs/log-batch', { run_id: 'RUN', metrics: [1] }, "Invalid value 1 for parameter 'metrics' supplied"],
  [
    'runs/log-batch',
    { run_id: 'RUN', tags: [{ key: long(251), value: '' }] },
    "'tags[0].key' exceeds the maximum length of 250 characters",
  ],
  [
    'runs/log-metric',
    { run_id: 'RUN', key: long(251), value: 1, timestamp: 1 },
    "'Metric name' exceeds the maximum length of 250 characters",
  ],
  [
    'runs/log-metric',
    { run_id: 'RUN', key: 'a', value: 'x', timestamp: 1 },
    `Invalid value "x" for parameter 'value' supplied`,
  ],
  [
    'runs/log-metric',
    { run_id: 'RUN', key: 'a', value: 1, timestamp: -1 },
    "Invalid value -1 for parameter 'timestamp' supplied: metric 'a' (value=1.0). Timestamp must be",
  ],
  [
    'runs/log-metric',
    { run_id: 'RUN', key: 'a', value: 1, timestamp: 1, step: 0.5 },
    "Invalid value 0.5 for parameter 'step' supplied",
  ],
  [
    'runs/log-metric',
    { run_id: 'RUN', key: 'a', value: 1, timestamp: 1, step: 1e30 },
    "Invalid value 1e+30 for parameter 'step' supplied",
  ],
  ['runs/log-metric', { key: 'a', value: 1, timestamp: 1 }, "Missing value for required parameter 'run_id'."],
  [
    'runs/log-parameter',
    { run_id: 'RUN', key: long(251), value: '' },
    "'Param key' exceeds the maximum length of 250 characters",
  ],
  [
    'runs/log-parameter',
    { run_id: 'RUN', key: 'a@', value: '' },
    `Invalid value "a@" for parameter 'key' supplied: Names may only contain`,
  ],
  [
    'runs/log-parameter',
    { run_id: 'RUN', key: 'a', value: 5 },
    "Invalid value 5 for parameter 'value' supplied:  Hint: Value was of type 'int'.",
  ],
  ['runs/set-tag', { run_id: 'RUN', value: 'x' }, "Missing value for required parameter 'key'."],
  ['runs/update', { run_id: 'RUN', status: 'NOPE' }, `Invalid value "NOPE" for parameter 'status' supplied`],
  ['runs/update', { run_id: 'RUN', status: 6 }, "Invalid value 6 for parameter 'status' supplied"],
  [
    'runs/create',
    { experiment_id: 'abc' },
    "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
  ],
  [
    'runs/create',
    { experiment_id: '0', start_time: 'x' },
    `Invalid value "x" for parameter 'start_time' supplied`,
  ],
  [
    'runs/create',
    { experiment_id: '0', experimentId: '0' },
    "Request specifies both 'experiment_id' and 'experimentId'",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset: { ...dataset, name: long(501) } }] },
    "'name' exceeds the maximum length of 500 characters",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset: { ...dataset, digest: long(37) } }] },
    "'digest' exceeds the maximum length of 36 characters",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset: { ...dataset, source: long(65_536) } }] },
    "'source' exceeds the maximum length of 65535 characters",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset: { ...dataset, schema: long(1_048_576) } }] },
    "'schema' exceeds the maximum length of 1048575 characters",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset: { ...dataset, profile: long(16_777_216) } }] },
    "'profile' exceeds the maximum length of 16777215 characters",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset, tags: [{ key: long(256), value: '' }] }] },
    "'key' exceeds the maximum length of 255 characters",
  ],
  [
    'runs/log-inputs',
    { run_id: 'RUN', datasets: [{ dataset, tags: [{ key: 'k', value: long(501) }] }] },
    "'value' exceeds the maximum length of 500 characters",
  ],
  ['runs/log-inputs', { run_id: 'RUN', datasets: [{}] }, "Missing value for required parameter 'dataset'."],
  ['runs/outputs', { run_id: 'RUN' }, "Missing value for required parameter 'models'."],
  ['runs/log-model', { run_id: 'RUN', model_json: '{' }, 'Malformed model info.'],
  [
    'runs/log-model',
    { run_id: 'RUN', model_json: '{"flavors":{},"run_id":"x","utc_time_created":"x"}' },
    "Model json is missing mandatory fields: {'artifact_path'}",
  ],
  [
    'runs/search',
    { experiment_ids: ['0'], max_results: 0 },
    "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
  ],
  [
    'runs/search',
    { experiment_ids: ['0'], max_results: 50_001 },
    "Invalid value 50001 for parameter 'max_results' supplied",
  ],
  ['runs/search', { experiment_ids: ['0'], page_token: 'zz' }, 'Invalid page token, could not base64-decode'],
  [
    'runs/search',
    { experiment_ids: ['0'], filter: "params.a = '1' OR params.b = '2'" },
    'Invalid clause(s) in filter string',
  ],
  ['runs/search', { experiment_ids: ['0'], order_by: ['nope.x'] }, "Invalid entity type 'nope'"],
  [
    'experiments/search',
    { max_results: 50_001 },
    "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000",
  ],
  ['experiments/search-datasets', {}, 'SearchDatasets request must specify at least one experiment_id.'],
  [
    'experiments/search-datasets',
    { experiment_ids: pairs(21).map(({ key }) => key) },
    'SearchDatasets request cannot specify more than 20 experiment_ids. Received 21',
  ],
  ['experiments/create', { name: long(501) }, "'name' exceeds the maximum length of 500 characters"],
  [
    'experiments/create',
    { name: 'ok', artifact_location: 'runs:/a' },
    'Artifact location cannot be a runs:/ URI.',
  ],
  [
    'experiments/create',
    { name: 'ok', artifact_location: 's3://a#b' },
    "'artifact_location' URL can't include fragments or params.",
  ],
  [
    'experiments/create',
    { name: 'ok', artifact_location: 'mlflow-artifacts:/a/%2e%2e/b' },
    'Invalid artifact location',
  ],
  [
    'experiments/create',
    { name: 'ok', tags: [{ key: 'a', value: long(20_001) }] },
    "'value' exceeds the maximum length of 20000 characters",
  ],
  ['experiments/create', { name: '\ud800' }, `Invalid value "\\ud800" for parameter 'name' supplied`],
  ['registered-models/create', { name: 'a/b' }, "Invalid model name 'a/b'. Names cannot contain '/' or ':'."],
  [
    'registered-models/create',
    { name: '..' },
    `Invalid value ".." for parameter 'name' supplied: Names may be treated as files`,
  ],
  [
    'registered-models/set-tag',
    { name: 'model', key: 'k', value: long(100_001) },
    "'value' exceeds the maximum length of 100000 characters",
  ],
  [
    'registered-models/alias',
    { name: 'model', alias: 'v1', version: '1' },
    "Version alias name 'v1' is reserved.",
  ],
  [
    'registered-models/alias',
    { name: 'model', alias: long(256), version: '1' },
    "'Registered model alias name' exceeds the maximum length of 255 characters",
  ],
  ['logged-models', { experiment_id: '0', name: 'a/b' }, "Invalid model name ('a/b') provided."],
  ['logged-models', { name: 'a' }, "Missing value for required parameter 'experiment_id'."],
  ['logged-models/search', {}, "Missing value for required parameter 'experiment_ids'."],
];

test.each(CASES.map(([path, body, message]) => ({ path, body, message })))(
  '$path: $message',
  async ({ path, body, message }) => {
    const given = 'run_id' in body && body.run_id === 'RUN' ? { ...body, run_id: run } : body;
    expect(await mlflow.call('POST', path, given)).toEqual(
      refused(400, 'INVALID_PARAMETER_VALUE', expect.stringContaining(message)),
    );
  },
);

test('of all that, nothing was written', async () => {
  const { run: read } = await mlflow.good('GET', `runs/get?run_id=${run}`);
  expect(read).toMatchObject({
    info: { status: 'RUNNING' },
    data: { metrics: [], params: [], tags: [{ key: 'mlflow.runName' }] },
    inputs: { dataset_inputs: [] },
  });
  const found = await mlflow.good('POST', 'experiments/search', { max_results: 10, filter: "name = 'ok'" });
  expect(found.experiments).toEqual([]);
});
