/** What a handler is given and what it gives back. Handlers are in the files named after MLflow's services. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Body } from './fields.ts';

/** A JSON text to answer with, or an object of plain values (no NaN). */
export type Answer = string | Record<string, unknown>;

export type Call = {
  /** The JSON body, or the query string of a GET: a repeated key is a list. */
  body: Body;
  /** What the pattern's `:name` segments matched, decoded once. */
  path: Readonly<Record<string, string>>;
};

type JsonHandler = (call: Call) => Answer | Promise<Answer>;

/** "POST runs/create" below /api/2.0/mlflow/; a segment `:name` matches any one, `:name*` at the end all that follow. */
export type JsonRoutes = Record<string, JsonHandler>;

/** The handler of a path and what its pattern matched. A route without patterns goes first. */
export function findRoute(
  routes: JsonRoutes,
  method: string,
  path: string,
): { handler: JsonHandler; path: Record<string, string> } | null {
  const exact = `${method} ${path}`;
  const handler = Object.hasOwn(routes, exact) ? routes[exact] : undefined;
  if (handler) return { handler, path: {} };
  for (const [pattern, one] of Object.entries(routes)) {
    const matched = pattern.includes(':') && match(pattern.split(/[ /]/), exact.split(/[ /]/));
    if (matched) return { handler: one, path: matched };
  }
  return null;
}

function match(pattern: readonly string[], given: readonly string[]): Record<string, string> | null {
  const takesRest = pattern.at(-1)?.endsWith('*');
  if (takesRest ? given.length < pattern.length : given.length !== pattern.length) return null;
  const found: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const value = part.endsWith('*') ? given.slice(at).join('/') : (given[at] ?? '');
    if (part.startsWith(':')) found[part.replace(/^:|\*$/g, '')] = decoded(value);
    else if (part !== value) return null;
  }
  return found;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Answers by itself: streams. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse, rest: string) => Promise<void>;
