/**
 * Feedback and business metrics on their way to the engine: a client is answered only with what the engine has
 * committed.
 */
import type { FeedbackResult } from '../../contract/ab-tests.ts';
import type { Pushed } from '../../contract/business-metrics.ts';
import { LatheError } from '../../contract/errors.ts';
import type { EngineToGateway, GatewayToEngine } from '../../platform/link.ts';

type Answer = Extract<EngineToGateway, { id: number }>;
type Away = 'LATHE_AB_TESTS_FEEDBACK_AWAY' | 'LATHE_BUSINESS_METRICS_AWAY';

export type FeedbackDesk = {
  /** Rejects with LATHE_AB_TESTS_FEEDBACK_AWAY when the engine is not there or does not answer. */
  keep(items: unknown[]): Promise<FeedbackResult[]>;
  /** Rejects with LATHE_BUSINESS_METRICS_AWAY in the same cases. */
  push(body: unknown): Promise<Pushed>;
  answered(message: Answer): void;
  /** The engine is gone: what it was asked may be kept or not, and its clients ask again. */
  lost(): void;
};

const PATIENCE_MS = 10_000;
/** Requests that wait for the engine at once. */
const MOST_WAITING = 256;
const RETRY_MS = 1_000;

type Waiting = {
  code: Away;
  resolve(message: Answer): void;
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

  const ask = (code: Away, message: (id: number) => GatewayToEngine): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (waiting.size >= MOST_WAITING) {
        reject(away(code, 'too many other requests wait for the workspace'));
        return;
      }
      const id = nextId++;
      const late = () =>
        take(id)?.reject(away(code, `the workspace did not answer within ${PATIENCE_MS / 1000} s`));
      waiting.set(id, { code, resolve, reject, timer: setTimeout(late, PATIENCE_MS) });
      if (!send(message(id))) take(id)?.reject(away(code, 'the workspace is not open'));
    });

  return {
    async keep(items) {
      const answer = await ask('LATHE_AB_TESTS_FEEDBACK_AWAY', (id) => ({ type: 'feedback', id, items }));
      return answer.type === 'feedback-done' ? answer.results : [];
    },
    async push(body) {
      const answer = await ask('LATHE_BUSINESS_METRICS_AWAY', (id) => ({ type: 'metrics', id, body }));
      return answer.type === 'metrics-done' ? answer.pushed : { added: 0, replaced: 0, unchanged: 0 };
    },
    answered(message) {
      const found = take(message.id);
      if ('error' in message) found?.reject(new LatheError(message.error.code, message.error.details));
      else found?.resolve(message);
    },
    lost() {
      for (const id of [...waiting.keys()]) {
        const found = take(id);
        found?.reject(away(found.code, 'the workspace went away meanwhile'));
      }
    },
  };
}

const away = (code: Away, reason: string) => new LatheError(code, { reason, retryAfterMs: RETRY_MS });
