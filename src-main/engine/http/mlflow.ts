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
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    const refusal = refuseRequest(request.headers, {}, method);
    if (refusal) {
      response.setHeader('connection', 'close');
      problem(response, refusal.status, 'PERMISSION_DENIED', refusal.message);
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (method === 'GET' && path === '/health') text(response, 'OK');
    else if (method === 'GET' && path === '/version') text(response, MLFLOW_VERSION);
    else if (!options.api.answer(request, response)) {
      problem(response, 404, 'ENDPOINT_NOT_FOUND', `There is no ${method} ${path.slice(0, 200)} here.`);
      request.resume();
    }
  });
  // A large upload takes as long as it takes, as long as it moves; a head has no reason to be slow.
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  server.timeout = 120_000;
  // Clients keep a connection between two steps of training; one closed under them costs a retry.
  server.keepAliveTimeout = 110_000;
  server.on('clientError', (_error, socket) => {
    const body = JSON.stringify({ error_code: 'BAD_REQUEST', message: 'The request is not valid HTTP' });
    if (socket.writable)
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
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

function problem(response: ServerResponse, status: number, errorCode: string, message: string): void {
  const bytes = Buffer.from(JSON.stringify({ error_code: errorCode, message }));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

function text(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(body);
}
