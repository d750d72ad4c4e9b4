/** `lathe drift-report`: exact scores of two local files, Parquet or CSV, by a running Lathe. */
import { type ColumnReport, type DriftReport, scoredOf } from '../contract/drift-reports.ts';
import { askedIn } from './drift-report-options.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';
import { uploadFile } from './upload.ts';

export async function driftReport(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(
    argv,
    {
      workspace: { type: 'string' },
      numeric: { type: 'string' },
      categorical: { type: 'string' },
      column: { type: 'string', multiple: true },
      'drift-share': { type: 'string' },
    },
    ['REFERENCE', 'CURRENT'],
  );
  const asked = askedIn(values);
  const [reference = '', current = ''] = positionals;
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const { rpc } = client;
    const sides = [await uploadFile(rpc, reference), await uploadFile(rpc, current)];
    const [one, two] = sides.map((uploadId) => ({ kind: 'upload', uploadId }) as const);
    const report = await rpc.driftReports.create({
      endpoint: null,
      reference: one as NonNullable<typeof one>,
      current: two as NonNullable<typeof two>,
      ...asked,
    });
    if (values.json) printJson({ ok: true, report });
    else print(textOf(report));
    return 0;
  } finally {
    client.close();
  }
}

/** A line for each column, the drifted ones first and the most drifted of them on top. */
function textOf(report: DriftReport): string {
  const width = Math.max(6, ...report.columns.map(({ column }) => column.length));
  const lines = [...report.columns].sort(byGravity).map((column) => lineOf(column, width));
  const verdict = report.datasetDrifted ? 'the data drifted' : 'the data did not drift';
  const { scored, unscored } = scoredOf(report.columns);
  const without = unscored === 0 ? '' : `; ${unscored} of ${report.columns.length} have no score`;
  const share = `${report.drifted} of ${scored} columns with a score drifted; from ${report.driftShare * 100} % on, the data did${without}`;
  const only = [
    ...(report.onlyReference.length > 0 ? [`only in the reference: ${report.onlyReference.join(', ')}`] : []),
    ...(report.onlyCurrent.length > 0 ? [`only in the current data: ${report.onlyCurrent.join(', ')}`] : []),
  ];
  return [
    `${report.current} (${report.currentRows} rows) against ${report.reference} (${report.referenceRows} rows): ${verdict}`,
    `  ${share}`,
    '',
    ...lines,
    ...(only.length > 0 ? ['', ...only.map((line) => `  ${line}`)] : []),
    ...report.notes.map((note) => `  ${note}`),
  ].join('\n');
}

const byGravity = (a: ColumnReport, b: ColumnReport): number =>
  Number(b.drifted ?? false) - Number(a.drifted ?? false) || (b.effect ?? 0) - (a.effect ?? 0);

function lineOf(
  { column, method, score, threshold, drifted, effect, problem }: ColumnReport,
  width: number,
): string {
  const name = `  ${column.padEnd(width)}`;
  if (score === null) return `${name}  not compared: ${problem}`;
  const word = drifted ? 'drifted' : 'same   ';
  const psi = effect === null ? '' : `, PSI ${effect.toPrecision(3)}`;
  return `${name}  ${word}  ${score.toPrecision(4)} (${method}, threshold ${threshold}${psi})`;
}
