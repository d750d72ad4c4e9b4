import type { ReactNode } from 'react';
import { PLOT_RIGHT } from '../../charts/plot.ts';

/** Geometry that strips and charts share, in pixels, so that they stand on one time axis. */
export const AXIS_WIDTH = 48;

/** A row of the shared axis: what it is, the drawing, and its figures. */
export function Lane({
  label,
  figures,
  children,
}: {
  label: ReactNode;
  figures?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="grid grid-cols-[minmax(120px,176px)_minmax(0,1fr)_minmax(168px,200px)] items-center">
      <div className="min-w-0 pr-3">{label}</div>
      <div className="min-w-0" style={{ paddingRight: PLOT_RIGHT }}>
        {children}
      </div>
      <div className="min-w-0 pl-2">{figures}</div>
    </div>
  );
}

/** A chart in a lane: its value axis reaches into the column of labels, so that its plot begins where strips do. */
export function ChartLane({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(120px,176px)_minmax(0,1fr)_minmax(168px,200px)] items-start">
      <div className="min-w-0 pt-1 pr-14 text-xs text-ink-3">{label}</div>
      <div className="min-w-0" style={{ marginLeft: -AXIS_WIDTH }}>
        {children}
      </div>
      <div />
    </div>
  );
}
