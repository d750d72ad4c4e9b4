/** The axes, crosshair and drag of a chart whose marks are drawn on canvases of our own. uPlot, wrapped once more. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './charts.css';
import { isWideEnough, type Range } from './curve.ts';
import { type FrameAxis, frameXAxis, frameYAxis } from './frame-axes.ts';
import { openSurface } from './painter.ts';
import type { PaintItem } from './painter-items.ts';
import { type Scale, scaleOf } from './scale.ts';
import type { ChartTheme } from './theme.ts';

export type { FrameAxis } from './frame-axes.ts';

export type FrameSpec = {
  x: FrameAxis;
  y: FrameAxis;
  theme: ChartTheme;
  /** Charts with the same key share their crosshair. */
  syncKey?: string | undefined;
  /** What a drag marks: a stretch of x, or a box. */
  drag: 'x' | 'box';
};

/** Pixels from the pane's top left; `own` is false where another chart's crosshair is followed. */
export type Pointer = { left: number; top: number; own: boolean };

export type FrameHandlers = {
  /** The axes are drawn and the pane's size is known: now paint. */
  onLayout(): void;
  onPointer(pointer: Pointer | null): void;
  onDrag(x: Range, y: Range): void;
  onClick(pointer: Pointer): void;
  onReset(): void;
  onPainted(): void;
};

export type Frame = {
  update(spec: FrameSpec): void;
  resize(width: number, height: number): void;
  /** The pane inside the axes, in CSS pixels. */
  pane(): { left: number; top: number; width: number; height: number };
  x(): Scale;
  y(): Scale;
  /** Many marks, drawn on another thread. */
  paint(items: PaintItem[]): void;
  /** Dims the many marks while one stands out. */
  dim(on: boolean): void;
  /** Few marks above the many, drawn at once; coordinates from the pane's top left. Null takes them away. */
  over(draw: ((context: CanvasRenderingContext2D) => void) | null): void;
  /** Moves the crosshair to a place of x; null takes it away. */
  point(x: number | null): void;
  destroy(): void;
};

const RIGHT = 14;

export function createFrame(
  host: HTMLElement,
  first: FrameSpec,
  size: { width: number; height: number },
  handlers: FrameHandlers,
): Frame {
  let spec = first;
  let { width, height } = size;
  const marks = document.createElement('canvas');
  const above = document.createElement('canvas');
  marks.className = 'lathe-marks';
  above.className = 'lathe-marks';
  const surface = openSurface(marks, handlers.onPainted);
  let shape = shapeOf(spec);
  let drawn = false;
  let plot = build();

  function build(): uPlot {
    const made = new uPlot(options(), dataOf(spec), host);
    made.over.before(marks, above);
    return made;
  }

  function options(): uPlot.Options {
    return {
      width,
      height,
      ms: 1,
      padding: [8, RIGHT, 0, 0],
      legend: { show: false },
      series: [{}],
      scales: {
        x: {
          time: spec.x.kind === 'time',
          distr: spec.x.log ? 3 : 1,
          range: () => [...spec.x.range] as uPlot.Range.MinMax,
        },
        y: {
          time: false,
          distr: spec.y.log ? 3 : 1,
          range: () => [...spec.y.range] as uPlot.Range.MinMax,
        },
      },
      axes: [frameXAxis(() => spec), frameYAxis(() => spec)],
      cursor: {
        y: spec.drag === 'box',
        drag: { x: true, y: spec.drag === 'box', setScale: false, dist: 4 },
        points: { show: false },
        ...(spec.syncKey ? { sync: { key: spec.syncKey, setSeries: false, scales: ['x', null] } } : {}),
      },
      hooks: {
        draw: [
          (u) => {
            place(u);
            handlers.onLayout();
          },
        ],
        setCursor: [
          (u) => {
            const [left, top] = [u.cursor.left ?? -1, u.cursor.top ?? -1];
            const own = u.cursor.event !== undefined && u.cursor.event !== null;
            handlers.onPointer(left < 0 ? null : { left, top, own });
          },
        ],
        setSelect: [
          (u) => {
            const { left, top, width: wide, height: tall } = u.select;
            if (wide < 6 && (spec.drag === 'x' || tall < 6)) return;
            const x: Range = [u.posToVal(left, 'x'), u.posToVal(left + wide, 'x')];
            const y: Range = [u.posToVal(top + tall, 'y'), u.posToVal(top, 'y')];
            u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            if (isWideEnough(x) && isWideEnough(y)) handlers.onDrag(x, y);
          },
        ],
        ready: [
          (u) => {
            u.over.addEventListener('dblclick', handlers.onReset);
            u.over.addEventListener('click', () => {
              const [left, top] = [u.cursor.left ?? -1, u.cursor.top ?? -1];
              if (left >= 0) handlers.onClick({ left, top, own: true });
            });
          },
        ],
      },
    };
  }

  function paneOf(u: uPlot): { left: number; top: number; width: number; height: number } {
    const { left, top, width: wide, height: tall } = u.bbox;
    const ratio = uPlot.pxRatio;
    return { left: left / ratio, top: top / ratio, width: wide / ratio, height: tall / ratio };
  }

  function place(u: uPlot): void {
    const pane = paneOf(u);
    for (const canvas of [marks, above])
      Object.assign(canvas.style, {
        left: `${pane.left}px`,
        top: `${pane.top}px`,
        width: `${pane.width}px`,
        height: `${pane.height}px`,
      });
  }

  return {
    update(next) {
      spec = next;
      const nextShape = shapeOf(spec);
      if (nextShape !== shape) {
        shape = nextShape;
        plot.destroy();
        plot = build();
        return;
      }
      plot.setData(dataOf(spec), true);
    },
    resize(nextWidth, nextHeight) {
      if (nextWidth === width && nextHeight === height) return;
      width = nextWidth;
      height = nextHeight;
      plot.setSize({ width, height });
    },
    pane: () => paneOf(plot),
    x: () => scaleOf(spec.x.range, spec.x.log ?? false),
    y: () => scaleOf(spec.y.range, spec.y.log ?? false),
    paint: (items) => surface.paint(paneOf(plot), items),
    dim(on) {
      const opacity = on ? '0.22' : '1';
      if (marks.style.opacity !== opacity) marks.style.opacity = opacity;
    },
    over(draw) {
      if (!draw && !drawn) return;
      const pane = paneOf(plot);
      const ratio = window.devicePixelRatio || 1;
      const [wide, tall] = [Math.round(pane.width * ratio), Math.round(pane.height * ratio)];
      const context = above.getContext('2d');
      if (!context) return;
      if (above.width !== wide || above.height !== tall) Object.assign(above, { width: wide, height: tall });
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, wide, tall);
      drawn = draw !== null;
      if (!draw) return;
      context.scale(ratio, ratio);
      context.lineJoin = 'round';
      draw(context);
    },
    point(x) {
      if (x === null) plot.setCursor({ left: -10, top: -10 });
      else plot.setCursor({ left: plot.valToPos(x, 'x'), top: plot.over.clientHeight / 2 });
    },
    destroy() {
      surface.close();
      plot.destroy();
    },
  };
}

/** What forces a new uPlot instead of other ranges in the old one. */
const shapeOf = ({ x, y, drag, syncKey }: FrameSpec): string =>
  JSON.stringify([x.kind, x.log ?? false, y.kind, y.log ?? false, drag, syncKey]);

const dataOf = ({ x }: FrameSpec): uPlot.AlignedData => [[x.range[0], x.range[1]]];
