/**
 * The MLflow port: what training code points MLFLOW_TRACKING_URI at. Guarded like every local server.
 * The tracking API itself registers its routes here (`routes`); what nobody answers is told in MLflow's form.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LatheError } from '../../contract/errors.ts';
import { refuseRequest } from '../../platform/http-guard.ts';
import type { Logger } from '../../platform/log.ts';
import { codeOf } from '../data/failures.ts';

/** Answers "<METHOD> <path>" exactly. */
export type MlflowRoutes = Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

export type MlflowServer = { url: string; close(): Promise<void> };

/** Listens on loopback; `port` 0 picks a free one. Rejects with LATHE_SERVING_PORT_IN_USE when it is taken. */
export async function serveMlflow(options: {
  port: number;
  version: string;
  log: Logger;
  routes?: MlflowRoutes;
}): Promise<MlflowServer> {
  const routes: MlflowRoutes = {
    'GET /health': (_request, response) => text(response, 'OK'),
    'GET /version': (_request, response) => text(response, options.version),
    ...options.routes,
  };
  const server = createServer((request, response) => {
    const method = request.method ?? 'GET';
    const refusal = refuseRequest(request.headers, {}, method);
    if (refusal) {
      problem(response, refusal.status, 'PERMISSION_DENIED', refusal.message);
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const route = Object.hasOwn(routes, `${method} ${path}`) ? routes[`${method} ${path}`] : undefined;
    if (route) route(request, response);
    else problem(response, 404, 'ENDPOINT_NOT_FOUND', `There is no ${method} ${path.slice(0, 200)} here.`);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  await listen(server, options.port);
  server.on('error', (thrown) => options.log.warn({ err: thrown }, 'the MLflow port failed'));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown) => {
      const taken = codeOf(thrown) === 'EADDRINUSE' || codeOf(thrown) === 'EACCES';
      const service = 'the MLflow port';
      reject(
        taken ? new LatheError('LATHE_SERVING_PORT_IN_USE', { port, service }, { cause: thrown }) : thrown,
      );
    });
    server.listen({ port, host: '127.0.0.1' }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** A body nobody reads would keep the connection waiting; the answer closes it. */
function problem(response: ServerResponse, status: number, errorCode: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error_code: errorCode, message }));
}

function text(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(body);
}
