/** Feedback over HTTP: acknowledged only with what the engine says it has committed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { clientOf, type Failure } from '../testing/client.ts';
import { type Stack, startStack, until } from '../testing/stack.ts';
import { createFeedbackDesk } from './feedback.ts';

let stack: Stack;
const { post } = clientOf(() => stack);
const PATH = '/v2/lathe/feedback';
let heard: unknown[][];

beforeAll(async () => {
  stack = await startStack({ runner: false });
  await until('the port', () => stack.status()?.listening.http != null);
});
afterAll(() => stack.close());
beforeEach(() => {
  heard = [];
  stack.onFeedback((id, items) => {
    heard.push(items);
    return { type: 'feedback-done', id, results: items.map(() => ({ state: 'joined', error: null })) };
  });
});
const code = ({ status, json }: { status: number; json: unknown }) => `${status} ${(json as Failure).code}`;

describe('feedback over HTTP', () => {
  it('takes one item or a list, and answers for each in order', async () => {
    const one = await post(PATH, { requestId: 'a', reward: 1 });
    expect(one).toMatchObject({ status: 200, json: { results: [{ state: 'joined', error: null }] } });
    const two = await post(PATH, {
      items: [
        { requestId: 'a', reward: 1 },
        { requestId: 'b', label: 'x' },
      ],
    });
    expect((two.json as { results: unknown[] }).results).toHaveLength(2);
    expect(heard).toEqual([
      [{ requestId: 'a', reward: 1 }],
      [
        { requestId: 'a', reward: 1 },
        { requestId: 'b', label: 'x' },
      ],
    ]);
  });

  it('refuses what is none, without troubling the engine where it can', async () => {
    expect(code(await post(PATH, '[1'))).toBe('400 LATHE_SERVING_BODY_MALFORMED');
    expect(code(await post(PATH, '[]'))).toBe('400 LATHE_SERVING_BODY_MALFORMED');
    expect(code(await post(PATH, { items: 'all' }))).toBe('400 LATHE_INPUT_INVALID');
    expect(code(await post(PATH, { items: ['x'.repeat(600 * 1024)] }))).toBe(
      '413 LATHE_SERVING_BODY_TOO_LARGE',
    );
    expect((await fetch(stack.url(PATH))).status).toBe(405);
    expect(heard).toEqual([]);
    stack.onFeedback((id) => ({
      ...{ type: 'feedback-failed', id },
      error: new LatheError('LATHE_INPUT_INVALID', { reason: 'item 0: give a reward' }).report(),
    }));
    expect(code(await post(PATH, { requestId: 'a' }))).toBe('400 LATHE_INPUT_INVALID');
  });

  it('says 503 and when to come again while the engine is away, also to those that wait', async () => {
    stack.onFeedback((_id, items) => {
      heard.push(items);
      return null;
    });
    const waiting = post(PATH, { requestId: 'a', reward: 1 });
    await until('the engine was asked', () => heard.length === 1);
    await stack.engineDown();
    const cut = await waiting;
    expect(code(cut)).toBe('503 LATHE_AB_TESTS_FEEDBACK_AWAY');
    expect(cut.headers.get('retry-after')).toBe('1');
    expect(code(await post(PATH, { requestId: 'a', reward: 1 }))).toBe('503 LATHE_AB_TESTS_FEEDBACK_AWAY');
    await stack.engineUp();
    stack.onFeedback((id) => ({ type: 'feedback-done', id, results: [{ state: 'duplicate', error: null }] }));
    await until(
      'it is kept again',
      async () => (await post(PATH, { requestId: 'a', reward: 1 })).status === 200,
    );
  });
});

describe('business metrics over HTTP', () => {
  const METRICS = '/v2/lathe/business-metrics';
  const point = { endpoint: 'e', name: 'bookings', atMs: 1_790_000_000_000, value: 3 };

  it('go to the engine as they come, and its answer is the client’s', async () => {
    const bodies: unknown[] = [];
    stack.onMetrics((id, body) => {
      bodies.push(body);
      return { type: 'metrics-done', id, pushed: { added: 1, replaced: 0, unchanged: 0 } };
    });
    const answer = await post(METRICS, point);
    expect(answer).toMatchObject({ status: 200, json: { added: 1, replaced: 0, unchanged: 0 } });
    expect(bodies).toEqual([point]);
    stack.onMetrics((id) => ({
      ...{ type: 'metrics-failed', id },
      error: new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name: 'e' }).report(),
    }));
    expect(code(await post(METRICS, point))).toBe('404 LATHE_NOT_FOUND');
  });

  it('get 503 and Retry-After while the engine is away', async () => {
    await stack.engineDown();
    const away = await post(METRICS, point);
    expect(code(away)).toBe('503 LATHE_BUSINESS_METRICS_AWAY');
    expect(away.headers.get('retry-after')).toBe('1');
    await stack.engineUp();
  });
});

describe('the desk', () => {
  it('bounds what waits, and never answers a request with another one’s results', async () => {
    const sent: number[] = [];
    const desk = createFeedbackDesk((message) => {
      if (message.type === 'feedback') sent.push(message.id);
      return true;
    });
    const waiting = Array.from({ length: 256 }, () => desk.keep([{}]));
    await expect(desk.keep([{}])).rejects.toMatchObject({ code: 'LATHE_AB_TESTS_FEEDBACK_AWAY' });
    const last = sent.at(-1) as number;
    desk.answered({ type: 'feedback-done', id: last, results: [{ state: 'pending', error: null }] });
    desk.answered({ type: 'feedback-done', id: last, results: [] });
    expect(await waiting.at(-1)).toEqual([{ state: 'pending', error: null }]);
    const others = Promise.allSettled(waiting.slice(0, -1));
    desk.lost();
    expect((await others).every(({ status }) => status === 'rejected')).toBe(true);
  });
});
