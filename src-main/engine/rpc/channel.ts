/** A two-way stream of RPC messages, whatever carries it: a MessagePort of Electron or Node, or a WebSocket. */
import type { RawData, WebSocket } from 'ws';

export type Channel = {
  send(message: string | Uint8Array): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
};

/** The port of Electron's utility process (MessagePortMain): an emitter whose events carry `data`. */
export type ElectronPort = {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
};

/** The port of a Node worker or of `new MessageChannel()`. */
export type WebPort = {
  addEventListener(event: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(event: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
};

export function portChannel(port: ElectronPort | WebPort): Channel {
  const web = 'addEventListener' in port;
  return {
    send: (message) => port.postMessage(message),
    onMessage(listener) {
      if (web) port.addEventListener('message', (event) => listener(event.data));
      else port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose(listener) {
      if (web) port.addEventListener('close', listener);
      else port.on('close', listener);
    },
    close: () => port.close(),
  };
}

export function webSocketChannel(ws: WebSocket): Channel {
  return {
    send: (message) => ws.send(message),
    onMessage(listener) {
      ws.on('message', (data: RawData, binary: boolean) => {
        const bytes = Array.isArray(data) ? Buffer.concat(data) : data;
        listener(binary ? bytes : bytes.toString());
      });
    },
    onClose(listener) {
      ws.on('close', listener);
      // A broken frame or connection ends in 'close' too; unheard, 'error' would end the process.
      ws.on('error', () => {});
    },
    close: () => ws.close(1001, 'engine closing'),
  };
}
