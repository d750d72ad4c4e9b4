/**
 * How every benchmark tells its result: a table on the terminal, and the same as JSON in out/bench/. With
 * `--markdown` the table is as docs/benchmarks.md takes it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

export const repoRoot = join(import.meta.dirname, '..', '..');

export type Report = {
  name: string;
  /** First row of the table. */
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
  /** What a reader must know to trust the figures. */
  notes: readonly string[];
  /** Raw figures for machines. */
  data?: unknown;
};

export function tell(report: Report): void {
  const cells = [report.columns, ...report.rows].map((row) => row.map(String));
  const widths = report.columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  console.log(`\n${report.name}`);
  if (process.argv.includes('--markdown')) {
    const [head = [], ...body] = cells.map((row) => `| ${row.map((cell) => cell.trim()).join(' | ')} |`);
    console.log([head, `|${'---|'.repeat(report.columns.length)}`, ...body].join('\n'));
  } else for (const row of cells) console.log(`  ${line(row)}`);
  for (const note of report.notes) console.log(`  · ${note}`);

  const folder = join(repoRoot, 'out', 'bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${report.name}.json`);
  writeFileSync(file, `${JSON.stringify({ ...report, machine: machine() }, null, 2)}\n`);
  console.log(`  · written to out/bench/${report.name}.json`);
}

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()}`,
  node: process.version,
});

/** The value below which the share `q` of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);
