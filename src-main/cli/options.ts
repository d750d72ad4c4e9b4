/** Strict command lines: a flag nobody knows is an error, not a surprise. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './output.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** `parseArgs` with `--json` for every command, and its complaints as UsageErrors. */
export function parse<const T extends Options>(
  argv: readonly string[],
  options: T,
  positionals: readonly string[] = [],
) {
  try {
    const parsed = parseArgs({
      args: [...argv],
      options: { ...options, json: { type: 'boolean' } },
      allowPositionals: true,
      strict: true,
    });
    const [extra] = parsed.positionals.slice(positionals.length);
    if (extra !== undefined) throw new UsageError(`there is an argument too many: ${extra}`);
    const missing = positionals[parsed.positionals.length];
    if (missing !== undefined) throw new UsageError(`${missing} is missing`);
    return parsed;
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    throw new UsageError(thrown instanceof Error ? (thrown.message.split('. ')[0] ?? '') : String(thrown));
  }
}

/** A port number, 0 included; undefined stays undefined. */
export function portOption(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new UsageError(`--${name} is a port from 0 to 65535, not ${value}`);
}
