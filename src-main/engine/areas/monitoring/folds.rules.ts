/** The parts of a day's hours in one blob: how many, the hour and length of each, then their bytes. */
import { DAY_MS, HOUR_MS } from './cohorts.store.ts';

export type HourParts = Map<number, Uint8Array>;

const HOURS = DAY_MS / HOUR_MS;
/** The hour in a byte, the length in four, the lowest first. */
const ENTRY = 5;

/** Null where there is none. */
export function packHours(parts: HourParts): Buffer | null {
  if (parts.size === 0) return null;
  const hours = [...parts].sort(([a], [b]) => a - b);
  const head = Buffer.alloc(1 + ENTRY * hours.length);
  head[0] = hours.length;
  for (const [at, [hour, { length }]] of hours.entries()) {
    head[1 + ENTRY * at] = hour;
    head.writeUInt32LE(length, 2 + ENTRY * at);
  }
  return Buffer.concat([head, ...hours.map(([, bytes]) => bytes)]);
}

/** Each hour's part; it is not copied. */
export function eachHour(blob: Buffer, take: (hour: number, bytes: Buffer) => void): void {
  const count = Math.min(HOURS, blob[0] ?? 0);
  let from = 1 + ENTRY * count;
  for (let at = 0; at < count; at++) {
    const to = from + blob.readUInt32LE(2 + ENTRY * at);
    take(blob[1 + ENTRY * at] as number, blob.subarray(from, to));
    from = to;
  }
}
