/** POST /v2/lathe/feedback: one item, or several as {"items": […]}; an answer means that they are kept. */
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

export function createHttpFeedback(ports: { desk: FeedbackDesk; limits(): Limits; fail: Fail }): Handler {
  return (request, response) => {
    const refuse = (thrown: unknown) => ports.fail(response, thrown);
    readBody(request, response, Math.min(MAX_BYTES, ports.limits().maxBodyBytes), {
      failed: refuse,
      read(body) {
        try {
          ports.desk.keep(itemsOf(parseJsonBody(body))).then((results) => {
            if (!response.destroyed) send(response, 200, JSON.stringify({ results }));
          }, refuse);
        } catch (thrown) {
          refuse(thrown);
        }
      },
    });
  };
}

/** What they are is for the engine to check. */
function itemsOf(body: Record<string, unknown>): unknown[] {
  if (!Object.hasOwn(body, 'items')) return [body];
  const { items } = body;
  if (!Array.isArray(items)) throw invalid('items must be a list');
  return items;
}
