/**
 * The UI over HTTP, and the contract over a WebSocket at /rpc, for one user on this machine.
 *
 * !!! SECURITY: every request passes the guard, then the token, then the path check, in this order. Each has a test
 * that attacks it (ui-server.test.ts, e2e/specs/security.spec.ts). Do not add a route before the token check. !!!
 */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { LatheError, toErrorReport } from '../contract/errors.ts';
import { refuseRequest } from '../platform/http-guard.ts';
import { findUiFile, UI_HEADERS } from '../platform/ui-files.ts';
import { isSameToken } from './token.ts';

/** The largest message is one piece of an upload. */
const LARGEST_MESSAGE_BYTES = 8 * 1024 * 1024;
const CLOSE_WAIT_MS = 1_000;

export type UiServerOptions = {
  /** The built renderer. */
  root: string;
  token: string;
  host: string;
  port: number;
  /** The one name, with its port, under which a reverse proxy is reached; null without one. */
  proxyName: string | null;
  onClient(ws: WebSocket): void;
};

export type UiServer = { url: string; port: number; close(): Promise<void> };

export async function serveUi(options: UiServerOptions): Promise<UiServer> {
  const http = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, toErrorReport(thrown));
    });
  });
  http.headersTimeout = 10_000;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES });
  http.on('upgrade', (request, socket, head) => {
    const problem = upgradeProblem(request);
    if (problem) return refuseUpgrade(socket, problem);
    sockets.handleUpgrade(request, socket, head, options.onClient);
  });
  await listen();
  const { port } = http.address() as AddressInfo;
  /** Cookies know no ports, so the name says which server it is for. */
  const cookieName = `lathe_${port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const problem = guard(request, true);
    if (problem) return refuse(response, problem.report());
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
    const offered = new URLSearchParams(query).get('token');
    if (path === '/' && offered !== null && isSameToken(offered, options.token)) return welcome(response);
    if (!hasToken(request)) return refuse(response, new LatheError('LATHE_AUTH_TOKEN').report());
    if (request.method !== 'GET' && request.method !== 'HEAD') return empty(response, 405);
    const found = await findUiFile(options.root, path);
    if (typeof found === 'number') return empty(response, found);
    response.writeHead(200, { ...UI_HEADERS, 'content-type': found.type, 'cache-control': found.cache });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(found.file)
        .on('error', () => response.destroy())
        .pipe(response);
  }

  /** The token leaves the address bar, and with it the history and the Referer, at the first request. */
  function welcome(response: ServerResponse): void {
    response.writeHead(303, {
      ...UI_HEADERS,
      location: '/',
      'set-cookie': `${cookieName}=${options.token}; HttpOnly; SameSite=Strict; Path=/`,
      'cache-control': 'no-store',
    });
    response.end();
  }

  function guard(request: IncomingMessage, navigation: boolean): LatheError | null {
    const name = options.proxyName;
    if (name !== null && request.headers.host === name) {
      const origins = [`https://${name}`, `http://${name}`];
      return refuseRequest(
        { ...request.headers, host: 'localhost' },
        { origins, navigation },
        request.method,
      );
    }
    const origins = [`http://${request.headers.host}`];
    return refuseRequest(request.headers, { origins, navigation }, request.method);
  }

  function upgradeProblem(request: IncomingMessage): LatheError | null {
    const problem = guard(request, false);
    if (problem) return problem;
    if (request.url?.split('?', 1)[0] !== '/rpc')
      return new LatheError('LATHE_NOT_FOUND', { kind: 'socket', name: String(request.url).slice(0, 100) });
    return hasToken(request) ? null : new LatheError('LATHE_AUTH_TOKEN');
  }

  function hasToken(request: IncomingMessage): boolean {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    return isSameToken(bearer ?? cookie(request, cookieName), options.token);
  }

  async function listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      http.once('error', (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
        reject(
          isTaken
            ? new LatheError('LATHE_SERVING_PORT_IN_USE', { port: options.port, service: 'the UI' })
            : error,
        );
      });
      http.listen(options.port, options.host, resolve);
    });
  }

  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      for (const ws of sockets.clients) ws.close(1001, 'closing');
      const late = setTimeout(() => {
        for (const ws of sockets.clients) ws.terminate();
        http.closeAllConnections();
      }, CLOSE_WAIT_MS);
      http.closeIdleConnections();
      await closed;
      clearTimeout(late);
    },
  };
}

function cookie(request: IncomingMessage, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

type Refusal = { status: number; code: string; cause: string; remedy: string };

/** A page for people, JSON for programs; both say what to do. */
function refuse(response: ServerResponse, report: Refusal): void {
  const wantsPage = /text\/html/.test(response.req.headers.accept ?? '');
  const type = wantsPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(report.status, { ...UI_HEADERS, 'content-type': type, 'cache-control': 'no-store' });
  response.end(wantsPage ? refusalPage(report) : JSON.stringify({ error: report }));
}

const refusalPage = ({ code, cause, remedy }: Refusal): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lathe</title><main><h1>Lathe</h1><p>${htmlText(cause)}</p><p>${htmlText(remedy)}</p><p><code>${htmlText(code)}</code></p></main></html>`;

const htmlText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function empty(response: ServerResponse, status: number): void {
  response.writeHead(status, UI_HEADERS).end();
}

function refuseUpgrade(socket: Duplex, problem: LatheError): void {
  const body = JSON.stringify({ error: problem.report() });
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
