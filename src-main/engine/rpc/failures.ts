/** Every failure that leaves through RPC is a row of the catalogue: here whatever was thrown becomes one. */
import { ORPCError } from '@orpc/client';
import { ValidationError } from '@orpc/contract';
import { LatheError, toErrorReport } from '../../contract/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { storageFailure } from '../data/failures.ts';

/** `root` is the workspace, named in storage failures. What nobody foresaw is logged with its stack. */
export function toRpcError(
  thrown: unknown,
  call: string,
  root: string,
  log: Logger,
): ORPCError<string, unknown> {
  const known = foreseen(thrown, root);
  if (!known) log.error({ err: thrown, call }, 'a call failed unexpectedly');
  const report = toErrorReport(known ?? (thrown instanceof ORPCError ? (thrown.cause ?? thrown) : thrown));
  return new ORPCError(report.code, { status: report.status, message: report.cause, data: report });
}

export const unknownCall = (call: string): LatheError =>
  new LatheError('LATHE_NOT_FOUND', { kind: 'call', name: call });

function foreseen(thrown: unknown, root: string): LatheError | null {
  if (thrown instanceof ORPCError && thrown.code === 'BAD_REQUEST')
    return new LatheError('LATHE_INPUT_INVALID', { reason: invalidField(thrown) });
  return storageFailure(thrown, root);
}

/** "limit: Too big: expected number to be <=500"; the first issue is enough to mend the call. */
function invalidField(error: ORPCError<string, unknown>): string {
  if (!(error.cause instanceof ValidationError)) return 'it cannot be read';
  const issue = error.cause.issues[0];
  if (!issue) return 'it does not fit';
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
