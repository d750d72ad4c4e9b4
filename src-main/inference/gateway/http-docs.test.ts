/** What the server says of itself: /openapi.json and the page made from it. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoModel } from '../testing/client.ts';
import { ONNX } from '../testing/onnx-file.ts';
import { endpoint, type Stack, settled, startStack } from '../testing/stack.ts';
import { FIXED, findTarget, OF_MODEL } from './http-paths.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  stack.apply({
    models: [stack.model('float', '1', echoModel(ONNX.FP32, ['N']))],
    endpoints: [endpoint('float', ['1'])],
  });
  await settled(stack);
});
afterAll(() => stack.close());

describe('the description of itself', () => {
  type Document = {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; responses: object }>>;
    components: { schemas: Record<string, unknown> };
  };
  it('names paths that are there, and only them, under names of their own', async () => {
    const document = (await (await fetch(stack.url('/openapi.json'))).json()) as Document;
    expect(document.openapi).toBe('3.1.0');
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, operations] of Object.entries(document.paths))
      for (const method of Object.keys(operations)) {
        const url = stack.url(path.replace('{model}', 'float').replace('{version}', '1'));
        const other = method === 'get' ? 'POST' : 'GET';
        expect((await fetch(url, { method: other })).status, `${other} ${path}`).toBe(405);
        if (!path.endsWith('load')) {
          const { status } = await fetch(url, { method: method.toUpperCase() });
          expect([200, 400], `${method} ${path}`).toContain(status);
        }
      }
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(document.components.schemas).toHaveProperty(name ?? '');
  });
  it('leaves out nothing that is served, but the pages of the description', async () => {
    const { paths } = (await (await fetch(stack.url('/openapi.json'))).json()) as Document;
    const ofModel = Object.keys(OF_MODEL).map((verb) => (verb === '' ? '' : `/${verb}`));
    const served = [
      ...Object.keys(FIXED),
      ...['', '/versions/{version}'].flatMap((version) =>
        ofModel.map((verb) => `/v2/models/{model}${version}${verb}`),
      ),
      '/v2/repository/index',
      ...['load', 'unload'].map((verb) => `/v2/repository/models/{model}/${verb}`),
    ];
    const own = ['/docs', '/docs.css', '/openapi.json'];
    expect(Object.keys(paths).toSorted()).toEqual(served.filter((path) => !own.includes(path)).toSorted());
    for (const path of served) {
      const url = path.replace('{model}', 'float').replace('{version}', '1');
      expect(findTarget(url)?.resource, path).toBeTypeOf('string');
      // It is there, whatever it says to this verb.
      expect((await fetch(stack.url(url))).status, path).not.toBe(404);
    }
  });
  it('is a page that loads nothing from elsewhere and runs no script', async () => {
    const response = await fetch(stack.url('/docs'));
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link);
    expect(links).toEqual(['/docs.css', '/openapi.json', '/metrics']);
    expect(page).not.toMatch(/<script|style=|<img|\son\w+=/);
    for (const link of links) expect((await fetch(stack.url(link ?? ''))).status).toBe(200);
    expect(page).toContain('/v2/models/{model}/versions/{version}/infer');
    const curl = /<pre>(curl [^<]*)<\/pre>/.exec(page)?.[1] ?? '';
    const [, url = '', body = ''] = /^curl -s (\S+) -d &#39;(.*)&#39;$/.exec(curl) ?? [];
    const works = await fetch(url, { method: 'POST', body: body.replaceAll('&quot;', '"') });
    expect(works.status).toBe(200);
  });
  it('may be opened by a link from another page, and by nothing else from there', async () => {
    const status = (path: string, mode: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': mode };
        const one = httpRequest(stack.url(path), { headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        one.on('error', reject);
        one.end();
      });
    expect(await status('/docs', 'navigate')).toBe(200);
    expect(await status('/docs', 'cors')).toBe(403);
    expect(await status('/v2/models/float', 'navigate')).toBe(403);
  });
});
