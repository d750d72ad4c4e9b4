/** The text of a request's JSON, read as the protocol's clients write it. */
import { isAscii, isUtf8 } from 'node:buffer';
import { LatheError } from '../../contract/errors.ts';
import { brief } from './checks.ts';

export type JsonObject = Record<string, unknown>;

/** The body as an object; throws LATHE_SERVING_BODY_MALFORMED. */
export function parseJsonBody(body: Buffer): JsonObject {
  if (isAscii(body)) return asObject(parse(body.toString('latin1')));
  if (!isUtf8(body)) throw malformed('it is not UTF-8 text');
  return asObject(parse(body.toString('utf8')));
}

/** The same with whole numbers beyond 2^53 as bigint, or null when there can be none. */
export function parseExactly(body: Buffer): JsonObject | null {
  const text = body.toString('utf8');
  return /\d{16}/.test(text) ? asObject(parse(text, exactIntegers)) : null;
}

/** How much of either end is looked at for the request's parameters. */
const PEEK_BYTES = 1024;
/** The request's own parameters where only its id is before them, and where nothing is after them. */
const FIRST = /^\s*\{[^[{]*"parameters"\s*:\s*\{([^{}[\]]*)\}/;
const LAST = /(?<!\\)"parameters"\s*:\s*\{([^{}[\]]*)\}\s*\}\s*$/;

/**
 * The client's timeout in microseconds, of a body that is too large to be parsed only for that; 0 where it does not stand
 * at either end, as the usual clients write it.
 */
export function peekTimeoutUs(body: Buffer): number {
  const first = FIRST.exec(body.toString('latin1', 0, PEEK_BYTES));
  const parameters = first ?? LAST.exec(body.toString('latin1', Math.max(0, body.length - PEEK_BYTES)));
  return Number(/"timeout"\s*:\s*(\d{1,15})\s*(?:,|$)/.exec(parameters?.[1] ?? '')?.[1] ?? 0);
}

function parse(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch (thrown) {
    const spelled = respellNumbers(text);
    if (spelled !== text) return parse(spelled, reviver);
    throw malformed(brief(thrown instanceof Error ? thrown.message : String(thrown)));
  }
}

/**
 * Python's JSON writes NaN and Infinity, which JSON itself does not have: as null, which this server reads as
 * NaN, and as a number too large for a double, which JSON.parse reads as infinite. Strings are left alone.
 */
const respellNumbers = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|\bNaN\b|\bInfinity\b|\bInf\b/g, (token) => {
    if (token.startsWith('"')) return token;
    return token === 'NaN' ? 'null' : '1e999';
  });

/** ECMAScript's source text access gives the digits as they were written. */
type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;
const exactIntegers: Reviver = (_key, value, context) => {
  const source = context?.source;
  const lossy = typeof value === 'number' && !Number.isSafeInteger(value);
  return lossy && source && /^-?\d{1,40}$/.test(source) ? BigInt(source) : value;
};

function asObject(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw malformed('it is not a JSON object');
}

const malformed = (reason: string) => new LatheError('LATHE_SERVING_BODY_MALFORMED', { reason });
