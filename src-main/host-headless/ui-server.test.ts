import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ensureToken, isSameToken } from './token.ts';
import { serveUi, type UiServer } from './ui-server.ts';

let folder: string;
let token: string;
let server: UiServer;
let clients = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-headless-'));
  const root = join(folder, 'renderer');
  mkdirSync(root);
  writeFileSync(join(root, 'index.html'), '<title>Lathe</title>');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
  token = await ensureToken(folder);
  server = await serveUi({
    root,
    token,
    host: '127.0.0.1',
    port: 0,
    proxyName: 'lathe.example',
    onClient: (ws) => {
      clients += 1;
      ws.on('message', (data) => ws.send(data));
    },
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** With node:http, since fetch neither sends a Host of one's choice nor an unnormalised path. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

const cookie = () => ({ cookie: `other=1; lathe_${server.port}=${token}` });

function open(headers: Record<string, string>, path = '/rpc'): Promise<number | 'open'> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
    ws.on('open', () => {
      ws.close();
      resolve('open');
    });
    ws.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    ws.on('error', (error) => {
      if (!/Unexpected server response|closed before/.test(error.message)) reject(error);
    });
  });
}

describe('the token', () => {
  it('is in a file only this user can read, and stays', async () => {
    expect(statSync(join(folder, 'run', 'token')).mode & 0o777).toBe(0o600);
    expect(await ensureToken(folder)).toBe(token);
  });

  it('is compared whole', () => {
    expect(isSameToken(token, token)).toBe(true);
    for (const wrong of ['', null, undefined, token.slice(1), `${token}a`, token.toUpperCase()])
      expect(isSameToken(wrong, token)).toBe(false);
  });
});

describe('the UI server', () => {
  it('trades the token for an HttpOnly cookie and takes it out of the address', async () => {
    const answer = await get(`/?token=${token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Strict; Path=\/$/);
    expect(answer.headers['set-cookie']?.[0]).toContain(`lathe_${server.port}=`);
  });

  it('serves the page with the policy to who has the cookie or the bearer token', async () => {
    for (const headers of [cookie(), { authorization: `Bearer ${token}` }]) {
      const answer = await get('/', headers);
      expect(answer).toMatchObject({ status: 200, text: '<title>Lathe</title>' });
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    }
  });

  it.each([
    ['without a token', '/', {}],
    ['with a wrong token', '/?token=wrong', {}],
    ['with the token of another server', '/', { cookie: 'lathe_1=x' }],
    ['for an asset', '/assets/index.js', {}],
  ])('answers 401 %s, and says what to do', async (_title, path, headers) => {
    const answer = await get(path, headers);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text).error).toMatchObject({ code: 'LATHE_AUTH_TOKEN' });
    const page = await get(path, { ...headers, accept: 'text/html' });
    expect(page.text).toContain('LATHE_AUTH_TOKEN');
    expect(page.text).toContain('lathe serve');
  });

  it('refuses a rebound Host and a foreign Origin even with the cookie', async () => {
    expect((await get('/', { ...cookie(), host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { ...cookie(), host: `127.0.0.1.evil.example:${server.port}` })).status).toBe(403);
    expect((await get('/', { ...cookie(), origin: 'https://evil.example' })).status).toBe(403);
    expect((await get('/', { ...cookie(), origin: 'null' })).status).toBe(403);
  });

  it('answers under the proxy’s name, and asks for the token there too', async () => {
    expect((await get('/', { ...cookie(), host: 'lathe.example' })).status).toBe(200);
    expect((await get('/', { host: 'lathe.example' })).status).toBe(401);
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/link.txt', '/index.html%00'])(
    'does not leave its folder for %s',
    async (path) => {
      const answer = await get(path, cookie());
      expect([400, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('secret');
    },
  );

  it('writes nothing', async () => {
    expect((await get('/', cookie(), 'POST')).status).toBe(405);
  });
});

describe('the socket', () => {
  it('opens with the token, from a program or from its own page', async () => {
    const before = clients;
    expect(await open(cookie())).toBe('open');
    expect(await open({ authorization: `Bearer ${token}` })).toBe('open');
    expect(await open({ ...cookie(), origin: `http://127.0.0.1:${server.port}` })).toBe('open');
    expect(clients).toBe(before + 3);
  });

  it('stays shut without the token, for a foreign page, under another name and elsewhere', async () => {
    const before = clients;
    expect(await open({})).toBe(401);
    expect(await open({ ...cookie(), origin: 'https://evil.example' })).toBe(403);
    expect(await open({ ...cookie(), host: 'evil.example' })).toBe(403);
    expect(await open(cookie(), '/other')).toBe(404);
    expect(clients).toBe(before);
  });

  it('lives on after a client that sends garbage instead of HTTP', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end('\u0000\u0001 not http\r\n\r\n'));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.resume();
    });
    expect((await get('/', cookie())).status).toBe(200);
  });
});

it('says which port is taken', async () => {
  const options = { root: folder, token, host: '127.0.0.1', proxyName: null, onClient: () => {} };
  await expect(serveUi({ ...options, port: server.port })).rejects.toMatchObject({
    code: 'LATHE_SERVING_PORT_IN_USE',
    details: { port: server.port },
  });
});
