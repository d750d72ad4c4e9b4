/** What the scheduler refuses with, in the words of the catalogue. */
import { type ErrorCode, type ErrorDetails, LatheError, toErrorReport } from '../../contract/errors.ts';
import { namesOf } from '../model-key.ts';
import type { BatcherErrors } from './batcher-types.ts';
import { type ServedModel, unavailable } from './served-model.ts';

/** Under overload most requests end in one of these: where it was made is known, and a stack costs 10 µs. */
function expected(code: ErrorCode, details: ErrorDetails): LatheError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new LatheError(code, details);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Its client hung up, or gave the call up. */
export const cancelled = (): LatheError => expected('LATHE_CANCELLED', { kind: 'request' });

export function schedulerErrors(find: (key: string) => ServedModel | undefined): BatcherErrors {
  return {
    timeout: (key, ms) => expected('LATHE_SERVING_TIMEOUT', { ...namesOf(key), ms }),
    queueTimeout: (key, ms) => expected('LATHE_SERVING_QUEUE_TIMEOUT', { ...namesOf(key), ms }),
    overloaded(key, { queuedRows, queuedBytes, late }) {
      const { name } = namesOf(key);
      const reason = late
        ? `an answer would take about ${Math.ceil(late.inMs)} ms, and ${Math.max(0, Math.floor(late.allowedMs))} ms are left for it`
        : queuedBytes === undefined
          ? `its queue is full (${queuedRows} rows)`
          : `its queue is full (${Math.ceil(queuedBytes / 1024 ** 2)} MiB of requests wait to be read)`;
      const retryAfterMs = late ? Math.max(1, Math.ceil(late.inMs - late.allowedMs)) : 1_000;
      return expected('LATHE_SERVING_OVERLOADED', {
        name,
        queued: queuedRows,
        reason,
        retryAfterMs,
        late: late !== null,
      });
    },
    unavailable(key) {
      const { name, version } = namesOf(key);
      return unavailable(name, version, find(key));
    },
    lost: (key) => new LatheError('LATHE_SERVING_RUNNER_LOST', { name: namesOf(key).name }),
    cancelled,
    internal: (thrown) => new LatheError('LATHE_INTERNAL', { reason: toErrorReport(thrown).cause }),
  };
}
