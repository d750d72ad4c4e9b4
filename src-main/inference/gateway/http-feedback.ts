/**
 * What clients tell the workspace through the gateway: POST /v2/lathe/feedback (one item, or several as {"items": […]})
 * and POST /v2/lathe/business-metrics. An answer means that it is kept.
 */
import { invalid } from './checks.ts';
import type { FeedbackDesk } from './feedback.ts';
import { readBody } from './http-body.ts';
import type { Fail } from './http-infer.ts';
import type { Handler } from './http-management.ts';
import { send } from './http-send.ts';
import { parseJsonBody } from './json-text.ts';
import type { Limits } from './served-model.ts';

/** What a thousand items take, amply, and what is parsed in a few milliseconds. */
const MAX_BYTES = 512 * 1024;

type Ports = { desk: FeedbackDesk; limits(): Limits; fail: Fail };

export function createHttpFeedback({ desk, limits, fail }: Ports): {
  feedback: Handler;
  businessMetrics: Handler;
} {
  /** Answers with what `keep` gives back for the body. */
  const keeping =
    (keep: (body: Record<string, unknown>) => Promise<object>): Handler =>
    (request, response) => {
      const refuse = (thrown: unknown) => fail(response, thrown);
      readBody(request, response, Math.min(MAX_BYTES, limits().maxBodyBytes), {
        failed: refuse,
        read(body) {
          try {
            keep(parseJsonBody(body)).then((answer) => {
              if (!response.destroyed) send(response, 200, JSON.stringify(answer));
            }, refuse);
          } catch (thrown) {
            refuse(thrown);
          }
        },
      });
    };
  return {
    feedback: keeping((body) => desk.keep(itemsOf(body)).then((results) => ({ results }))),
    businessMetrics: keeping((body) => desk.push(body)),
  };
}

/** What they are is for the engine to check. */
function itemsOf(body: Record<string, unknown>): unknown[] {
  if (!Object.hasOwn(body, 'items')) return [body];
  const { items } = body;
  if (!Array.isArray(items)) throw invalid('items must be a list');
  return items;
}
