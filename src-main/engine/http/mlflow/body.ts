/** Reads what comes with a request: a JSON object of at most 32 MB, or the fields of a query. */
import type { IncomingMessage } from 'node:http';
import { invalid, MlflowError } from './errors.ts';
import type { Body } from './fields.ts';

/** A dataset's profile alone may have 16 MB. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Nobody types a body; one that trickles in holds a connection for nothing. */
const MOST_MS = 60_000;

/** What MLflow asks of POST and PUT, so that no web form reaches it. */
export function checkContentType(request: IncomingMessage): void {
  if (request.method !== 'POST' && request.method !== 'PUT') return;
  const given = request.headers['content-type'];
  if (given === undefined) throw invalid('Bad Request. Content-Type header is missing.');
  if (given.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json')
    throw invalid("Bad Request. Content-Type must be one of ['application/json'].");
}

/** By events: an async iterator takes a turn of the loop for each piece. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const stop = (message: string) => {
      clearTimeout(late);
      parts.length = 0;
      reject(new MlflowError('BAD_REQUEST', message));
    };
    const late = setTimeout(stop, MOST_MS, `The request body did not come within ${MOST_MS / 1000} s`);
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= MOST_BYTES) parts.push(part);
      else stop(`The request body is larger than ${MOST_BYTES} bytes`);
    });
    request.once('end', () => {
      clearTimeout(late);
      resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
    });
    request.once('close', () => {
      if (!request.complete) stop('The client went away');
    });
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A JSON object; old clients send it as a JSON string in a JSON string. */
export function parseBody(bytes: Buffer): Body {
  let value: unknown;
  try {
    const text = utf8.decode(bytes);
    if (text.trim() === '') return {};
    value = parseJson(text);
    if (typeof value === 'string') value = parseJson(value);
  } catch {
    throw new MlflowError('BAD_REQUEST', 'The request body is not valid JSON');
  }
  if (typeof value !== 'object' || Array.isArray(value))
    throw new MlflowError('BAD_REQUEST', 'The request body must be a JSON object');
  return (value ?? {}) as Body;
}

/** As Python reads JSON: a bare NaN or Infinity is a number. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (!/NaN|Infinity/.test(text)) throw thrown;
    return JSON.parse(
      text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
        token.startsWith('"') ? token : `"${token}"`,
      ),
    );
  }
}

/** A repeated field is a list. */
export function fromQuery(query: string): Body {
  if (query === '') return {};
  const values = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(values.keys())].map((key) => {
      const all = values.getAll(key);
      return [key, all.length === 1 ? all[0] : all];
    }),
  );
}
