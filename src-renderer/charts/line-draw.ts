/** What a chart of curves draws: all of them on another thread, those that stand out at once, and what keys move. */
import { firstAtLeast, type Range } from './curve.ts';
import { curveItems, project } from './curve-paint.ts';
import type { Frame } from './frame.ts';
import { readingsAt } from './line-pick.ts';
import type { LineChartProps } from './line-spec.ts';
import type { ChartTheme } from './theme.ts';

type Latest = {
  props: LineChartProps;
  xRange: Range;
  yRange: Range;
  theme: ChartTheme;
};

export const specOf = ({ props, xRange, yRange, theme }: Latest) => ({
  x: {
    kind: props.x.kind,
    log: props.x.log,
    range: xRange,
    ...(props.x.kind === 'number' ? { label: props.x.name } : {}),
  },
  y: { kind: 'number' as const, log: props.logY, range: yRange },
  theme,
  syncKey: props.syncKey,
  drag: 'x' as const,
});

export const paneOf = (frame: Frame) => ({ ...frame.pane(), x: frame.x(), y: frame.y() });

/** Paints all curves; gives the number of points in sight. */
export function paint(frame: Frame, { props, xRange, theme }: Latest): number {
  const { curves } = props;
  const pane = { ...paneOf(frame), xRange };
  const band = curves.length > 30 ? 0.08 : curves.length > 8 ? 0.14 : 0.22;
  frame.paint(
    curves.flatMap((curve) =>
      curveItems({ ...curve, color: theme.color(curve.color), dots: curves.length <= 12, band }, pane),
    ),
  );
  drawMarked(frame, props, null, theme);
  return curves.reduce(
    (sum, { points: { x } }) => sum + firstAtLeast(x, xRange[1]) - firstAtLeast(x, xRange[0]),
    0,
  );
}

/** The curve under the pointer and the pinned ones, above the others, with a dot where the crosshair reads them. */
export function drawMarked(
  frame: Frame,
  { curves, highlight, pinned }: LineChartProps,
  at: number | null,
  theme: Latest['theme'],
): void {
  const wanted = highlight.get();
  const hovered = curves.find(({ id }) => id === wanted);
  const marked = [
    ...curves.filter(({ id }) => pinned.has(id) && id !== wanted),
    ...(hovered ? [hovered] : []),
  ];
  const lone = curves.length === 1;
  frame.dim(!lone && (hovered !== undefined || (pinned.size > 0 && marked.length > 0)));
  const drawn = lone && at !== null ? curves : marked;
  if (drawn.length === 0) {
    frame.over(null);
    return;
  }
  frame.over((context) => {
    const pane = { ...paneOf(frame), xRange: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as Range };
    for (const curve of drawn) {
      const line = project(curve.points.x, curve.points.y, 0, curve.points.x.length, pane);
      const color = theme.color(curve.color);
      if (!lone) {
        stroke(context, line, theme.surface, 5);
        context.setLineDash(curve.dashed ? [6, 3] : []);
        stroke(context, line, color, curve === hovered ? 2.5 : 2);
        context.setLineDash([]);
      }
      if (at === null) continue;
      const [reading] = readingsAt([curve], { left: pane.x.share(at) * pane.width, top: 0 }, pane);
      if (!reading) continue;
      context.beginPath();
      context.arc(
        pane.x.share(reading.x) * pane.width,
        (1 - pane.y.share(reading.y)) * pane.height,
        3.5,
        0,
        2 * Math.PI,
      );
      context.fillStyle = color;
      context.strokeStyle = theme.surface;
      context.lineWidth = 1.5;
      context.fill();
      context.stroke();
    }
  });
}

function stroke(context: CanvasRenderingContext2D, line: Float32Array, color: string, width: number): void {
  context.beginPath();
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [line[i] ?? Number.NaN, line[i + 1] ?? Number.NaN];
    if (!Number.isNaN(y)) context.lineTo(x, y);
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

/** Whether the key meant something here. */
export function moveByKey(
  key: string,
  far: boolean,
  frame: Frame,
  props: LineChartProps,
  [low, high]: Range,
  at: number | null,
): boolean {
  const { curves, highlight } = props;
  const across = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  const along = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (across !== 0) {
    const share = at === null ? (across > 0 ? 0 : 1) : frame.x().share(at) + across * (far ? 0.1 : 0.01);
    frame.point(Math.max(low, Math.min(high, frame.x().value(share))));
  } else if (along !== 0) {
    const now = curves.findIndex(({ id }) => id === highlight.get());
    const next = curves[(now + along + curves.length) % curves.length];
    highlight.set(next?.id ?? null);
    if (at !== null) frame.point(at);
  } else if (key === 'Enter' && highlight.get() !== null) props.onPick(highlight.get() ?? '');
  else if (key === 'Escape') {
    if (props.zoom) props.onZoom(null);
    else frame.point(null);
    highlight.set(null);
  } else return false;
  return true;
}
