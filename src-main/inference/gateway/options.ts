/** The request parameters that the server itself understands, whatever protocol carried them. */
import { invalid } from './checks.ts';
import type { RequestOptions } from './request.ts';

export const NO_OPTIONS: RequestOptions = { unit: null, eventMs: null, priority: 0, timeoutUs: 0 };

/** Beyond it all are alike, so that clients cannot make a queue for every number. */
const LOWEST_PRIORITY = 10;

/** Parameters by name, as plain values. Others than these are the client's own, and stay unread. */
export type ParameterValues = Readonly<Record<string, unknown>>;

/** Throws LATHE_INPUT_INVALID for a parameter of the wrong type. Zero and absent mean the server's default. */
export function readOptions(values: ParameterValues): RequestOptions {
  const { lathe_unit: unit, lathe_event_ms: eventMs, priority, timeout } = values;
  if (unit !== undefined && typeof unit !== 'string' && typeof unit !== 'number')
    throw invalid('parameters.lathe_unit must be a string');
  return {
    unit: unit === undefined ? null : String(unit),
    eventMs: eventMs === undefined ? null : whole('lathe_event_ms', eventMs, 'milliseconds since 1970'),
    priority:
      priority === undefined
        ? 0
        : Math.min(LOWEST_PRIORITY, whole('priority', priority, 'levels, 1 being the most urgent')),
    timeoutUs: timeout === undefined ? 0 : whole('timeout', timeout, 'microseconds'),
  };
}

function whole(name: string, value: unknown, unit: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalid(`parameters.${name} must be a whole number of ${unit}`);
}

/** Parameters that ask for what this server does not do; silence would be a wrong answer. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  classification: 'the classification extension',
  shared_memory_region: 'shared memory',
};

/** What a tensor's parameters ask for that cannot be had, or null. */
export function unsupportedIn(parameters: ParameterValues): string | null {
  for (const name in UNSUPPORTED) if (Object.hasOwn(parameters, name)) return UNSUPPORTED[name] ?? null;
  return null;
}
