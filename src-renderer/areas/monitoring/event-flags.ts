/** Events as flags on an axis of time. Pure. */
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import type { LaneAxis } from '../../charts/lane-rules.ts';

export type EventFlag = { at: number; events: ChangeEvent[] };

const FLAG = 20;

/** Events in sight by event time, oldest first; those whose flags would touch share one. */
export function flagsOf(events: readonly ChangeEvent[], axis: LaneAxis): EventFlag[] {
  if (axis.width <= 0) return [];
  const scale = axis.width / Math.max(axis.to - axis.from, 1);
  const flags: EventFlag[] = [];
  const placed = events
    .flatMap((event) => (event.eventMs === null ? [] : [{ at: event.eventMs, event }]))
    .filter(({ at }) => at >= axis.from && at < axis.to)
    .toSorted((a, b) => a.at - b.at);
  for (const { at, event } of placed) {
    const last = flags.at(-1);
    if (last && (at - last.at) * scale < FLAG) last.events.push(event);
    else flags.push({ at, events: [event] });
  }
  return flags;
}
