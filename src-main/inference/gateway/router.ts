/** Which arm of a route a request goes to: sticky by unit, so that one flight always meets one model. */
import { hash } from 'node:crypto';

export type RouterArm = { key: string; version: string; weight: number };

const BUCKETS = 10_000;

/**
 * Bucket of a unit: the first 8 bytes of SHA-256(salt + ":" + unit), big-endian, modulo 10,000. Computed in
 * two halves because it passes 2^53. As a string of bytes the digest costs 1 µs, as a Buffer two or three.
 */
export function bucketOf(salt: string, unit: string): number {
  const digest = hash('sha256', `${salt}:${unit}`, 'binary');
  const high = wordAt(digest, 0) % BUCKETS;
  const low = wordAt(digest, 4) % BUCKETS;
  return (high * (4_294_967_296 % BUCKETS) + low) % BUCKETS;
}

const wordAt = (bytes: string, at: number): number =>
  ((bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)) >>>
  0;

/**
 * Arms own contiguous ranges of buckets in their order, as wide as their weights (basis points), so that a
 * changed weight moves only the units at the boundary. Null when no arm has any traffic.
 */
export function armOf<Arm extends RouterArm>(arms: readonly Arm[], bucket: number): Arm | null {
  let upTo = 0;
  let last: Arm | null = null;
  for (const arm of arms) {
    if (arm.weight <= 0) continue;
    upTo += arm.weight;
    last = arm;
    if (bucket < upTo) return arm;
  }
  // Weights that do not reach 10,000 leave a rest, which belongs to the last arm.
  return last;
}

/** The arm of a unit. With traffic on one arm alone the bucket is not asked for: hashing costs. */
export function armFor<Arm extends RouterArm>(arms: readonly Arm[], bucket: () => number): Arm | null {
  let sole: Arm | null = null;
  for (const arm of arms) {
    if (arm.weight <= 0) continue;
    if (sole) return armOf(arms, bucket());
    sole = arm;
  }
  return sole;
}

/** Of a larger part both ends and some pieces between are looked at: hashing it whole would hold up everyone else's answers. */
const END_BYTES = 64 * 1024;
/** Images often have blank borders, and differ in the middle only. */
const MIDDLE_PIECES = 16;
const PIECE_BYTES = 4 * 1024;

/** Stands for the unit where none is named: the same input meets the same arm, whatever id it comes under. */
export function unitOfInput(parts: readonly Uint8Array[]): string {
  const pieces: Uint8Array[] = [];
  for (const part of parts) {
    if (parts.length > 1) pieces.push(Buffer.from(`${part.length} `));
    if (part.length <= 2 * END_BYTES + MIDDLE_PIECES * PIECE_BYTES) pieces.push(part);
    else pieces.push(...sampleOf(part));
  }
  return hash('sha256', pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces), 'hex');
}

function sampleOf(part: Uint8Array): Uint8Array[] {
  const end = part.length - END_BYTES;
  const step = (end - END_BYTES) / MIDDLE_PIECES;
  const middle = Array.from({ length: MIDDLE_PIECES }, (_, at) => {
    const from = END_BYTES + Math.floor((at + 0.5) * step - PIECE_BYTES / 2);
    return part.subarray(from, from + PIECE_BYTES);
  });
  return [part.subarray(0, END_BYTES), ...middle, part.subarray(end)];
}
