/** The HTTP surface as an OpenAPI 3.1 document; the page at /docs is made from it too. */
import {
  failures,
  json,
  list,
  type OpenApi,
  type Operation,
  object,
  ok,
  type Parameter,
  ref,
  text,
} from './openapi-parts.ts';
import { BUSINESS_POINT, schemas } from './openapi-schemas.ts';

const MODEL: Parameter = {
  name: 'model',
  in: 'path',
  required: true,
  description: 'Name of an endpoint.',
  schema: text,
};
const VERSION: Parameter = {
  name: 'version',
  in: 'path',
  required: true,
  description: 'A version number; it passes the endpoint’s split by.',
  schema: { type: 'string', pattern: '^[0-9]+$' },
};
const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: text,
});
const INFER_HEADERS = [
  header(
    'Inference-Header-Content-Length',
    'Bytes of JSON at the start of the body; binary tensors follow. 0: the body is the only input’s bytes.',
  ),
  header('Content-Encoding', 'gzip or deflate, over the whole body.'),
  header('Accept-Encoding', 'gzip or deflate for the answer.'),
  header('x-lathe-unit', 'What the route is sticky by, when parameters.lathe_unit is not given.'),
  header('x-user-id', 'The same, when x-lathe-unit is not given either.'),
  header('x-lathe-force-arm', 'Key of the arm that must answer, whatever the route says.'),
];

const NOT_FOUND = { '404': 'No such endpoint or version.' };

/** One operation for each model and one for each version of it. */
function ofModel(verb: string, method: 'get' | 'post', operation: Operation): OpenApi['paths'] {
  const at = (version: boolean): Operation => ({
    ...operation,
    operationId: `${operation.operationId}${version ? 'Version' : ''}`,
    parameters: [MODEL, ...(version ? [VERSION] : []), ...(operation.parameters ?? [])],
  });
  return {
    [`/v2/models/{model}${verb}`]: { [method]: at(false) },
    [`/v2/models/{model}/versions/{version}${verb}`]: { [method]: at(true) },
  };
}

const INFER: Operation = {
  operationId: 'infer',
  tags: ['Inference'],
  summary: 'Run the model',
  description:
    'Tensors travel in the JSON, flat or nested, or as binary data after it. Whole numbers beyond 2^53 are exact. ' +
    'null in FP32 and FP64 data is NaN, and NaN and the infinities of an answer are null; binary data keeps them. ' +
    'FP16 travels as binary data only. An answer says in x-lathe-route which arm and version gave it.',
  parameters: INFER_HEADERS,
  requestBody: {
    required: true,
    content: {
      ...json(ref('InferRequest'), {
        inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', data: [1, 2, 3, 4] }],
      }),
      'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    },
  },
  responses: {
    '200': {
      description: 'The outputs, in the order asked for.',
      content: {
        ...json(ref('InferResponse')),
        'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
      },
    },
    ...failures({
      '400': 'The request does not fit the model.',
      ...NOT_FOUND,
      '413': 'The body is beyond the limit, before or after unpacking.',
      '500': 'The model failed on these values.',
      '501': 'Shared memory, classification, or another encoding than gzip and deflate.',
      '503': 'Not loaded, overloaded, or its timeout passed; Retry-After says when to come again.',
      '504': 'The model took too long.',
    }),
  },
};

const FEEDBACK: Operation = {
  operationId: 'feedback',
  tags: ['Feedback'],
  summary: 'Send rewards and labels for answers',
  description:
    'One item, or up to 1,000 as {"items": […]}. An answer means that they are kept, whatever happens next; sent again ' +
    'they change nothing. Feedback may come before its prediction is logged: it waits for a day. One that contradicts ' +
    'what is known takes its place only with a later atMs. Only endpoints that log their predictions can be told.',
  requestBody: {
    required: true,
    content: json(
      { oneOf: [ref('Feedback'), object({ items: list(ref('Feedback')) }, ['items'])] },
      {
        items: [
          { requestId: 'the id of an answer', reward: 1 },
          { requestId: 'of one with several rows', row: 2, label: 'spam', atMs: 1_790_000_000_000 },
          {
            ...{ entity: 'customer-7', endpoint: 'churn', label: '1' },
            ...{ atMs: 1_790_000_000_000, withinMs: 86_400_000 },
          },
        ],
      },
    ),
  },
  responses: {
    ...ok('What became of each item, in their order.', ref('FeedbackAnswer')),
    ...failures({
      '400': 'An item is not understood; none of them was taken.',
      '413': 'The body is beyond the limit.',
      '503': 'It cannot be kept now; send it again after Retry-After.',
    }),
  },
};

const BUSINESS_METRICS: Operation = {
  operationId: 'businessMetrics',
  tags: ['Feedback'],
  summary: 'Push figures of the business',
  description:
    'One point with its endpoint, or up to 5,000 of an endpoint. An answer means that they are kept. A point is known by ' +
    'its key, or by its name and time: sent again it changes nothing, with another value it replaces the first.',
  requestBody: {
    required: true,
    content: json(
      {
        oneOf: [
          object({ endpoint: text, ...BUSINESS_POINT }, ['endpoint', 'name', 'atMs', 'value']),
          object({ endpoint: text, points: list(ref('BusinessPoint')) }, ['endpoint', 'points']),
        ],
      },
      {
        endpoint: 'flight-delay',
        points: [{ name: 'bookings', atMs: 1_790_000_000_000, value: 312 }],
      },
    ),
  },
  responses: {
    ...ok('How many were new, took the place of another value, or were known.', ref('BusinessPushed')),
    ...failures({
      '400': 'A point is not understood; none of them was taken.',
      '404': 'There is no such endpoint.',
      '413': 'The body is beyond the limit.',
      '422': 'A point lies more than a day ahead, or the endpoint has too many metrics.',
      '503': 'They cannot be kept now; send them again after Retry-After.',
    }),
  },
};

const get = (operation: Operation) => ({ get: operation });
const post = (operation: Operation) => ({ post: operation });

export function openApiDocument(version: string): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lathe inference',
      version,
      description:
        'The Open Inference Protocol v2 with its binary tensor, repository, statistics, configuration and ' +
        'scheduling extensions. The same surface is spoken over gRPC (package inference).',
    },
    tags: [
      { name: 'Inference', description: 'Ask a model.' },
      { name: 'Feedback', description: 'Tell what became of an answer, and of the business.' },
      { name: 'Models', description: 'What a model expects, gives and has done.' },
      { name: 'Repository', description: 'What is loaded, and loading it.' },
      { name: 'Server', description: 'The server itself.' },
    ],
    paths: {
      ...ofModel('/infer', 'post', INFER),
      '/v2/lathe/feedback': post(FEEDBACK),
      '/v2/lathe/business-metrics': post(BUSINESS_METRICS),
      ...ofModel('', 'get', {
        operationId: 'modelMetadata',
        tags: ['Models'],
        summary: 'Inputs and outputs',
        responses: { ...ok('The signature.', ref('ModelMetadata')), ...failures(NOT_FOUND) },
      }),
      ...ofModel('/ready', 'get', {
        operationId: 'modelReady',
        tags: ['Models'],
        summary: 'Whether the model can answer',
        responses: { ...ok('It can.'), ...failures({ '400': 'It cannot now.', ...NOT_FOUND }) },
      }),
      ...ofModel('/config', 'get', {
        operationId: 'modelConfig',
        tags: ['Models'],
        summary: 'Batching and tensors, as a model configuration',
        responses: { ...ok('The configuration.', { type: 'object' }), ...failures(NOT_FOUND) },
      }),
      ...ofModel('/stats', 'get', {
        operationId: 'modelStatistics',
        tags: ['Models'],
        summary: 'Counts and durations since the start',
        responses: { ...ok('The statistics.', ref('Statistics')), ...failures(NOT_FOUND) },
      }),
      '/v2/models/stats': get({
        operationId: 'statistics',
        tags: ['Models'],
        summary: 'Counts and durations of every model',
        responses: ok('The statistics.', ref('Statistics')),
      }),
      '/v2/repository/index': post({
        operationId: 'repositoryIndex',
        tags: ['Repository'],
        summary: 'Every version and its state',
        requestBody: {
          required: false,
          content: json(object({ ready: { type: 'boolean' } }), { ready: true }),
        },
        responses: ok('The versions.', list(ref('RepositoryRow'))),
      }),
      '/v2/repository/models/{model}/load': post({
        operationId: 'loadModel',
        tags: ['Repository'],
        summary: 'Load what the endpoint serves, and wait for it',
        parameters: [MODEL],
        responses: {
          ...ok('Every version is ready.'),
          ...failures({
            ...NOT_FOUND,
            '501': 'A configuration or file was sent.',
            '503': 'It failed to load.',
          }),
        },
      }),
      '/v2/repository/models/{model}/unload': post({
        operationId: 'unloadModel',
        tags: ['Repository'],
        summary: 'Take the endpoint’s models out of memory',
        parameters: [MODEL],
        responses: { ...ok('They are gone; what was queued was answered.'), ...failures(NOT_FOUND) },
      }),
      '/v2': get({
        operationId: 'server',
        tags: ['Server'],
        summary: 'Name, version and extensions',
        responses: ok('The server.', object({ name: text, version: text, extensions: list(text) })),
      }),
      '/v2/health/live': get({
        operationId: 'live',
        tags: ['Server'],
        summary: 'Whether the server runs',
        responses: ok('It does.'),
      }),
      '/v2/health/ready': get({
        operationId: 'ready',
        tags: ['Server'],
        summary: 'Whether every endpoint can answer, but for those whose model was unloaded on purpose',
        responses: { ...ok('Every one can.'), ...failures({ '400': 'One cannot; the body says which.' }) },
      }),
      '/metrics': get({
        operationId: 'metrics',
        tags: ['Server'],
        summary: 'Figures for Prometheus',
        responses: {
          '200': { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: text } } },
        },
      }),
    },
    components: { schemas: schemas() },
  };
}
