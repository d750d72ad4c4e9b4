/**
 * `lathe gc`: frees the disk of a running Lathe. By itself it only takes what nobody could bring back any more;
 * emptying the trash ends the chance to undo, so it says what would go unless --yes is given.
 */
import type { TidyReport, TrashWeight } from '../contract/trash.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

export async function gc(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, {
    'empty-trash': { type: 'boolean' },
    'older-than': { type: 'string' },
    yes: { type: 'boolean' },
    workspace: { type: 'string' },
  });
  const empties = values['empty-trash'] === true;
  const days = daysOf(values['older-than']);
  if (days !== null && !empties) throw new UsageError('--older-than goes with --empty-trash');
  if (values.yes && !empties) throw new UsageError('--yes goes with --empty-trash');
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    if (empties && !values.yes) {
      const weight = await client.rpc.trash.weighOld({ olderThanDays: days ?? 0 });
      if (values.json) printJson({ ok: true, dryRun: true, weight });
      else print(`${weightText(weight)}\nNothing was deleted: add --yes to do it.`);
      return 0;
    }
    const emptied = empties ? await client.rpc.trash.empty({ olderThanDays: days ?? 0 }) : null;
    const tidied = await client.rpc.trash.tidy();
    const report = emptied ? sum(emptied, tidied) : tidied;
    if (values.json) printJson({ ok: true, dryRun: false, report });
    else print(reportText(report));
    return 0;
  } finally {
    client.close();
  }
}

function daysOf(given: string | undefined): number | null {
  if (given === undefined) return null;
  if (/^\d{1,5}(\.\d+)?$/.test(given) && Number(given) <= 36_500) return Number(given);
  throw new UsageError(`--older-than is a number of days, not ${given}`);
}

const sum = (a: TidyReport, b: TidyReport): TidyReport => ({
  items: a.items + b.items,
  blobs: a.blobs + b.blobs,
  blobBytes: a.blobBytes + b.blobBytes,
  databaseBytes: a.databaseBytes + b.databaseBytes,
});

const weightText = ({ items, fileBytes, rowBytes, sharedBytes }: TrashWeight): string =>
  items === 0
    ? 'Nothing of that age is in the trash.'
    : `${items} in the trash: ${fileBytes} bytes of files and about ${rowBytes} bytes of rows would come back; ${sharedBytes} bytes are used elsewhere and stay.`;

const reportText = ({ items, blobs, blobBytes, databaseBytes }: TidyReport): string =>
  `${items} deleted for good; ${blobs} files removed (${blobBytes} bytes); the database gave ${databaseBytes} bytes back.`;
