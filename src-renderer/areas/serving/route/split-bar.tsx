import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import type { Arm } from '../../../../src-main/contract/serving-route.ts';
import { armColor, cssColor } from '../../../charts/theme.ts';
import { formatPercent } from '../../../lib/format.ts';
import { moveBoundary, rangesOf, WHOLE } from './split.ts';

/** One bar for the whole traffic; each boundary is a slider: drag it, or arrow keys (Shift: ten at a time). */
export function SplitBar({ arms, onChange }: { arms: readonly Arm[]; onChange: (arms: Arm[]) => void }) {
  const bar = useRef<HTMLDivElement>(null);
  const ranges = rangesOf(arms);

  const drag = (event: PointerEvent<HTMLDivElement>, index: number) => {
    const box = bar.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const percent = Math.round(((event.clientX - box.left) / box.width) * 100);
    onChange(moveBoundary(arms, index, percent * 100));
  };
  const press = (event: KeyboardEvent, index: number) => {
    const at = ranges[index]?.to ?? 0;
    const step = event.shiftKey ? 1_000 : 100;
    const to =
      event.key === 'ArrowLeft' || event.key === 'ArrowDown'
        ? at - step
        : event.key === 'ArrowRight' || event.key === 'ArrowUp'
          ? at + step
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? WHOLE
              : null;
    if (to === null) return;
    event.preventDefault();
    onChange(moveBoundary(arms, index, to));
  };

  return (
    <div ref={bar} className="relative h-9 select-none">
      <div className="relative h-full overflow-hidden rounded-sm bg-inset" aria-hidden="true">
        {ranges.map(({ key, version, from, to }, i) =>
          to > from ? (
            <div
              key={key}
              className="num absolute inset-y-0 flex items-center justify-center overflow-hidden text-xs font-medium whitespace-nowrap text-ink"
              style={{
                left: `${(from / WHOLE) * 100}%`,
                width: `${((to - from) / WHOLE) * 100}%`,
                background: `color-mix(in oklab, ${cssColor(armColor(key, i))} 28%, var(--surface))`,
                borderBottom: `4px solid ${cssColor(armColor(key, i))}`,
              }}
            >
              {to - from >= 2_200 ? `${formatPercent((to - from) / WHOLE, 0)} · v${version}` : ''}
            </div>
          ) : null,
        )}
      </div>
      {ranges.slice(0, -1).map((range, i) => (
        <div
          key={range.key}
          role="slider"
          tabIndex={0}
          aria-label={`Boundary between ${range.key} and ${ranges[i + 1]?.key}`}
          aria-valuemin={range.from / 100}
          aria-valuemax={(ranges[i + 1]?.to ?? WHOLE) / 100}
          aria-valuenow={range.to / 100}
          aria-valuetext={`${range.key} ${formatPercent((range.to - range.from) / WHOLE, 0)}`}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={(event) => drag(event, i)}
          onKeyDown={(event) => press(event, i)}
          className="absolute -top-1 -bottom-1 w-4 -translate-x-1/2 cursor-ew-resize touch-none rounded-xs"
          style={{ left: `${(range.to / WHOLE) * 100}%` }}
        >
          <span className="absolute inset-y-0 left-1/2 w-1.5 -translate-x-1/2 rounded-full border border-line-strong bg-raised shadow-sm" />
        </div>
      ))}
    </div>
  );
}
