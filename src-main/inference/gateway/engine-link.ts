/** The gateway's end of the engine: connects for ever, proves itself, and brings the tap across. */
import type { Socket } from 'node:net';
import { readFrames, writeFrame } from '../../platform/frames.ts';
import type { EngineToGateway, GatewayToEngine } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import { keepConnected } from '../reconnect.ts';
import type { Tap, TapChunk } from './tap.ts';

export type EngineLink = {
  /**
   * False, and nothing sent, while the engine is away: of a status only the newest counts, and it is sent at each
   * connect.
   */
  send(message: GatewayToEngine): boolean;
  flushTap(): void;
  close(): void;
};

export function connectEngine(
  path: string,
  nonce: string,
  log: Logger,
  { tap, instance }: { tap: Tap /** Names this gateway's life. */; instance: string },
  on: { connected(): void; message(message: EngineToGateway): void; lost(): void },
): EngineLink {
  let socket: Socket | null = null;

  const send = (message: GatewayToEngine): boolean => {
    if (!socket || socket.destroyed) return false;
    writeFrame(socket, message);
    return true;
  };
  const sendTaps = (chunks: readonly TapChunk[]) => {
    if (!socket) return;
    for (const { seq, blocks, parts, dropped, sampledOut } of chunks) {
      const message: GatewayToEngine = { type: 'tap', instance, seq, blocks, dropped, sampledOut };
      if (!socket.destroyed) writeFrame(socket, message, parts);
    }
  };

  const flushTap = () => {
    if (socket) sendTaps(tap.take());
  };

  const link = keepConnected(path, {
    up(next) {
      socket = next;
      log.info('connected to the engine');
      send({ type: 'hello', nonce, pid: process.pid });
      readFrames<EngineToGateway>(next, ({ header }) => {
        if (header.type === 'tap-ack') {
          tap.acknowledge(header.seq);
          // The window has moved; what waited behind it goes now.
          sendTaps(tap.due());
        } else on.message(header);
      });
      on.connected();
      tap.rewind();
      flushTap();
    },
    down(error) {
      socket = null;
      log.warn({ err: error }, 'lost the engine; serving goes on with what it last said');
      on.lost();
    },
  });
  return { send, flushTap, close: () => link.close() };
}
