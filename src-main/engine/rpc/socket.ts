/** The contract on a local socket for the CLI: WebSocket over `<run>/rpc.sock`, reachable by this user only. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import type { Logger } from '../../platform/log.ts';
import type { Rpc } from './index.ts';

/** The largest message is one piece of an upload. */
const LARGEST_MESSAGE_BYTES = 8 * 1024 * 1024;

export const rpcSocket = (run: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${run.replaceAll(/[\\/:]/g, '-')}-rpc` : join(run, 'rpc.sock');

export async function serveRpcSocket(
  run: string,
  rpc: Rpc,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const http = createServer((_request, response) => {
    response.writeHead(426).end();
  });
  const sockets = new WebSocketServer({ server: http, maxPayload: LARGEST_MESSAGE_BYTES });
  sockets.on('connection', (ws) => rpc.upgradeWebSocket(ws));
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(rpcSocket(run), () => {
      http.off('error', reject);
      http.on('error', (thrown) => log.warn({ err: thrown }, 'the RPC socket failed'));
      resolve();
    });
  });
  return {
    async close() {
      for (const ws of sockets.clients) ws.terminate();
      sockets.close();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
