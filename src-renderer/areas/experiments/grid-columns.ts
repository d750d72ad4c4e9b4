/** Where the columns of the runs table lie, and which of them are in sight. */
import { type RefObject, useEffect, useMemo, useState } from 'react';
import type { RunColumn } from '../../../src-main/contract/runs-table.ts';
import { columnTitle } from './runs-model.ts';

/** The box to tick and the name, which stay in sight at the left. Pixels. */
export const TICK_WIDTH = 36;
export const NAME_WIDTH = 260;

const ATTRIBUTE_WIDTHS: Record<Extract<RunColumn, { kind: 'attribute' }>['key'], number> = {
  name: 240,
  status: 110,
  user: 110,
  started: 112,
  ended: 112,
  duration: 96,
  note: 200,
  produced: 140,
};

/** Wide enough for the header, within reason. In pixels. */
export function widthOf(column: RunColumn): number {
  if (column.kind === 'attribute') return ATTRIBUTE_WIDTHS[column.key];
  const least = column.kind === 'metric' ? 116 : 96;
  return Math.min(210, Math.max(least, Math.round(columnTitle(column).length * 7 + 40)));
}

/** Columns share what is left of a wide window by their widths, and are never narrower. */
export const flexOf = (width: number): string => `${width} 0 ${width}px`;

/** A stretch of columns that is drawn, and how many pixels those before it take. */
export type ColumnWindow = { from: number; to: number; before: number };

/** Columns drawn beyond both edges, so that scrolling sideways finds them there. */
const BEYOND_PX = 400;

/** Which columns a view from `left` on, `room` pixels wide beside the names, shows. */
export function columnsWithin(widths: readonly number[], left: number, room: number): ColumnWindow {
  const window: ColumnWindow = { from: 0, to: widths.length, before: 0 };
  let at = 0;
  for (const [index, width] of widths.entries()) {
    if (at + width < left - BEYOND_PX) {
      window.from = index + 1;
      window.before += width;
    } else if (at > left + room + BEYOND_PX) {
      window.to = Math.min(window.to, index);
    }
    at += width;
  }
  return window;
}

/** The columns in sight of a box that scrolls; follows its scrolling and its size. */
export function useColumnWindow(
  box: RefObject<HTMLElement | null>,
  columns: readonly RunColumn[],
): ColumnWindow & { room: number; total: number } {
  const widths = useMemo(() => columns.map(widthOf), [columns]);
  const [view, setView] = useState({ left: 0, room: 4_000 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      // In steps, so that most scrolling sideways draws nothing anew.
      const left = Math.floor(element.scrollLeft / 200) * 200;
      const room = element.clientWidth + 200;
      setView((now) => (now.left === left && now.room === room ? now : { left, room }));
    };
    // Asked in the scroll event itself, these figures would have the whole page laid out one more time.
    const later = () => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    later();
    const sized = new ResizeObserver(later);
    sized.observe(element);
    element.addEventListener('scroll', later, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      sized.disconnect();
      element.removeEventListener('scroll', later);
    };
  }, [box]);
  return useMemo(() => {
    const window = columnsWithin(widths, view.left, view.room);
    const sum = (some: readonly number[]) => some.reduce((total, width) => total + width, 0);
    const total = TICK_WIDTH + NAME_WIDTH + sum(widths);
    return { ...window, room: sum(widths.slice(window.from, window.to)), total };
  }, [widths, view]);
}
