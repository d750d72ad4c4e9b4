/** `lathe feedback`: rewards and labels from a file. Reading the same file again changes nothing. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { FeedbackResult } from '../contract/ab-tests.ts';
import { LatheError } from '../contract/errors.ts';
import type { Rpc } from './client.ts';
import { csvItem, csvRow, type Item, jsonItem } from './feedback-file.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

const BATCH = 500;
/** Lines that went wrong and are shown. */
const SHOWN = 20;

type Trouble = { line: number; state: 'conflict' | 'refused'; cause: string };
type Report = Record<FeedbackResult['state'], number> & { troubles: Trouble[] };

export async function feedback(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(argv, { workspace: { type: 'string' } }, ['FILE.jsonl|FILE.csv']);
  const file = positionals[0] ?? '';
  if (!(await stat(file).catch(() => null))?.isFile())
    throw new LatheError('LATHE_NOT_FOUND', { kind: 'file', name: file });
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const report = await sendFile(client.rpc, file);
    const ok = report.conflict + report.refused === 0;
    if (values.json) printJson({ ok, ...report });
    else print(textOf(report));
    return ok ? 0 : 1;
  } finally {
    client.close();
  }
}

async function sendFile(rpc: Rpc, file: string): Promise<Report> {
  const report: Report = { joined: 0, pending: 0, duplicate: 0, conflict: 0, refused: 0, troubles: [] };
  let batch: { line: number; item: Item }[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    const { results } = await rpc.abTests.feedback({ items: batch.map(({ item }) => item) });
    for (const [at, { state, error }] of results.entries()) {
      report[state] += 1;
      if ((state === 'conflict' || state === 'refused') && report.troubles.length < SHOWN) {
        const cause = error?.cause ?? 'it contradicts what is known, and says no later time';
        report.troubles.push({ line: batch[at]?.line ?? 0, state, cause });
      }
    }
    batch = [];
  };
  for await (const each of itemsOf(file)) {
    batch.push(each);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return report;
}

/** Line by line, so that a file may be of any size. Throws LATHE_INPUT_INVALID with the line that is none. */
async function* itemsOf(file: string): AsyncGenerator<{ line: number; item: Item }> {
  const csv = file.toLowerCase().endsWith('.csv');
  let header: string[] | null = null;
  let line = 0;
  const text = createReadStream(file, 'utf8');
  for await (const raw of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const content = line === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (content.trim() === '') continue;
    try {
      if (!csv) yield { line, item: jsonItem(content) };
      else if (header === null) header = csvRow(content);
      else yield { line, item: csvItem(header, csvRow(content)) };
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new LatheError('LATHE_INPUT_INVALID', { reason: `line ${line}: ${reason}` });
    }
  }
}

function textOf({ joined, pending, duplicate, conflict, refused, troubles }: Report): string {
  const lines = [
    `${joined} joined, ${pending} wait for their prediction, ${duplicate} were known already, ${conflict} contradict, ${refused} refused.`,
    ...troubles.map(({ line, state, cause }) => `line ${line}: ${state}: ${cause}`),
  ];
  const more = conflict + refused - troubles.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
