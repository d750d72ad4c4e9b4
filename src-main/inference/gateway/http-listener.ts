/** One HTTP port: opened on request, tried again while another program holds it, closed in order. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LatheError } from '../../contract/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { encodeError } from './http-answer.ts';
import { createFastServer, type FastServer, type Infer } from './http-fast.ts';
import type { OpenPort } from './ports.ts';

/**
 * `headersMs` runs from the connection on, so it also ends those that never say anything; `requestMs` is for
 * the whole request. `checkMs` is how often both are looked at.
 */
export type HttpTimes = { headersMs: number; requestMs: number; checkMs: number };

const TIMES: HttpTimes = { headersMs: 15_000, requestMs: 120_000, checkMs: 5_000 };
/** Longer than the idle timeouts of common clients and load balancers, so that they close first. */
const KEEP_ALIVE_MS = 76_000;
const CLOSE_MS = 2_000;

export function openHttp(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  maxBodyBytes: () => number,
  log: Logger,
  times = TIMES,
  /** Answers plain inference requests on the short way (http-fast.ts); null: all go through Node's server. */
  infer: Infer | null = null,
): (host: string, port: number) => Promise<OpenPort> {
  return (host, port) =>
    new Promise((resolve, reject) => {
      const server = createServer(
        {
          keepAliveTimeout: KEEP_ALIVE_MS,
          headersTimeout: times.headersMs,
          requestTimeout: times.requestMs,
          connectionsCheckingInterval: times.checkMs,
          noDelay: true,
        },
        handle,
      );
      server.on('checkContinue', (request, response) => {
        // A client that asks first is told no before it sends anything.
        if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes()) {
          const error = new LatheError('LATHE_SERVING_BODY_TOO_LARGE', { limit: maxBodyBytes() });
          response.writeHead(413, { 'Content-Type': 'application/json', Connection: 'close' });
          response.end(encodeError(error.report()));
          return;
        }
        response.writeContinue();
        handle(request, response);
      });
      server.on('clientError', answerMalformed);
      const fast = infer && shortWay(server, infer, maxBodyBytes);
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        server.on('error', (error) => log.error({ err: error }, 'http server'));
        resolve({ port: (server.address() as AddressInfo).port, close: () => closeServer(server, fast) });
      });
    });
}

/** What is not HTTP never reaches a handler; it is answered in the same form all the same. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'its headers are larger than 16 KiB']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'it did not arrive in time']
        : ['400 Bad Request', 'it is not valid HTTP/1.1'];
  const text = encodeError(new LatheError('LATHE_INPUT_INVALID', { reason }).report());
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

/** Every connection begins there, and is Node's from the first request on that is not plain. */
function shortWay(server: Server, infer: Infer, maxBodyBytes: () => number): FastServer {
  const nodes = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const fast = createFastServer({
    infer,
    maxBodyBytes,
    keepAliveMs: KEEP_ALIVE_MS,
    handOver(socket) {
      for (const listener of nodes) listener.call(server, socket);
    },
  });
  server.on('connection', fast.take);
  return fast;
}

async function closeServer(server: Server, fast: FastServer | null): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  fast?.close();
  const timer = setTimeout(() => {
    server.closeAllConnections();
    fast?.cut();
  }, CLOSE_MS);
  await closed;
  clearTimeout(timer);
}
