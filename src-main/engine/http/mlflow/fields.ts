/** Reads the fields of a request, strictly: what does not fit is an INVALID_PARAMETER_VALUE in MLflow's words. */
import { invalid } from './errors.ts';
import { asJson, float, normalPath, repr, typeName } from './python-text.ts';

export type Body = Readonly<Record<string, unknown>>;

/** How MLflow ends many of its messages. */
export const SEE = 'See the API docs for more information about request parameters.';

export const missing = (name: string) => invalid(`Missing value for required parameter '${name}'. ${SEE}`);
/** A value of the wrong type, or out of range. */
export const wrong = (name: string, value: unknown) =>
  invalid(
    `Invalid value ${asJson(value)} for parameter '${name}' supplied:  Hint: Value was of type '${typeName(value)}'. ${SEE}`,
  );
const refused = (name: string, value: unknown, why: string) =>
  invalid(`Invalid value ${asJson(value)} for parameter '${name}' supplied: ${why}`);

/** A field by its name in MLflow's messages, or by that name in camel case: protobuf's JSON takes both, but one of them. */
function given(body: Body, name: string): unknown {
  const value = body[name] ?? undefined;
  const camel = camelCase(name);
  if (camel === name || body[camel] === undefined) return value;
  if (name in body)
    throw invalid(`Request specifies both '${name}' and '${camel}'; provide only one of them.`);
  return body[camel] ?? undefined;
}

const CAMEL = new Map<string, string>();
function camelCase(name: string): string {
  let camel = CAMEL.get(name);
  if (camel === undefined) {
    camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    CAMEL.set(name, camel);
  }
  return camel;
}

export function text(body: Body, name: string): string | undefined {
  const value = given(body, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !value.isWellFormed()) throw wrong(name, value);
  return value;
}

export function needText(body: Body, name: string): string {
  const value = text(body, name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

/** run_id, or its older name. */
export const runIdOf = (body: Body): string =>
  text(body, 'run_id') || needText({ run_id: given(body, 'run_uuid') }, 'run_id');

/** The number of an experiment, as digits. */
export function checkExperimentId(id: string): string {
  if (!/^-?\d{1,18}$/.test(id))
    throw invalid(`Invalid experiment ID '${id.slice(0, 100)}'. Experiment ID must be a valid integer.`);
  return id;
}

/** int64: a JSON number or a string of digits. Beyond 2^53 the last digits are lost, as JSON's numbers lose them. */
export function int(body: Body, name: string): number | undefined {
  const value = given(body, name);
  return value === undefined ? undefined : toInt(value, name);
}

function toInt(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) >= 2 ** 63)
    throw wrong(name, value);
  return number;
}

/** A number, or "NaN", "Infinity", "-Infinity". */
export function double(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (value === undefined || value === null || value === '') throw missing(name);
  if (typeof value === 'string') {
    if (/^-?nan$/i.test(value)) return Number.NaN;
    if (/^[+-]?inf(inity)?$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  }
  throw wrong(name, value);
}

/** Milliseconds of a metric; not before 1970, as MLflow has it. */
export function timestampOf(raw: unknown, at: string, key: string, value: number): number {
  if (raw === undefined || raw === null || raw === '') throw missing(`${at}timestamp`);
  const timestamp = toInt(raw, `${at}timestamp`);
  if (timestamp < 0)
    throw refused(
      `${at}timestamp`,
      timestamp,
      `metric '${key}' (value=${float(value)}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  return timestamp;
}

export function list(body: Body, name: string): Body[] {
  const value = given(body, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(name, value);
  for (const item of value)
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw wrong(name, item);
  return value as Body[];
}

export function texts(body: Body, name: string): string[] {
  const value = given(body, name);
  if (value === undefined) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.map((item: unknown) => {
    if (typeof item !== 'string' || !item.isWellFormed()) throw wrong(name, value);
    return item;
  });
}

/** An enum by its name or its number. `names` starts with the value of number 1. */
export function choice<T extends string>(body: Body, name: string, names: readonly T[]): T | undefined {
  const value = given(body, name);
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const found = typeof number === 'number' ? names[number - 1] : names.find((one) => one === value);
  if (found === undefined) throw wrong(name, value);
  return found;
}

const beyond = (value: number, most: number) =>
  invalid(`Invalid value ${value} for parameter 'max_results' supplied. It must be at most ${most}`);

/** How many rows a page has. `tooMany` says what MLflow says there of more than `most`. */
export function pageSize(body: Body, most: number, usual: number, tooMany = beyond): number {
  const value = int(body, 'max_results') ?? usual;
  if (value < 1)
    throw invalid(
      `Invalid value ${value} for parameter 'max_results' supplied. It must be a positive integer`,
    );
  if (value > most) throw tooMany(value, most);
  return value;
}

/** Most characters of names and values, as MLflow's own server has them. */
export const LIMITS = {
  key: 250,
  param: 6000,
  tag: 8000,
  experimentTag: 20_000,
  experimentName: 500,
  registryTag: 100_000,
  modelName: 256,
  alias: 255,
} as const;

const NAME = /^[/\p{L}\p{N}\p{M}_.\- :]*$/u;
const PLAIN = /^[\w\- :]{1,250}$/;

/**
 * Checks the name of a metric, param or tag: it must also be a path that means only itself. `shownAs` is where it
 * stands in the request, `limitOf` what MLflow calls a name that is too long.
 */
export function checkKey(key: string, shownAs: string, limitOf = shownAs): string {
  if (PLAIN.test(key)) return key;
  if (!NAME.test(key))
    throw refused(
      shownAs,
      key,
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  checkPath(key, shownAs);
  return limited(key, limitOf, LIMITS.key);
}

/** A name that is, as a path, another name or leads upwards. */
export function checkPath(name: string, shownAs: string): void {
  const path = normalPath(name);
  if (path !== name || path === '.' || path.startsWith('..') || path.startsWith('/'))
    throw refused(
      shownAs,
      name,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${repr(path)}`,
    );
}

export function needKey(body: Body, name: string, shownAs = name, limitOf = shownAs): string {
  const key = body[name];
  if (key === undefined || key === null || key === '') throw missing(shownAs);
  if (typeof key !== 'string') throw wrong(shownAs, key);
  return checkKey(key, shownAs, limitOf);
}

/** Refuses what is longer than `most` characters. */
export function limited(value: string, name: string, most: number): string {
  if (value.length > most && (value.length > 2 * most || [...value].length > most))
    throw invalid(`'${name}' exceeds the maximum length of ${most} characters`);
  return value;
}

/** Text cut to what MLflow keeps of a run's params and tags; its server cuts too, rather than refuse. */
export const cut = (value: string, most: number): string =>
  value.length <= most ? value : [...value.slice(0, 2 * most)].slice(0, most).join('');

/** The value of a param or tag. */
export const textValue = (body: Body): string => text(body, 'value') ?? '';

/** MLflow's page token: base64 of {"offset": N}. */
export function offsetOf(body: Body): number {
  const token = text(body, 'page_token');
  if (!token) return 0;
  try {
    const { offset } = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as { offset: unknown };
    if (Number.isSafeInteger(offset) && (offset as number) >= 0) return offset as number;
  } catch {
    // Told below.
  }
  throw invalid('Invalid page token, could not base64-decode');
}

export const tokenFor = (offset: number): string =>
  Buffer.from(JSON.stringify({ offset })).toString('base64');
