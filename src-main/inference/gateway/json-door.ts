/** What a request with heavy JSON is held to before it is read, as far as can be known then. */
import type { BatcherErrors } from './batcher-types.ts';
import type { Ask, Reply } from './http-exchange.ts';
import type { Patience } from './json-line.ts';
import { peekTimeoutUs } from './json-text.ts';
import { type Limits, settingsOf } from './served-model.ts';
import type { Route, Service } from './service.ts';

/** `route` is where a refusal counts; null where nothing can answer. */
export type JsonDoor = (
  ask: Ask,
  reply: Reply,
  asked: { name: string; version: string | null; beganMs: number },
  text: Buffer,
) => { route: Route | null; patience: Patience };

/** Of a unit that is known by its input, the arm is not known before it is read: another draw stands for it. */
const STAND_IN_BYTES = 4_096;

export function createJsonDoor(ports: {
  service: Pick<Service, 'route' | 'endpoint'>;
  limits(): Limits;
  errors: Pick<BatcherErrors, 'overloaded' | 'timeout' | 'queueTimeout'>;
  /** Bytes that may still wait for a model version. */
  roomBytes(key: string): number;
}): JsonDoor {
  const { service, errors } = ports;

  function routeOf(ask: Ask, name: string, version: string | null, text: Buffer): Route | null {
    const header = (key: string) => {
      const value = ask.headers[key];
      return typeof value === 'string' && value !== '' ? value : null;
    };
    try {
      const input = () => [text.subarray(0, STAND_IN_BYTES)];
      return service.route({
        name,
        version,
        forceArm: header('x-lathe-force-arm'),
        unit: null,
        header,
        input,
      });
    } catch {
      return null;
    }
  }

  return (ask, reply, { name, version, beganMs }, text) => {
    const { model, arms } = service.endpoint(name);
    const route = routeOf(ask, name, version, text);
    const key = route?.model.spec.key ?? `${model}@${version ?? arms[0]?.version ?? ''}`;
    const limits = ports.limits();
    const ownMs = peekTimeoutUs(text) / 1000;
    const isOwn = ownMs > 0 && ownMs <= limits.requestTimeoutMs;
    const limitMs = isOwn ? ownMs : limits.requestTimeoutMs;
    const patience: Patience = {
      arrivedMs: beganMs,
      limitMs,
      sloMs: route ? settingsOf(route.model, limits).sloMs : limits.sloMs || null,
      roomBytes: () => ports.roomBytes(key),
      overloaded: (overload) => errors.overloaded(key, { queuedRows: 0, ...overload }),
      timeout: () => (isOwn ? errors.queueTimeout(key, limitMs) : errors.timeout(key, limitMs)),
      onGone: (leave) => void reply.on('close', leave),
    };
    return { route, patience };
  };
}
