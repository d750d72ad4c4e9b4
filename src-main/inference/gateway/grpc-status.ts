/** Failures as gRPC statuses. */
import { Metadata, status } from '@grpc/grpc-js';
import { LatheError, toErrorReport } from '../../contract/errors.ts';

const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  404: status.NOT_FOUND,
  409: status.ALREADY_EXISTS,
  413: status.RESOURCE_EXHAUSTED,
  499: status.CANCELLED,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** What the client gets: the protocol's status, the cause with its remedy, and our code in the metadata. */
export function grpcError(error: LatheError): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('lathe-code', error.code);
  return { code: CODES[error.status] ?? status.INTERNAL, details: grpcText(error), metadata };
}

export const grpcText = (error: LatheError): string => `${error.message} ${error.remedy}`;

export const asLathe = (thrown: unknown): LatheError => {
  if (thrown instanceof LatheError) return thrown;
  return new LatheError('LATHE_INTERNAL', { reason: toErrorReport(thrown).cause });
};
