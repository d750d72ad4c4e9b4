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

/** Reads, on any thread; or writes by itself after it has read files. */
type Apart = (call: Call) => Answer | Promise<Answer>;
/** Writes in one go: it shares a commit with the calls that come together with it. */
type Write = (call: Call) => Answer;
type JsonHandler = { kind: 'apart'; run: Apart } | { kind: 'write'; run: Write };

/** A POST that is no write in one go. */
export const apart = (run: Apart): { kind: 'apart'; run: Apart } => ({ kind: 'apart', run });

/** "POST runs/create" below /api/2.0/mlflow/; a segment `:name` matches any one, `:name*` at the end all that follow. */
export type JsonRoutes = { [get: `GET ${string}`]: Apart } & {
  [change: `${'POST' | 'PATCH' | 'DELETE'} ${string}`]: Write | ReturnType<typeof apart>;
};
export type JsonTable = ReadonlyMap<string, JsonHandler>;

export const tableOf = (routes: JsonRoutes): JsonTable =>
  new Map(
    Object.entries(routes).map(([key, handler]) => [
      key,
      typeof handler !== 'function'
        ? handler
        : key.startsWith('GET ')
          ? apart(handler)
          : { kind: 'write', run: handler as Write },
    ]),
  );

/** The handler of a path and what its pattern matched. A route without patterns goes first. */
export function findRoute(
  routes: JsonTable,
  method: string,
  path: string,
): { handler: JsonHandler; path: Record<string, string> } | null {
  const exact = `${method} ${path}`;
  const handler = routes.get(exact);
  if (handler) return { handler, path: {} };
  for (const [pattern, one] of routes) {
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
