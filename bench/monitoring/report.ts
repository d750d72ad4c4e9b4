/**
 * A drift report with all default scores over two Parquet files, in the real analysis process: how long from the request to
 * the report, and how much memory the process took at most. Evidently does the same beside it where PyPI is reachable.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureEnvironment, ensurePython } from '../../scripts/lib/python.mjs';
import { jobFile, jobUrl } from '../../src-main/engine/analysis/index.ts';
import type { Reported, ReportInput } from '../../src-main/engine/areas/drift-reports/report-jobs.ts';
import { openTestContext } from '../../src-main/engine/testing.ts';
import { median, type Report, repoRoot } from '../lib/report.ts';

export type ReportBenchOptions = {
  /** Rows of each side. */
  rows: number;
  columns: number;
  runs: number;
  /** Evidently beside it: minutes, and a gigabyte or more of memory. */
  peers: boolean;
};
export const REPORT_BENCH: ReportBenchOptions = { rows: 500_000, columns: 50, runs: 5, peers: true };

const FOLDER = join(repoRoot, 'out', 'bench', 'report-data');
const AREA = join(repoRoot, 'src-main', 'engine', 'areas', 'drift-reports', 'index.ts');
const PEER_LIMIT_MS = 20 * 60_000;

type PeerResult = { seconds: number; readSeconds: number; maxRssKiB: number; scores: Record<string, number> };

export async function benchReport(given: Partial<ReportBenchOptions> = {}): Promise<Report> {
  const options = { ...REPORT_BENCH, ...given };
  const files = await makeFiles(options);
  const own = await runOwn(files, options.runs);
  const peer = options.peers ? await runEvidently(files) : { problem: 'left out' };
  const seconds = median(own.seconds);
  const rows: (string | number)[][] = [
    ['Lathe', seconds.toFixed(2), Math.round(own.peakMiB), own.reported.columns.length, '1.0'],
  ];
  if ('seconds' in peer)
    rows.push([
      'Evidently 0.7.21 (pandas)',
      peer.seconds.toFixed(2),
      Math.round(peer.maxRssKiB / 1024),
      Object.keys(peer.scores).length,
      (peer.seconds / seconds).toFixed(1),
    ]);
  return {
    name: 'monitoring-report',
    columns: ['who', 'seconds', 'peak MiB', 'columns', 'times as long'],
    rows,
    notes: [
      `${options.rows.toLocaleString('en-US')} + ${options.rows.toLocaleString('en-US')} rows × ${options.columns} columns, Parquet (zstd); target < 5 s and < 1,024 MiB`,
      `median of ${options.runs} runs, ${own.seconds.map((one) => one.toFixed(2)).join(', ')} s; the process was started before`,
      ...('seconds' in peer
        ? [
            `Evidently read its files in ${peer.readSeconds.toFixed(1)} s of that; largest difference of a score ${largestDifference(own.reported, peer).toExponential(1)}`,
          ]
        : [`Evidently was not run: ${peer.problem}`]),
    ],
    data: { options, seconds: own.seconds, peakMiB: own.peakMiB, peer },
  };
}

type Files = { reference: string; current: string };

/** Four of five columns are numbers (even and skewed, some missing, some integers), the others categories; a few drift. */
async function makeFiles({ rows, columns }: ReportBenchOptions): Promise<Files> {
  mkdirSync(FOLDER, { recursive: true });
  const files = {
    reference: join(FOLDER, `reference-${rows}x${columns}.parquet`),
    current: join(FOLDER, `current-${rows}x${columns}.parquet`),
  };
  if (existsSync(files.reference) && existsSync(files.current)) return files;
  // Only here and in the analysis process: made with DuckDB itself, from hashes, so that every machine has the same data.
  const { openDuck } = await import('../../src-main/engine/analysis/duck.ts');
  for (const [side, file] of Object.entries(files)) {
    const duck = await openDuck({ files: [file], temporary: FOLDER });
    const select = Array.from({ length: columns }, (_, at) => columnSql(at, side === 'current')).join(', ');
    await duck.run(
      `COPY (SELECT ${select} FROM range(${rows}) AS t(i)) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    duck.close();
  }
  return files;
}

function columnSql(at: number, isCurrent: boolean): string {
  const seed = at * 2 + (isCurrent ? 1 : 0);
  const even = `(hash(i * 64 + ${seed}) / 18446744073709551616.0)`;
  const drifts = isCurrent && at % 7 === 0;
  if (at % 5 === 4) {
    const share = drifts ? `pow(${even}, 1.5)` : even;
    return `'c' || CAST(floor(${share} * ${10 + at}) AS INTEGER) AS c${at}`;
  }
  if (at % 5 === 3) return `CAST(floor(${even} * 1000) AS INTEGER)${drifts ? ' + 150' : ''} AS n${at}`;
  const skewed = `(-ln(1 - ${even}) * 10${drifts ? ' + 3' : ''})`;
  return at % 5 === 2 ? `CASE WHEN i % 50 = 0 THEN NULL ELSE ${skewed} END AS n${at}` : `${skewed} AS n${at}`;
}

async function runOwn(files: Files, runs: number) {
  const context = await openTestContext();
  try {
    const { bundles } = context.paths;
    const from = `file://${AREA}`;
    const input: ReportInput = {
      reference: { kind: 'file', file: { path: files.reference, name: 'reference' } },
      current: { kind: 'file', file: { path: files.current, name: 'current' } },
      ...{ columns: null, kinds: null, asked: {}, worker: jobFile(from, 'report-worker', bundles) },
    };
    const seconds: number[] = [];
    let reported: Reported | null = null;
    for (let run = 0; run <= runs; run++) {
      const began = performance.now();
      ({ result: reported } = await context.analysis.run<Reported>(
        jobUrl(from, 'report-jobs', bundles),
        input,
      ));
      // The first one starts the process and reads the files into the system's cache.
      if (run > 0) seconds.push((performance.now() - began) / 1000);
    }
    const peakMiB = peakOf(context.processes.list()[0]?.pid ?? 0);
    return { seconds, peakMiB, reported: reported as Reported };
  } finally {
    await context.close();
  }
}

/** Most memory that the process ever held; Linux only. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

async function runEvidently(files: Files): Promise<PeerResult | { problem: string }> {
  const python = await ensurePython();
  if (python.executable === null) return { problem: python.problem ?? 'there is no Python' };
  const folder = join(repoRoot, 'bench', 'monitoring', 'peers');
  const made = await ensureEnvironment(
    python.executable,
    join(folder, 'evidently.txt'),
    'Evidently beside Lathe',
  );
  if (made.python === null) return { problem: made.problem ?? 'it could not be installed' };
  const executable = made.python;
  return new Promise((resolve) => {
    const child = spawn(executable, [join(folder, 'report_evidently.py'), files.reference, files.current], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DO_NOT_TRACK: '1', PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PEER_LIMIT_MS);
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk).slice(-2_000);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const last = out.trim().split('\n').at(-1) ?? '';
      if (code === 0 && last.startsWith('{')) resolve(JSON.parse(last) as PeerResult);
      else resolve({ problem: `it ended with ${signal ?? code}: ${errors.trim().split('\n').at(-1) ?? ''}` });
    });
  });
}

function largestDifference({ columns }: Reported, peer: PeerResult): number {
  return columns.reduce((largest, { column, score }) => {
    const other = peer.scores[column];
    return score === null || other === undefined ? largest : Math.max(largest, Math.abs(score - other));
  }, 0);
}
