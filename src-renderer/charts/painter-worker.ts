/**
 * Draws the many lines and dots of charts, away from the thread that answers the user. A picture is drawn aside and
 * shown when it is complete, so that nothing flickers; one that takes long shows how far it is. What was begun is
 * finished before the newest request is taken up, so that a chart that changes all the time still shows.
 */
import type { FromPainter, PaintItem, PaintJob, ToPainter } from './painter-items.ts';

/** How long the thread draws before it looks for messages. */
const SLICE_MS = 12;
/** A picture that takes longer than this is shown while it grows. */
const PATIENCE_MS = 120;

const surfaces = new Map<number, OffscreenCanvas>();
const waiting = new Map<number, PaintJob>();
const aside = new OffscreenCanvas(1, 1);
let busy = false;

self.addEventListener('message', ({ data }: MessageEvent<ToPainter>) => {
  if (data.kind === 'open') surfaces.set(data.id, data.canvas);
  else if (data.kind === 'paint') waiting.set(data.id, data.job);
  else {
    surfaces.delete(data.id);
    waiting.delete(data.id);
  }
  if (!busy) void work();
});

async function work(): Promise<void> {
  busy = true;
  for (let next = take(); next; next = take()) await paint(next.id, next.job);
  busy = false;
}

function take(): { id: number; job: PaintJob } | null {
  for (const [id, job] of waiting) {
    waiting.delete(id);
    return { id, job };
  }
  return null;
}

async function paint(id: number, job: PaintJob): Promise<void> {
  const [width, height] = [
    Math.max(1, Math.round(job.width * job.ratio)),
    Math.max(1, Math.round(job.height * job.ratio)),
  ];
  aside.width = width;
  aside.height = height;
  const context = aside.getContext('2d');
  if (!context) return;
  context.scale(job.ratio, job.ratio);
  context.lineJoin = 'round';
  const begun = performance.now();
  let slice = begun;
  for (const item of job.items)
    for (const _ of draw(context, item)) {
      const now = performance.now();
      if (now - slice < SLICE_MS) continue;
      if (now - begun > PATIENCE_MS) show(id, width, height);
      await new Promise((resolve) => setTimeout(resolve));
      if (!surfaces.has(id)) return;
      slice = performance.now();
    }
  show(id, width, height);
  self.postMessage({ id } satisfies FromPainter);
}

function show(id: number, width: number, height: number): void {
  const canvas = surfaces.get(id);
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else context.clearRect(0, 0, width, height);
  context.drawImage(aside, 0, 0);
}

/** Draws an item piece by piece; yields after each piece. */
function* draw(context: OffscreenCanvasRenderingContext2D, item: PaintItem): Generator<void> {
  context.globalAlpha = item.alpha;
  context.setLineDash(item.kind === 'lines' && item.dash ? [...item.dash] : []);
  if (item.kind === 'lines') yield* drawLines(context, item);
  else if (item.kind === 'dots') yield* drawDots(context, item);
  else if (item.kind === 'area') drawArea(context, item);
  else drawStrokes(context, item);
  yield;
}

type Of<Kind extends PaintItem['kind']> = Extract<PaintItem, { kind: Kind }>;
const colorOf = (item: PaintItem, at: number): string => item.palette[item.colors?.[at] ?? 0] ?? '#888';

function* drawLines(context: OffscreenCanvasRenderingContext2D, item: Of<'lines'>): Generator<void> {
  const { points } = item;
  const each = item.each ?? points.length / 2;
  context.lineWidth = item.width;
  for (let line = 0, at = 0; at < points.length; line++, at += each * 2) {
    context.strokeStyle = colorOf(item, line);
    context.beginPath();
    let down = false;
    for (let i = at; i < at + each * 2; i += 2) {
      const [x, y] = [points[i] ?? Number.NaN, points[i + 1] ?? Number.NaN];
      if (Number.isNaN(y)) down = false;
      else if (down) context.lineTo(x, y);
      else {
        context.moveTo(x, y);
        down = true;
      }
    }
    context.stroke();
    if (line % 16 === 15) yield;
  }
}

function* drawDots(context: OffscreenCanvasRenderingContext2D, item: Of<'dots'>): Generator<void> {
  const { points, radius } = item;
  context.lineWidth = 1.5;
  for (let i = 0; i * 2 < points.length; i++) {
    context.beginPath();
    context.arc(points[i * 2] ?? 0, points[i * 2 + 1] ?? 0, radius, 0, 2 * Math.PI);
    context.strokeStyle = context.fillStyle = colorOf(item, i);
    if (item.hollow) context.stroke();
    else context.fill();
    if (i % 64 === 63) yield;
  }
}

function drawArea(context: OffscreenCanvasRenderingContext2D, item: Of<'area'>): void {
  const { points } = item;
  context.fillStyle = colorOf(item, 0);
  context.beginPath();
  for (let i = 0; i < points.length; i += 3) context.lineTo(points[i] ?? 0, points[i + 2] ?? 0);
  for (let i = points.length - 3; i >= 0; i -= 3) context.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
  context.fill();
}

function drawStrokes(context: OffscreenCanvasRenderingContext2D, item: Of<'strokes'>): void {
  const { points } = item;
  context.strokeStyle = colorOf(item, 0);
  context.lineWidth = item.width;
  context.beginPath();
  for (let i = 0; i < points.length; i += 3) {
    context.moveTo(points[i] ?? 0, points[i + 1] ?? 0);
    context.lineTo(points[i] ?? 0, points[i + 2] ?? 0);
  }
  context.stroke();
}
