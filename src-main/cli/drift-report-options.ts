/** Methods and thresholds of `lathe drift-report`. */
import { type ColumnAsk, ExactMethod, type ReportRequest } from '../contract/drift-reports.ts';
import { UsageError } from './output.ts';

/** By the name that a command line has for it: `ks`, `psi`, … */
const METHODS = new Map(ExactMethod.options.map((id) => [id.replace(/^evidently\.|@0\.7$/g, ''), id]));

export type ReportFlags = {
  numeric?: string | undefined;
  categorical?: string | undefined;
  column?: readonly string[] | undefined;
  'drift-share'?: string | undefined;
};

/** What the flags ask for; UsageError where one cannot be read. */
export function askedIn(
  flags: ReportFlags,
): Partial<Pick<ReportRequest, 'numeric' | 'categorical' | 'byColumn' | 'driftShare'>> {
  const { numeric, categorical, column = [], 'drift-share': share } = flags;
  const byColumn = column.map((text): [string, ColumnAsk] => {
    // A name may have `=` in it; what follows the last one is the method.
    const at = text.lastIndexOf('=');
    if (at < 1)
      throw new UsageError(`--column is NAME=METHOD, NAME=METHOD:THRESHOLD or NAME=THRESHOLD, not ${text}`);
    return [text.slice(0, at), askIn('column', text.slice(at + 1))];
  });
  return {
    ...(numeric === undefined ? {} : { numeric: askIn('numeric', numeric) }),
    ...(categorical === undefined ? {} : { categorical: askIn('categorical', categorical) }),
    ...(byColumn.length === 0 ? {} : { byColumn: Object.fromEntries(byColumn) }),
    ...(share === undefined ? {} : { driftShare: shareIn(share) }),
  };
}

/** `ks`, `ks:0.01` or `0.01`. */
function askIn(flag: string, text: string): ColumnAsk {
  const parts = text.split(':');
  const method = METHODS.get(parts[0] ?? '');
  const limit = method ? parts[1] : parts[0];
  const threshold = limit === undefined ? undefined : Number(limit);
  const fits =
    parts.length <= (method ? 2 : 1) && (threshold === undefined || threshold > 0) && limit?.trim() !== '';
  if (!fits)
    throw new UsageError(
      `--${flag} takes METHOD, METHOD:THRESHOLD or THRESHOLD, not ${text}; methods are ${[...METHODS.keys()].join(', ')}`,
    );
  return { ...(method ? { method } : {}), ...(threshold === undefined ? {} : { threshold }) };
}

function shareIn(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new UsageError(`--drift-share is a share from 0 to 1, not ${text}`);
}
