/** Round moments for an axis of time, UTC. Pure. */
import { DAY_MS } from './format.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 5, 15, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14].map((count) => count * DAY_MS),
];
const MONTH = 30.44 * DAY_MS;
const MONTHS = [1, 2, 3, 6, 12, 24, 60];

/** Round moments at least `apart` milliseconds from each other, and how far apart they lie. */
export function timeTicks(from: number, to: number, apart: number): { at: number[]; step: number } {
  const step = STEPS.find((one) => one >= apart);
  if (step) {
    const first = Math.ceil(from / step) * step;
    return { at: Array.from({ length: count(first, to, step) }, (_, i) => first + i * step), step };
  }
  const months = MONTHS.find((one) => one * MONTH >= apart) ?? 120;
  const start = new Date(from);
  const at: number[] = [];
  for (let month = Math.ceil(start.getUTCMonth() / months) * months; ; month += months) {
    const tick = Date.UTC(start.getUTCFullYear(), month, 1);
    if (tick > to) break;
    if (tick >= from) at.push(tick);
  }
  return { at, step: months * MONTH };
}

const count = (first: number, to: number, step: number): number =>
  Math.max(0, Math.floor((to - first) / step) + 1);
