/** `lathe metrics …`: business metrics of an endpoint of a running Lathe. Sending the same again changes nothing. */
import type { Rpc } from './client.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';
import { uploadFile } from './upload.ts';

const COMMON = { workspace: { type: 'string' }, endpoint: { type: 'string' } } as const;
/** Rows that went wrong and are shown. */
const SHOWN = 20;

async function withRunning<T>(workspace: string | undefined, work: (rpc: Rpc) => Promise<T>): Promise<T> {
  const client = await connectToRunning(workspaceOrDefault(workspace));
  try {
    return await work(client.rpc);
  } finally {
    client.close();
  }
}

function endpointIn(given: string | undefined): string {
  if (given === undefined) throw new UsageError('--endpoint is missing');
  return given;
}

/** One value; of now, unless `--at` says. */
export async function pushMetric(argv: readonly string[]): Promise<ExitCode> {
  const options = { ...COMMON, at: { type: 'string' }, key: { type: 'string' } } as const;
  const { values, positionals } = parse(argv, options, ['NAME', 'VALUE']);
  const [name = '', text = ''] = positionals;
  const endpoint = endpointIn(values.endpoint);
  const point = {
    ...{ name, value: numberIn(text), atMs: values.at === undefined ? Date.now() : timeIn(values.at) },
    ...(values.key === undefined ? {} : { key: values.key }),
  };
  const pushed = await withRunning(values.workspace, (rpc) =>
    rpc.businessMetrics.push({ endpoint, points: [point] }),
  );
  if (values.json) printJson({ ok: true, ...pushed });
  else if (pushed.unchanged > 0) print('Known already; nothing changed.');
  else print(pushed.replaced > 0 ? 'Kept, in place of the former value.' : 'Kept.');
  return 0;
}

/** A CSV file with the columns name, at, value and perhaps key; `--name` stands in for the first. */
export async function importMetrics(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(argv, { ...COMMON, name: { type: 'string' } }, ['FILE']);
  const endpoint = endpointIn(values.endpoint);
  const done = await withRunning(values.workspace, async (rpc) => {
    const uploadId = await uploadFile(rpc, positionals[0] ?? '');
    const named = values.name === undefined ? {} : { name: values.name };
    return rpc.businessMetrics.importCsv({ endpoint, uploadId, ...named });
  });
  const { rows, added, replaced, unchanged, refused, problems } = done;
  if (values.json) printJson({ ok: refused === 0, ...done });
  else {
    print(
      `${rows} rows: ${added} new, ${replaced} in place of another value, ${unchanged} known, ${refused} refused.`,
    );
    for (const { row, reason } of problems.slice(0, SHOWN)) print(`row ${row}: ${reason}`);
    if (refused > problems.length) print(`and ${refused - problems.length} more`);
  }
  return refused === 0 ? 0 : 1;
}

function numberIn(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new UsageError(`VALUE is a finite number, not ${text}`);
  return value;
}

/** A whole ISO time with its zone, a day (UTC), or milliseconds since 1970. */
export function timeIn(text: string): number {
  const ms = /^\d{12,14}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new UsageError(`--at is a time as 2026-11-26T10:00Z, a day, or milliseconds since 1970, not ${text}`);
}
