/** Who may tell the gateway of labels, rewards and business metrics, and what it takes: tries to get past each gate. */
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../testing/client.ts';
import { type Stack, startStack, until } from '../testing/stack.ts';

let stack: Stack;
let heard: unknown[];
beforeAll(async () => {
  stack = await startStack({ runner: false });
  await until('the port', () => stack.status()?.listening.http != null);
});
afterAll(() => stack.close());
beforeEach(() => {
  heard = [];
  stack.onFeedback((id, items) => {
    heard.push(...items);
    return { type: 'feedback-done', id, results: [{ state: 'joined', error: null }] };
  });
  stack.onMetrics((id, body) => {
    heard.push(body);
    return { type: 'metrics-done', id, pushed: { added: 1, replaced: 0, unchanged: 0 } };
  });
});

type Sent = { method?: string; headers?: Record<string, string>; body?: string | Buffer; chunked?: boolean };
/** "<status> <code>"; by Node’s own client, which sends any Host and Origin. */
const send = (path: string, { method = 'POST', headers = {}, body = '', chunked = false }: Sent) =>
  new Promise<string>((resolve, reject) => {
    const length = chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const one = httpRequest(stack.url(path), { method, headers: { ...length, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => {
        const code = text.startsWith('{') ? ((JSON.parse(text) as Failure).code ?? '') : '';
        resolve(`${response.statusCode} ${code}`.trim());
      });
    });
    one.on('error', reject);
    if (chunked) one.write(body);
    one.end(chunked ? '' : body);
  });

const LABEL = '{"requestId":"a","label":"1"}';
const POINT = '{"endpoint":"e","name":"bookings","atMs":1790000000000,"value":3}';

describe.each([
  ['/v2/lathe/feedback', LABEL],
  ['/v2/lathe/business-metrics', POINT],
])('%s', (path, body) => {
  it('asks for no token, as the rest of this port, and takes programs of this machine', async () => {
    expect(await send(path, { body })).toBe('200');
    expect(await send(path, { body, headers: { Authorization: 'Bearer nobody' } })).toBe('200');
    expect(await send(path, { body, headers: { Host: 'localhost:8000' } })).toBe('200');
    expect(heard).toHaveLength(3);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a name that leads here', { Host: 'rebound.example' }, '403 LATHE_AUTH_HOST'],
    ['a name that begins like this machine', { Host: 'localhost.example:80' }, '403 LATHE_AUTH_HOST'],
    ['an address of the network', { Host: '192.168.1.5:8000' }, '403 LATHE_AUTH_HOST'],
    ['a page elsewhere', { Origin: 'https://elsewhere.example' }, '403 LATHE_AUTH_ORIGIN'],
    ['a page without an origin', { Origin: 'null' }, '403 LATHE_AUTH_ORIGIN'],
    ['a page of another port', { Origin: 'http://127.0.0.1:1' }, '403 LATHE_AUTH_ORIGIN'],
    ['a form that hides its origin', { 'Sec-Fetch-Site': 'cross-site' }, '403 LATHE_AUTH_ORIGIN'],
    ['a link', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }, '403 LATHE_AUTH_ORIGIN'],
  ])('refuses %s', async (_, headers, refusal) => {
    expect(await send(path, { body, headers })).toBe(refusal);
    expect(await send(path, { body, headers: { ...headers, Authorization: 'Bearer x' } })).toBe(refusal);
    expect(heard).toEqual([]);
  });

  it('refuses a body beyond its limit: declared, in pieces, unpacked', async () => {
    const large = `{"endpoint":"${'x'.repeat(600 * 1024)}"}`;
    for (const sent of [
      { body: large },
      { body: large, chunked: true },
      { body: gzipSync(large), headers: { 'Content-Encoding': 'gzip' } },
    ])
      expect(await send(path, sent)).toBe('413 LATHE_SERVING_BODY_TOO_LARGE');
    expect(heard).toEqual([]);
    expect(await send(path, { body: gzipSync(body), headers: { 'Content-Encoding': 'gzip' } })).toBe('200');
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['half of it', body.slice(0, -3)],
    ['a list', `[${body}]`],
    ['a text', '"a"'],
    ['null', 'null'],
    ['two of them', body + body],
    ['a comma too many', `${body.slice(0, -1)},}`],
    ['bytes that are no UTF-8', Buffer.from(`{"label":"\xe9"}`, 'latin1')],
  ])('refuses %s as a body', async (_, sent) => {
    expect(await send(path, { body: sent })).toBe('400 LATHE_SERVING_BODY_MALFORMED');
    expect(heard).toEqual([]);
  });

  it('refuses other verbs and encodings', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      expect((await send(path, { method, body })).slice(0, 3), method).toBe('405');
    expect(await send(path, { body, headers: { 'Content-Encoding': 'br' } })).toBe(
      '501 LATHE_SERVING_UNSUPPORTED',
    );
    expect(heard).toEqual([]);
  });

  it('hands a name of its prototype on as what it is, and NaN as no number', async () => {
    expect(await send(path, { body: '{"__proto__":{"endpoint":"e"},"value":NaN,"reward":NaN}' })).toBe('200');
    expect(heard).toHaveLength(1);
    expect((heard[0] as { endpoint?: string }).endpoint).toBeUndefined();
    expect(heard[0]).toMatchObject({ value: null, reward: null });
    expect((Object.prototype as { endpoint?: string }).endpoint).toBeUndefined();
  });
});
