/** What a chart of curves is given. */
import type { ReactNode } from 'react';
import type { Curve, Range } from './curve.ts';
import type { FrameAxis } from './frame.ts';
import type { Highlight } from './highlight.ts';

export type LineChartProps = {
  title: string;
  hideTitle?: boolean;
  curves: readonly Curve[];
  x: { kind: FrameAxis['kind']; log: boolean; name: string };
  logY: boolean;
  /** Leaves outliers out of the range of y. */
  clip: boolean;
  height: number;
  /** The shown stretch of x; null for all of it. */
  zoom: Range | null;
  onZoom(zoom: Range | null): void;
  highlight: Highlight;
  /** Curves that stand out for good. */
  pinned: ReadonlySet<string>;
  /** A click on a curve, or Enter on the one under the crosshair. */
  onPick(id: string): void;
  syncKey?: string;
  /** Names the curves in the chart's head, where no list of them stands beside it. */
  names?: boolean;
  /** Said instead of an empty plot. */
  emptyText: string;
  actions?: ReactNode;
};
