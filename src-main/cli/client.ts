/** A client of the contract, over any WebSocket. */
import { createConnection } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '../contract/index.ts';

export type Rpc = ContractRouterClient<Contract>;
export type Client = { rpc: Rpc; close(): void };

/** Over the running engine's local socket, which only this user can reach. Rejects when nobody listens. */
export const connectSocket = (path: string): Promise<Client> =>
  connect(new WebSocket('ws://localhost/rpc', { createConnection: () => createConnection(path) }));

/** Over the UI's own port, as a browser tab would, with the token. */
export const connectUi = (url: string, token: string): Promise<Client> =>
  connect(
    new WebSocket(new URL('rpc', url.replace(/^http/, 'ws')), {
      headers: { authorization: `Bearer ${token}` },
    }),
  );

function connect(socket: WebSocket): Promise<Client> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
      resolve({ rpc: createORPCClient(link), close: () => socket.close() });
    });
  });
}
