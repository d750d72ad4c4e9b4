/** The shapes of bodies, by the names that operations refer to. */
import { ELEMENT_BYTES } from '../tensors.ts';
import { type Json, list, type OpenApi, object, ref, text } from './openapi-parts.ts';

export const BUSINESS_POINT: Record<string, Json> = {
  name: { ...text, description: 'Of the metric; one that is new is made, as a mean.' },
  atMs: { type: 'integer', description: 'What the value is about, milliseconds since 1970.' },
  value: { type: 'number' },
  key: { ...text, description: 'What the point is known by, instead of its name and time.' },
};
export function schemas(): OpenApi['components']['schemas'] {
  const integer = { type: 'integer' };
  const shape = list(integer);
  const datatype = { type: 'string', enum: Object.keys(ELEMENT_BYTES) };
  const parameters = { type: 'object', additionalProperties: true };
  const tensor = object({ name: text, datatype, shape }, ['name', 'datatype', 'shape']);
  const duration = object({ count: integer, ns: integer });
  return {
    InferRequest: object(
      {
        id: text,
        parameters: {
          ...object({
            lathe_unit: text,
            lathe_event_ms: integer,
            priority: { ...integer, description: '1 is served first; 0 is the default.' },
            timeout: { ...integer, description: 'Microseconds.' },
            binary_data_output: { type: 'boolean' },
          }),
          additionalProperties: true,
        },
        inputs: list(ref('InputTensor')),
        outputs: list(
          object({ name: text, parameters: object({ binary_data: { type: 'boolean' } }) }, ['name']),
        ),
      },
      ['inputs'],
    ),
    InputTensor: object(
      {
        name: text,
        shape,
        datatype,
        data: { type: 'array' },
        parameters: object({ binary_data_size: integer }),
      },
      ['name', 'shape', 'datatype'],
    ),
    InferResponse: object({
      id: text,
      model_name: text,
      model_version: text,
      parameters,
      outputs: list({
        allOf: [ref('Tensor'), object({ data: { type: 'array' }, parameters })],
      }),
    }),
    Tensor: tensor,
    ModelMetadata: object({
      name: text,
      versions: list(text),
      platform: text,
      inputs: list(ref('Tensor')),
      outputs: list(ref('Tensor')),
    }),
    RepositoryRow: object({
      name: text,
      version: text,
      state: { type: 'string', enum: ['READY', 'LOADING', 'UNLOADING', 'UNAVAILABLE'] },
      reason: text,
    }),
    Statistics: object({
      model_stats: list(
        object({
          name: text,
          version: text,
          last_inference: integer,
          inference_count: integer,
          execution_count: integer,
          inference_stats: { type: 'object', additionalProperties: duration },
          batch_stats: list(object({ batch_size: integer, compute_infer: duration })),
        }),
      ),
    }),
    Feedback: {
      ...object({
        requestId: { ...text, description: 'The id that the answer had.' },
        row: { ...integer, description: 'Of a request with several rows, from 0.' },
        predictionId: { ...text, description: 'Instead: the logged row’s id, "<request>#<row>".' },
        entity: {
          ...text,
          description: 'Or the unit that the request named, with endpoint, atMs, withinMs and label.',
        },
        endpoint: { ...text, description: 'Whose predictions an entity is looked for in.' },
        withinMs: {
          ...integer,
          description:
            'The label joins the entity’s newest prediction of so long before atMs that none by entity joined.',
        },
        reward: { type: 'number' },
        label: text,
        atMs: { ...integer, description: 'When it was observed, milliseconds since 1970.' },
      }),
      description: 'requestId, predictionId or entity; a reward, a label, or both. By entity only a label.',
    },
    BusinessPoint: object(BUSINESS_POINT, ['name', 'atMs', 'value']),
    BusinessPushed: object({ added: integer, replaced: integer, unchanged: integer }),
    FeedbackAnswer: object({
      results: list(
        object({
          state: { type: 'string', enum: ['joined', 'pending', 'duplicate', 'conflict', 'refused'] },
          error: { oneOf: [ref('Error'), { type: 'null' }] },
        }),
      ),
    }),
    Error: object({ error: text, code: text, cause: text, remedy: text }, ['error', 'code']),
  };
}
