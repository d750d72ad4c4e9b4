/**
 * The contract, answered: one router, any number of channels (the window's MessagePort, the browser's and the
 * CLI's WebSockets). Every input is parsed by the contract, every failure is a LATHE code, and what a broken
 * or hostile client sends ends that message, not the engine.
 */
import { StandardRPCJsonSerializer, StandardRPCSerializer } from '@orpc/client/standard';
import type { AnyRouter } from '@orpc/server';
import { StandardRPCHandler } from '@orpc/server/standard';
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer';
import { ServerPeer } from '@orpc/standard-server-peer';
import type { WebSocket } from 'ws';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { type Channel, type ElectronPort, portChannel, type WebPort, webSocketChannel } from './channel.ts';
import { toRpcError, unknownCall } from './failures.ts';

export type RpcPort = ElectronPort | WebPort;

export type Rpc = {
  upgradePort(port: RpcPort): void;
  upgradeWebSocket(ws: WebSocket): void;
  /** How many clients are connected. */
  clients(): number;
  /** Ends every channel and waits (2 s at most) for calls under way. */
  close(): Promise<void>;
};

const SLOW_MS = 50;
const CLOSE_WAIT_MS = 2_000;

export function createRpc(
  router: AnyRouter,
  options: { root: string; log: Logger; clock: Pick<Clock, 'monotonic'> },
): Rpc {
  const { root, log, clock } = options;
  const channels = new Map<Channel, ServerPeer>();
  const underWay = new Set<Promise<unknown>>();
  const serializer = new StandardRPCSerializer(new StandardRPCJsonSerializer());
  let closed = false;

  const failed = (thrown: unknown, call: string) => toRpcError(thrown, call, root, log);

  const handler = new StandardRPCHandler(router, {
    rootInterceptors: [
      async ({ next, request }) => {
        const result = await next();
        if (result.matched) return result;
        const call = nameOf(request.url);
        const error = failed(unknownCall(call), call);
        const body = serializer.serialize(error.toJSON());
        return { matched: true, response: { status: error.status, headers: {}, body } };
      },
    ],
    interceptors: [
      async ({ next, request }) => {
        try {
          return await next();
        } catch (thrown) {
          throw failed(thrown, nameOf(request.url));
        }
      },
    ],
    clientInterceptors: [
      async ({ next, path }) => {
        const call = path.join('.');
        const startMs = clock.monotonic();
        const result = Promise.resolve(next());
        underWay.add(result);
        try {
          const output = await result;
          return isStream(output) ? mapStream(output, (thrown) => failed(thrown, call)) : output;
        } finally {
          underWay.delete(result);
          const ms = clock.monotonic() - startMs;
          if (ms > SLOW_MS) log.warn({ call, ms: Math.round(ms) }, 'slow call');
        }
      },
    ],
  });
  const handle = createServerPeerHandleRequestFn(handler, {});

  function attach(channel: Channel): void {
    if (closed) {
      channel.close();
      return;
    }
    const peer = new ServerPeer((message) => channel.send(message as string | Uint8Array));
    channels.set(channel, peer);
    channel.onClose(() => {
      channels.delete(channel);
      peer.close();
    });
    channel.onMessage((message) => {
      if (!isMessage(message)) {
        log.warn('a client sent something that is no RPC message');
        return;
      }
      peer.message(message, handle).catch((thrown: unknown) => {
        log.warn({ err: thrown }, 'an RPC message could not be handled');
      });
    });
  }

  return {
    upgradePort: (port) => attach(portChannel(port)),
    upgradeWebSocket: (ws) => attach(webSocketChannel(ws)),
    clients: () => channels.size,
    async close() {
      closed = true;
      for (const [channel, peer] of channels) {
        peer.close();
        channel.close();
      }
      channels.clear();
      const patience = new Promise((resolve) => setTimeout(resolve, CLOSE_WAIT_MS).unref());
      await Promise.race([Promise.allSettled(underWay), patience]);
    },
  };
}

/** "/settings/get" is the call settings.get. */
const nameOf = (url: URL): string => url.pathname.slice(1).replaceAll('/', '.').slice(0, 200);

const isMessage = (message: unknown): message is string | Uint8Array<ArrayBuffer> | ArrayBuffer =>
  typeof message === 'string' || message instanceof Uint8Array || message instanceof ArrayBuffer;

type Stream = AsyncIteratorObject<unknown, unknown, unknown>;

const isStream = (value: unknown): value is Stream =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The same stream with its failures mapped; leaving it leaves the source. */
function mapStream(source: Stream, map: (thrown: unknown) => unknown): Stream {
  const mapped = async <T>(step: Promise<T>): Promise<T> => {
    try {
      return await step;
    } catch (thrown) {
      throw map(thrown);
    }
  };
  return {
    next: (value) => mapped(source.next(value)),
    return: (value) => mapped(source.return?.(value) ?? Promise.resolve({ done: true, value })),
    throw: (reason) => mapped(source.throw?.(reason) ?? Promise.reject(reason)),
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await source.return?.();
    },
  };
}
