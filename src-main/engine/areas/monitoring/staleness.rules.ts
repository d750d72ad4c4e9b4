/**
 * Whether rows have stopped coming: silent for much longer than they ever were in the week before. Hours without rows are
 * usual where people sleep, so that the longest such gap is the measure, and not the mean one.
 */
import type { DataQuality } from '../../../contract/monitoring.ts';

const HOUR_MS = 3_600_000;
export const LOOK_BACK_MS = 7 * 24 * HOUR_MS;
/** Fewer hours with rows are somebody trying it out: nothing is usual yet. */
const LEAST_HOURS = 24;
/** So many times the longest gap. */
const WARNING = 3;
const CRITICAL = 24;

export type Arrivals = {
  nowMs: number;
  lastEventMs: number;
  lastReceivedMs: number;
  /** Beginnings of the hours with rows, rising. */
  hours: readonly number[];
};

/** Null where rows come as usual, or it cannot be known. */
export function stalenessOf({
  nowMs,
  lastEventMs,
  lastReceivedMs,
  hours,
}: Arrivals): DataQuality['staleness'] {
  // Sent long after it happened: the past played again, or a batch. Of when such come next the hours say nothing.
  if (lastReceivedMs - lastEventMs > HOUR_MS) return null;
  const recent = hours.filter((hourMs) => hourMs > lastEventMs - LOOK_BACK_MS);
  if (recent.length < LEAST_HOURS) return null;
  const longestMs = recent.reduce(
    (most, hourMs, at) => Math.max(most, at === 0 ? 0 : hourMs - (recent[at - 1] as number)),
    0,
  );
  const silentMs = nowMs - lastReceivedMs;
  if (silentMs <= WARNING * longestMs) return null;
  return {
    level: silentMs > CRITICAL * longestMs ? 'critical' : 'warning',
    text: `No row for ${lasting(silentMs)}. In the week before, hours with rows were at most ${lasting(longestMs)} apart.`,
  };
}

function lasting(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.floor(hours / 24)} days`;
}
