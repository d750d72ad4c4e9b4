/**
 * One connection to the engine: a MessagePort that the desktop's preload hands over, or a WebSocket
 * to /rpc of the server that served this page. Both end by calling `closed`, once.
 */
import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { isHostMessage, tellHost } from './host.ts';

export type Connection = { link: ClientLink<ClientContext>; close(): void };
/** Opens a connection or rejects; `closed` is called when it ends later, whoever ended it. */
export type Transport = (closed: () => void, signal: AbortSignal) => Promise<Connection>;

export const transportOfThisPage = (): Transport =>
  window.lathe ? portTransport() : socketTransport(socketUrl(window.location));

export const socketUrl = (location: { protocol: string; host: string }): string =>
  `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/rpc`;

export function socketTransport(url: string): Transport {
  return (closed, signal) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      const abort = () => socket.close();
      signal.addEventListener('abort', abort, { once: true });
      socket.addEventListener(
        'close',
        () => {
          signal.removeEventListener('abort', abort);
          reject(new Error('The connection could not be opened.'));
          closed();
        },
        { once: true },
      );
      socket.addEventListener(
        'open',
        () => resolve({ link: new SocketLink({ websocket: socket }), close: () => socket.close() }),
        { once: true },
      );
    });
}

/** How long the preload may take to answer before it is asked again. */
const ASK_AGAIN_MS = 1_000;

export function portTransport(): Transport {
  return (closed, signal) =>
    new Promise((resolve, reject) => {
      const ask = () => tellHost({ lathe: 'connect' });
      const timer = setInterval(ask, ASK_AGAIN_MS);
      const stop = () => {
        clearInterval(timer);
        window.removeEventListener('message', onMessage);
      };
      const onMessage = (event: MessageEvent) => {
        const port = event.ports[0];
        if (!isHostMessage(event) || event.data.lathe !== 'port' || !port) return;
        stop();
        let open = true;
        const end = () => {
          if (!open) return;
          open = false;
          closed();
        };
        port.addEventListener('close', end);
        port.start();
        resolve({
          link: new PortLink({ port }),
          close() {
            port.close();
            end();
          },
        });
      };
      window.addEventListener('message', onMessage);
      signal.addEventListener(
        'abort',
        () => {
          stop();
          reject(new Error('The connection was given up.'));
        },
        { once: true },
      );
      ask();
    });
}
