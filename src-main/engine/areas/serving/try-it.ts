/**
 * One request to an endpoint on behalf of the window, which may not call another origin itself: over the same
 * port, with the same bytes and the same answer as any client's.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { LatheError } from '../../../contract/errors.ts';
import type { Endpoint, TryAnswer } from '../../../contract/serving.ts';

export type TryInput = { name: string; arm: string | null; body: string };

/** What a window can read and draw at once. */
const ANSWER_LIMIT_BYTES = 1024 * 1024;
/** The gateway keeps the time limit itself; beyond it, it does not answer at all. */
const GRACE_MS = 5_000;

/** Throws where there is no answer: nothing listens, it is too late or too long. A refusal is an answer. */
export function tryEndpoint(
  { name, url, enabled }: Pick<Endpoint, 'name' | 'url' | 'enabled'>,
  { arm, body }: TryInput,
  requestTimeoutMs: number,
  signal?: AbortSignal,
): Promise<TryAnswer> {
  const notReady = (reason: string) => new LatheError('LATHE_SERVING_NOT_READY', { name, reason });
  if (url === null)
    return Promise.reject(notReady(enabled ? 'the inference server is not listening' : 'it is switched off'));
  const bytes = Buffer.from(body);
  const limitMs = requestTimeoutMs + GRACE_MS;
  return new Promise((resolve, reject) => {
    const beganMs = performance.now();
    const call = request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': bytes.length,
        ...(arm === null ? {} : { 'x-lathe-force-arm': arm }),
      },
      // A connection of its own: one that was kept could be closed by the server just now.
      agent: new Agent({ keepAlive: false }),
      ...(signal ? { signal } : {}),
    });
    const timer = setTimeout(() => call.destroy(notReady(`it did not answer within ${limitMs} ms`)), limitMs);
    call.on('close', () => clearTimeout(timer));
    call.on('error', (thrown) => {
      if (signal?.aborted) reject(new LatheError('LATHE_CANCELLED', { kind: 'request' }));
      else reject(thrown instanceof LatheError ? thrown : notReady(thrown.message));
    });
    call.on('response', (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length > ANSWER_LIMIT_BYTES)
          call.destroy(new LatheError('LATHE_SERVING_ANSWER_TOO_LARGE', { name, limit: ANSWER_LIMIT_BYTES }));
      });
      response.on('error', (thrown) => call.destroy(thrown));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          route: header(response, 'x-lathe-route'),
          retryAfter: header(response, 'retry-after'),
          ms: performance.now() - beganMs,
          body: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    call.end(bytes);
  });
}

function header({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}
