/** Which lines brushes leave, which line the pointer is on, where an axis lands when it is dropped. Pure. */
import type { Range } from './curve.ts';

/** One column of shares for each axis, one share for each line. */
export type Shares = readonly Float32Array[];

/** 1 for each line that passes through every brush. A line without a value passes through none. */
export function passing(shares: Shares, brushes: readonly (Range | null)[], lines: number): Uint8Array {
  const mask = new Uint8Array(lines).fill(1);
  brushes.forEach((brush, axis) => {
    const column = shares[axis];
    if (!brush || !column) return;
    // Ends are taken in, whatever rounding did to them.
    const [low, high] = [brush[0] - 1e-6, brush[1] + 1e-6];
    for (let line = 0; line < lines; line++) {
      const share = column[line] ?? -1;
      if (share < 0 || share < low || share > high) mask[line] = 0;
    }
  });
  return mask;
}

/**
 * The line nearest to a place, in share of the height, among those of the mask; -1 when none is within `reach`.
 * `position` is the place across: 0 on the first axis, 1 on the second, 1.5 midway to the third.
 */
export function nearestLine(
  shares: Shares,
  mask: Uint8Array,
  position: number,
  share: number,
  reach: number,
): number {
  const left = Math.max(0, Math.min(shares.length - 1, Math.floor(position)));
  const [a, b] = [shares[left], shares[Math.min(shares.length - 1, left + 1)]];
  if (!a || !b) return -1;
  const part = Math.max(0, Math.min(1, position - left));
  let best = -1;
  let closest = reach;
  for (let line = 0; line < mask.length; line++) {
    if (mask[line] === 0) continue;
    const at = (a[line] ?? 0) * (1 - part) + (b[line] ?? 0) * part;
    const apart = Math.abs(at - share);
    if (apart < closest) {
      closest = apart;
      best = line;
    }
  }
  return best;
}

/** The list with one member moved to another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(next.length, to)), 0, one);
  return next;
}

/** A brush from where a drag began to where it is, inside the axis; null for a click. */
export function brushOf(begin: number, end: number, least = 0.012): Range | null {
  const low = Math.max(0, Math.min(begin, end));
  const high = Math.min(1, Math.max(begin, end));
  return high - low < least ? null : [low, high];
}

/** A brush pushed along its axis, as far as it goes, its length kept. */
export function pushed([low, high]: Range, by: number): Range {
  const shift = Math.max(-low, Math.min(1 - high, by));
  return [low + shift, high + shift];
}

/** How strongly lines show: all of them while they are few, faint while they are many. */
export const lineAlpha = (lines: number): number => Math.max(0.08, Math.min(0.85, 12 / Math.sqrt(lines + 1)));
