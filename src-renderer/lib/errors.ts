/** Whatever a call fails with, as the one shape that every screen shows: code, cause, remedy. */
import { ORPCError } from '@orpc/client';
import { type ErrorReport, isErrorCode, LatheError, toErrorReport } from '../../src-main/contract/errors.ts';

/** A report as a screen needs it; the engine may be newer than this page and know more codes. */
export type ShownReport = Omit<ErrorReport, 'code'> & { code: string };

/** What every failed call rejects with. */
export class RpcError extends Error {
  readonly report: ErrorReport;

  constructor(report: ErrorReport) {
    super(report.cause);
    this.name = 'RpcError';
    this.report = report;
  }
}

export function reportOf(thrown: unknown): ErrorReport {
  if (thrown instanceof RpcError) return thrown.report;
  if (thrown instanceof ORPCError) {
    if (isReport(thrown.data)) return thrown.data;
    if (isErrorCode(thrown.code))
      return new LatheError(thrown.code, isDetails(thrown.data) ? thrown.data : {}).report();
    if (thrown.code === 'BAD_REQUEST')
      return new LatheError('LATHE_INPUT_INVALID', { reason: thrown.message }).report();
  }
  return toErrorReport(thrown);
}

export const unavailable = (): ErrorReport => new LatheError('LATHE_ENGINE_UNAVAILABLE').report();

/** A report as text for a bug report or a colleague. */
export function reportAsText(report: ShownReport): string {
  const details = Object.entries(report.details).map(([key, value]) => `  ${key}: ${String(value)}`);
  return [`${report.code} (${report.status})`, report.cause, report.remedy, ...details].join('\n');
}

function isReport(value: unknown): value is ErrorReport {
  if (!isDetails(value)) return false;
  return isErrorCode(value.code) && typeof value.cause === 'string' && typeof value.remedy === 'string';
}

const isDetails = (value: unknown): value is ErrorReport['details'] =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
