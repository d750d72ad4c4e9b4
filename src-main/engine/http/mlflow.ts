/**
 * The MLflow port: what training code points MLFLOW_TRACKING_URI at. Guarded like every local server.
 * The API itself is in mlflow/; what nobody answers is told in MLflow's form.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LatheError } from '../../contract/errors.ts';
import { refuseRequest } from '../../platform/http-guard.ts';
import type { Logger } from '../../platform/log.ts';
import { codeOf } from '../data/failures.ts';
import type { MlflowApi } from './mlflow/api.ts';

/** The MLflow whose API this is; its clients ask, and choose what they send by it. */
const MLFLOW_VERSION = '3.3.0';

export type MlflowServer = { url: string; close(): Promise<void> };

/** Listens on loopback; `port` 0 picks a free one. Rejects with LATHE_SERVING_PORT_IN_USE when it is taken. */
export async function serveMlflow(options: {
  port: number;
  log: Logger;
  api: MlflowApi;
}): Promise<MlflowServer> {
  const server = createServer((request, response) => {
    const method = request.method ?? 'GET';
    const refusal = refuseRequest(request.headers, {}, method);
    if (refusal) {
      problem(response, refusal.status, 'PERMISSION_DENIED', refusal.message);
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (method === 'GET' && path === '/health') text(response, 'OK');
    else if (method === 'GET' && path === '/version') text(response, MLFLOW_VERSION);
    else if (!options.api.answer(request, response))
      problem(response, 404, 'ENDPOINT_NOT_FOUND', `There is no ${method} ${path.slice(0, 200)} here.`);
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
