/** Reads the fields of a request, strictly: what does not fit is an INVALID_PARAMETER_VALUE in MLflow's words. */
import { invalid } from './errors.ts';

export type Body = Readonly<Record<string, unknown>>;

const missing = (name: string) =>
  invalid(
    `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`,
  );
const wrong = (name: string, value: unknown, hint = '') =>
  invalid(
    `Invalid value ${shown(value)} for parameter '${name}' supplied${hint ? `: ${hint}` : ''}. See the API docs for more information about request parameters.`,
  );
const shown = (value: unknown): string => (JSON.stringify(value) ?? 'null').slice(0, 500);

export function text(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrong(name, value);
  return value;
}

export function needText(body: Body, name: string): string {
  const value = text(body, name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

/** run_id, or its older name. */
export const runIdOf = (body: Body): string =>
  text(body, 'run_id') || needText({ run_id: body.run_uuid }, 'run_id');

/** int64: a JSON number or a string of digits. */
export function int(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrong(name, value);
  return number;
}

/** A number, or "NaN", "Infinity", "-Infinity". */
export function double(body: Body, name: string): number {
  const value = body[name];
  if (value === undefined || value === null) throw missing(name);
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    if (value === 'NaN') return Number.NaN;
    if (/^[+-]?Infinity$/.test(value)) return Number(value);
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  }
  throw wrong(name, value, `Please specify value as a valid double (64-bit floating point)`);
}

export function list(body: Body, name: string): Body[] {
  const value = body[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(name, value);
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw wrong(name, item);
    return item as Body;
  });
}

export function texts(body: Body, name: string): string[] {
  const value = body[name];
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.map((item: unknown) => {
    if (typeof item !== 'string') throw wrong(name, value);
    return item;
  });
}

/** An enum by its name or its number. `names` starts with the value of number 1. */
export function choice<T extends string>(body: Body, name: string, names: readonly T[]): T | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const found = typeof value === 'number' ? names[value - 1] : names.find((one) => one === value);
  if (found === undefined) throw wrong(name, value);
  return found;
}

export function between(body: Body, name: string, least: number, most: number, usual: number): number {
  const value = int(body, name) ?? usual;
  if (value < least || value > most) throw wrong(name, value, `${name} must be between ${least} and ${most}`);
  return value;
}

/** Most bytes of names and values, as MLflow's own server has them. */
export const LIMITS = {
  key: 250,
  param: 6000,
  tag: 8000,
  experimentTag: 5000,
  experimentName: 500,
  registryTag: 100_000,
  modelName: 256,
  alias: 255,
} as const;

const NAME = /^[/\p{L}\p{N}\p{M}_.\- :]*$/u;

/** A name of a metric, param or tag: it must also be a path that means only itself. */
export function needKey(body: Body, name: string, shownAs = name): string {
  const key = text(body, name);
  if (key === undefined || key === '') throw missing(shownAs);
  if ([...key].length > LIMITS.key)
    throw invalid(
      `'${shownAs}' exceeds the maximum length of ${LIMITS.key} characters (${shown(key)} has ${[...key].length})`,
    );
  if (!NAME.test(key))
    throw wrong(
      shownAs,
      key,
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colons (:) and slashes (/)',
    );
  const parts = key.split('/');
  if (
    parts.some(
      (part, at) =>
        part === '..' || (part === '.' && key !== '.') || (part === '' && (at > 0 || parts.length > 1)),
    ) ||
    key === '.'
  )
    throw wrong(
      shownAs,
      key,
      'Names may be treated as files in certain cases, and must not resolve to other names when treated as such',
    );
  return key;
}

/** Text cut to what MLflow keeps; its server cuts too, rather than refuse. */
export const cut = (value: string, most: number): string =>
  value.length <= most ? value : [...value].slice(0, most).join('');

/** A value of a param or tag: text, or what a client sent as a number or a truth value. */
export function textValue(body: Body): string {
  const { value } = body;
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrong('value', value);
}

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
