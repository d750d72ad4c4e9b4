/** `lathe labels`: ground truth from a file. Reading the same file again changes nothing. */
import { resolve } from 'node:path';
import type { LabelFileResult } from '../contract/labels.ts';
import { labelColumns } from './labels-options.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';
import { uploadFile } from './upload.ts';

const text = { type: 'string' } as const;

export async function labels(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(
    argv,
    {
      ...{ endpoint: text, label: text, id: text, entity: text, at: text, within: text },
      workspace: text,
    },
    ['FILE.csv|FILE.parquet'],
  );
  const { endpoint } = values;
  if (endpoint === undefined) throw new UsageError('--endpoint NAME is missing');
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const uploadId = await uploadFile(client.rpc, resolve(positionals[0] ?? ''));
    const { guess } = await client.rpc.labels.preview({ uploadId });
    const result = await client.rpc.labels.upload({ uploadId, endpoint, ...labelColumns(values, guess) });
    if (values.json) printJson({ ok: result.refused === 0, ...result });
    else print(textOf(result));
    return result.refused === 0 ? 0 : 1;
  } finally {
    client.close();
  }
}

function textOf({
  rows,
  joined,
  replaced,
  unchanged,
  stale,
  unknown,
  refused,
  problems,
}: LabelFileResult): string {
  const more = refused - problems.length;
  return [
    `${rows} rows: ${joined} joined (${replaced} of them replaced another label), ${unchanged} were known already, ${stale} older than what is there, ${unknown} without a prediction, ${refused} refused.`,
    ...problems.map(({ row, reason }) => `row ${row}: ${reason}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n');
}
