/** Feedback on its way to the engine: a client is answered only with what the engine has committed. */
import type { FeedbackResult } from '../../contract/ab-tests.ts';
import { LatheError } from '../../contract/errors.ts';
import type { EngineToGateway, GatewayToEngine } from '../../platform/link.ts';

type Answer = Extract<EngineToGateway, { type: 'feedback-done' | 'feedback-failed' }>;

export type FeedbackDesk = {
  /** Rejects with LATHE_AB_TESTS_FEEDBACK_AWAY when the engine is not there or does not answer. */
  keep(items: unknown[]): Promise<FeedbackResult[]>;
  answered(message: Answer): void;
  /** The engine is gone: what it was asked may be kept or not, and its clients ask again. */
  lost(): void;
};

const PATIENCE_MS = 10_000;
/** Requests that wait for the engine at once. */
const MOST_WAITING = 256;
const RETRY_MS = 1_000;

type Waiting = {
  resolve(results: FeedbackResult[]): void;
  reject(error: LatheError): void;
  timer: NodeJS.Timeout;
};

/** `send` says whether the engine is there. */
export function createFeedbackDesk(send: (message: GatewayToEngine) => boolean): FeedbackDesk {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;

  const take = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    if (found) clearTimeout(found.timer);
    waiting.delete(id);
    return found;
  };

  return {
    keep: (items) =>
      new Promise((resolve, reject) => {
        if (waiting.size >= MOST_WAITING) {
          reject(away('too many other requests wait for the workspace'));
          return;
        }
        const id = nextId++;
        const late = () =>
          take(id)?.reject(away(`the workspace did not answer within ${PATIENCE_MS / 1000} s`));
        waiting.set(id, { resolve, reject, timer: setTimeout(late, PATIENCE_MS) });
        if (!send({ type: 'feedback', id, items })) take(id)?.reject(away('the workspace is not open'));
      }),
    answered(message) {
      const found = take(message.id);
      if (message.type === 'feedback-done') found?.resolve(message.results);
      else found?.reject(new LatheError(message.error.code, message.error.details));
    },
    lost() {
      for (const id of [...waiting.keys()]) take(id)?.reject(away('the workspace went away meanwhile'));
    },
  };
}

const away = (reason: string) =>
  new LatheError('LATHE_AB_TESTS_FEEDBACK_AWAY', { reason, retryAfterMs: RETRY_MS });
