/** Events as flags on an axis of time. Pure. */
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import type { LaneAxis } from '../../charts/lane-rules.ts';

export type EventFlag = { at: number; events: ChangeEvent[] };

const FLAG = 20;

/** Events in sight, oldest first; those whose flags would touch share one. */
export function flagsOf(events: readonly ChangeEvent[], axis: LaneAxis): EventFlag[] {
  if (axis.width <= 0) return [];
  const scale = axis.width / Math.max(axis.to - axis.from, 1);
  const flags: EventFlag[] = [];
  for (const event of events
    .filter(({ atMs }) => atMs >= axis.from && atMs < axis.to)
    .toSorted((a, b) => a.atMs - b.atMs)) {
    const last = flags.at(-1);
    if (last && (event.atMs - last.at) * scale < FLAG) last.events.push(event);
    else flags.push({ at: event.atMs, events: [event] });
  }
  return flags;
}
