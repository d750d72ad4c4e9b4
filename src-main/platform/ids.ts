import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';

/** The one source of ids: UUIDv7 (RFC 9562 §5.7), ordered by time and, within a millisecond, by a counter. */
export type Ids = { next(): string };

/** Random bytes are drawn for this many ids at once: the draw costs more than all the rest of an id. */
const POOLED = 256;

export function createIds(clock: Clock): Ids {
  const pool = Buffer.alloc(16 * POOLED);
  let used = POOLED;
  let lastMs = 0;
  let counter = 0;
  return {
    next() {
      if (used === POOLED) {
        randomFillSync(pool);
        used = 0;
      }
      const bytes = pool.subarray(16 * used, 16 * ++used);
      const nowMs = clock.now();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        // Random bytes that the id itself has no room for.
        counter = bytes.readUInt16BE(0) & 0x7ff;
      } else if (++counter > 0xfff) {
        lastMs += 1;
        counter = 0;
      }
      bytes.writeUIntBE(lastMs, 0, 6);
      bytes.writeUInt16BE(0x7000 | counter, 6);
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      const hex = bytes.toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
  };
}
