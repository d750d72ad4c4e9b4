/**
 * Requests with more strings than can be looked at in one go: one after the other, a stretch in each turn of the event
 * loop, so that whoever sends millions of them holds up nobody but himself.
 */
import { LatheError, toErrorReport } from '../../contract/errors.ts';
import type { InferRequest } from './request.ts';
import { cancelled } from './scheduler-errors.ts';

export type StringChecks = {
  /** `done` is called once: with what is wrong about the strings or null, or with LATHE_CANCELLED by the returned cancel. */
  check(request: InferRequest, done: (error: LatheError | null) => void): () => void;
  /** Bytes of those that wait. */
  bytes(): number;
};

type Waiting = { request: InferRequest; done(error: LatheError | null): void };

/** Whether it is to be given to `check` before it is run. */
export const isUnchecked = ({ inputs }: InferRequest): boolean =>
  inputs.some(({ unchecked }) => unchecked !== undefined);

/** `defer` calls back in a later turn of the loop. */
export function createStringChecks(defer: (callback: () => void) => void): StringChecks {
  const waiting: Waiting[] = [];
  let bytes = 0;
  let isDue = false;

  /** False where it had left before. */
  const leave = (one: Waiting): boolean => {
    const at = waiting.indexOf(one);
    if (at < 0) return false;
    waiting.splice(at, 1);
    bytes -= one.request.bytes;
    return true;
  };

  const soon = () => {
    if (isDue || waiting.length === 0) return;
    isDue = true;
    defer(() => {
      isDue = false;
      turn();
      soon();
    });
  };

  function turn(): void {
    const one = waiting[0];
    if (!one) return;
    try {
      const input = one.request.inputs.find(({ unchecked }) => unchecked !== undefined);
      if (input?.unchecked?.step()) input.unchecked = undefined;
      if (isUnchecked(one.request)) return;
      leave(one);
      one.done(null);
    } catch (thrown) {
      leave(one);
      const error = thrown instanceof LatheError ? thrown : null;
      one.done(error ?? new LatheError('LATHE_INTERNAL', { reason: toErrorReport(thrown).cause }));
    }
  }

  return {
    check(request, done) {
      const one = { request, done };
      waiting.push(one);
      bytes += request.bytes;
      soon();
      return () => {
        if (leave(one)) done(cancelled());
      };
    },
    bytes: () => bytes,
  };
}
