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

/** "POST runs/create" below /api/2.0/mlflow/. */
export type JsonRoutes = Record<string, (call: Call) => Answer | Promise<Answer>>;

/** Answers by itself: streams. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse, rest: string) => Promise<void>;
