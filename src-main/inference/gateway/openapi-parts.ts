/** What the OpenAPI document is put together from: its types, and short ways to write a schema or an answer. */

export type Json = Record<string, unknown>;
export type Parameter = {
  name: string;
  in: 'path' | 'header';
  required: boolean;
  description: string;
  schema: Json;
};
export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
};
export type OpenApi = {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, { get?: Operation; post?: Operation }>;
  components: { schemas: Record<string, Json> };
};

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const text: Json = { type: 'string' };
export const list = (items: Json): Json => ({ type: 'array', items });
export const object = (properties: Json, required: string[] = []): Json => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
});

export const json = (schema: Json, example?: unknown) => ({
  'application/json': example === undefined ? { schema } : { schema, example },
});
export const ok = (description: string, schema?: Json) => ({
  '200': schema ? { description, content: json(schema) } : { description },
});
export const failures = (descriptions: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [
      status,
      { description, content: json(ref('Error')) },
    ]),
  );
