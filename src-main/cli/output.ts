/** How the command line speaks: results on stdout, failures on stderr, one JSON line of either with --json. */
import { type ErrorReport, toErrorReport } from '../contract/errors.ts';

/** 0 done · 1 failed · 2 not understood · 3 nothing is running */
export type ExitCode = 0 | 1 | 2 | 3;

/** The command line itself was not understood. */
export class UsageError extends Error {}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** Says what went wrong and what to do about it; returns the exit code that goes with it. */
export function printFailure(thrown: unknown, json: boolean): ExitCode {
  if (thrown instanceof UsageError) {
    if (json) printJson({ ok: false, error: usageReport(thrown) });
    else process.stderr.write(`lathe: ${thrown.message}\nTry: lathe --help\n`);
    return 2;
  }
  const report = remoteReport(thrown) ?? toErrorReport(thrown);
  if (json) printJson({ ok: false, error: report });
  else process.stderr.write(`${report.code}: ${report.cause}\n${report.remedy}\n`);
  return report.code === 'LATHE_HOST_NOT_RUNNING' ? 3 : 1;
}

const usageReport = (error: UsageError) => ({
  code: 'LATHE_INPUT_INVALID',
  status: 400,
  cause: error.message,
  remedy: 'Run lathe --help.',
  details: {},
});

/** What the engine reported over RPC: an ORPCError whose data is the report. */
function remoteReport(thrown: unknown): ErrorReport | null {
  const data = (thrown as { data?: unknown } | null)?.data as Partial<ErrorReport> | undefined;
  return typeof data?.code === 'string' && typeof data.cause === 'string' && typeof data.remedy === 'string'
    ? (data as ErrorReport)
    : null;
}
