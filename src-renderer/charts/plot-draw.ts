/** What we draw on the canvas ourselves: points, thresholds, events and the marked window. */
import uPlot from 'uplot';
import type { PlotSpec } from './plot-spec.ts';
import type { Series } from './time-series-data.ts';

/** Opacity of the series that step back while another one stands out. */
export const FADED = 0.18;

type Pen = { ctx: CanvasRenderingContext2D; ratio: number };
const penOf = (u: uPlot): Pen => ({ ctx: u.ctx, ratio: uPlot.pxRatio });

/** Every point where there are few, hollow where weak, and always the ones that stand alone. */
export function drawPoints(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  ctx.save();
  ctx.beginPath();
  ctx.rect(
    u.bbox.left - 4 * ratio,
    u.bbox.top - 4 * ratio,
    u.bbox.width + 8 * ratio,
    u.bbox.height + 8 * ratio,
  );
  ctx.clip();
  for (const series of spec.series) {
    ctx.globalAlpha = spec.highlight && spec.highlight !== series.id ? FADED : 1;
    ctx.strokeStyle = spec.theme.color(series.color);
    const few = series.points.length < 12;
    series.points.forEach((point, i) => {
      if (point.y === null || !Number.isFinite(point.y)) return;
      if (!few && !(point.weak && series.points.length < 80) && !standsAlone(series, i, spec.gap)) return;
      const x = u.valToPos(point.x, 'x', true);
      const y = u.valToPos(point.y, 'y', true);
      ctx.beginPath();
      ctx.arc(x, y, (point.weak ? 3 : 2.75) * ratio, 0, 2 * Math.PI);
      ctx.fillStyle = point.weak ? spec.theme.surface : spec.theme.color(series.color);
      ctx.lineWidth = 1.5 * ratio;
      ctx.fill();
      if (point.weak) ctx.stroke();
    });
  }
  ctx.restore();
}

function standsAlone(series: Series, i: number, gap: number | undefined): boolean {
  const here = series.points[i];
  if (!here) return false;
  return [series.points[i - 1], series.points[i + 1]].every(
    (other) => !other || other.y === null || (gap !== undefined && Math.abs(other.x - here.x) > gap),
  );
}

export function drawThresholds(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  ctx.save();
  ctx.font = `${10.5 * ratio}px ${spec.theme.fontFamily}`;
  ctx.textAlign = 'right';
  let lastY = Number.NEGATIVE_INFINITY;
  const byHeight = [...(spec.thresholds ?? [])].sort((a, b) => b.value - a.value);
  for (const threshold of byHeight) {
    const y = Math.round(u.valToPos(threshold.value, 'y', true)) + 0.5;
    if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue;
    ctx.strokeStyle = spec.theme.color(threshold.color);
    ctx.fillStyle = spec.theme.color(threshold.color);
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(u.bbox.left, y);
    ctx.lineTo(u.bbox.left + u.bbox.width, y);
    ctx.stroke();
    // Above its line; below it where the next higher line leaves no room.
    const crowded = y - lastY < 15 * ratio;
    lastY = y;
    const bottom = u.bbox.top + u.bbox.height;
    if (crowded && y + 15 * ratio > bottom) continue;
    ctx.textBaseline = crowded ? 'top' : 'bottom';
    const [right, above] = [u.bbox.left + u.bbox.width - 2 * ratio, y + (crowded ? 3 : -2) * ratio];
    ctx.setLineDash([]);
    ctx.strokeStyle = spec.theme.surface;
    ctx.lineWidth = 3 * ratio;
    ctx.strokeText(threshold.label, right, above);
    ctx.fillText(threshold.label, right, above);
  }
  ctx.restore();
}

/** A flag on the axis for each event; its words only where the next flag leaves room. */
export function drawEvents(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  const right = u.bbox.left + u.bbox.width;
  const marks = (spec.events ?? [])
    .map((event) => ({ ...event, at: Math.round(u.valToPos(event.x, 'x', true)) + 0.5 }))
    .filter(({ at }) => at >= u.bbox.left && at <= right)
    .sort((a, b) => a.at - b.at);
  ctx.save();
  ctx.font = `${10.5 * ratio}px ${spec.theme.fontFamily}`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.fillStyle = spec.theme.axis;
  ctx.strokeStyle = spec.theme.axis;
  ctx.lineWidth = ratio;
  marks.forEach((mark, i) => {
    ctx.setLineDash([2 * ratio, 2 * ratio]);
    ctx.beginPath();
    ctx.moveTo(mark.at, u.bbox.top);
    ctx.lineTo(mark.at, u.bbox.top + u.bbox.height);
    ctx.stroke();
    const room = (marks[i + 1]?.at ?? right) - mark.at - 8 * ratio;
    if (ctx.measureText(mark.label).width < room) ctx.fillText(mark.label, mark.at + 4 * ratio, u.bbox.top);
  });
  ctx.restore();
}

export function drawMark(u: uPlot, spec: PlotSpec): void {
  if (!spec.mark) return;
  const from = Math.max(u.bbox.left, u.valToPos(spec.mark.x - spec.mark.width / 2, 'x', true));
  const to = Math.min(u.bbox.left + u.bbox.width, u.valToPos(spec.mark.x + spec.mark.width / 2, 'x', true));
  if (to <= from) return;
  u.ctx.save();
  u.ctx.fillStyle = spec.theme.wash(1);
  u.ctx.fillRect(from, u.bbox.top, Math.max(to - from, 3 * uPlot.pxRatio), u.bbox.height);
  u.ctx.restore();
}

/** Diagonal lines over what is not final yet. */
export function drawHatches(u: uPlot, spec: PlotSpec): void {
  const { ctx, ratio } = penOf(u);
  const { left, top, width, height } = u.bbox;
  for (const hatch of spec.hatches ?? []) {
    const from = Math.max(left, u.valToPos(hatch.from, 'x', true));
    const to = Math.min(left + width, u.valToPos(hatch.to, 'x', true));
    if (to <= from) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, top, to - from, height);
    ctx.clip();
    ctx.strokeStyle = spec.theme.grid;
    ctx.lineWidth = 1.5 * ratio;
    ctx.beginPath();
    for (let x = from - height; x < to; x += 7 * ratio) {
      ctx.moveTo(x, top + height);
      ctx.lineTo(x + height, top);
    }
    ctx.stroke();
    ctx.font = `${10.5 * ratio}px ${spec.theme.fontFamily}`;
    ctx.textBaseline = 'bottom';
    ctx.textAlign = 'right';
    if (ctx.measureText(hatch.label).width + 8 * ratio < to - from) {
      ctx.strokeStyle = spec.theme.surface;
      ctx.lineWidth = 4 * ratio;
      ctx.strokeText(hatch.label, to - 4 * ratio, top + height - 3 * ratio);
      ctx.fillStyle = spec.theme.axis;
      ctx.fillText(hatch.label, to - 4 * ratio, top + height - 3 * ratio);
    }
    ctx.restore();
  }
}
