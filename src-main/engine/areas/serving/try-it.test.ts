/** Against servers that are no gateway; the real one answers in e2e/specs/serving.spec.ts. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LatheError } from '../../../contract/errors.ts';
import { tryEndpoint } from './try-it.ts';

const body = '{"inputs":["é"]}';
const input = (part: { arm?: string | null; body?: string } = {}) => ({
  name: 'custom',
  arm: null,
  body,
  ...part,
});

describe('a request from the window', () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = null;
  });
  const serve = async (listener: RequestListener) => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { name: 'custom', enabled: true, url: `http://127.0.0.1:${port}/` };
  };
  const failure = async (work: Promise<unknown>) => {
    const thrown = await work.then(
      () => null,
      (error: unknown) => error,
    );
    if (!(thrown instanceof LatheError)) throw new Error(`not of the catalogue: ${String(thrown)}`);
    return thrown;
  };

  it('has the bytes and headers of any client’s, and hands the answer on as it is', async () => {
    const seen: unknown[] = [];
    const echo = await serve((request, response) => {
      const { origin, 'x-lathe-force-arm': arm, 'content-length': length } = request.headers;
      seen.push({ method: request.method, origin, arm, length });
      response.writeHead(503, { 'x-lathe-route': 'a@1', 'retry-after': '2' });
      request.pipe(response);
    });
    const whole = { status: 503, route: 'a@1', retryAfter: '2', body };
    expect(await tryEndpoint(echo, input(), 10_000)).toMatchObject(whole);
    expect(await tryEndpoint(echo, input({ arm: 'b' }), 10_000)).toMatchObject(whole);
    const length = String(Buffer.byteLength(body));
    expect(seen).toEqual([
      { method: 'POST', origin: undefined, arm: undefined, length },
      { method: 'POST', origin: undefined, arm: 'b', length },
    ]);
  });

  it('without an answer says why: nothing listens, it is switched off, it hung up', async () => {
    const off = { name: 'custom', enabled: false, url: null };
    expect((await failure(tryEndpoint(off, input(), 10))).message).toContain('switched off');
    const away = { ...off, enabled: true };
    expect((await failure(tryEndpoint(away, input(), 10))).message).toContain('not listening');
    const rude = await serve((_request, response) => response.destroy());
    expect((await failure(tryEndpoint(rude, input(), 10))).code).toBe('LATHE_SERVING_NOT_READY');
  });

  it('stops at an answer without end', async () => {
    const endless = await serve((_request, response) => {
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), more);
      };
      more();
    });
    expect((await failure(tryEndpoint(endless, input(), 10_000))).code).toBe(
      'LATHE_SERVING_ANSWER_TOO_LARGE',
    );
  });

  it('ends when the window asks no more', async () => {
    const silent = await serve(() => {});
    const abort = new AbortController();
    const work = failure(tryEndpoint(silent, input(), 60_000, abort.signal));
    abort.abort();
    expect((await work).code).toBe('LATHE_CANCELLED');
  });
});
