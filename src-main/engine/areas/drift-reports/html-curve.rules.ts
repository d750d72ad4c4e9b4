/** A curve over time as inline SVG, with its interval, what chance alone reaches, and what happened. Pure. */
import { figure, type Html, html, minute, NOTHING } from './html-page.rules.ts';

const WIDTH = 640;
const HEIGHT = 150;
const BOTTOM = 130;
/** Numbers of events stand apart by as much, in pixels. */
const SIGN = 14;

export type CurvePoint = {
  ms: number;
  value: number | null;
  low: number | null;
  high: number | null;
  /** On too few rows, or not final: dashed, and hollow where it stands alone. */
  weak?: boolean;
  chance?: number | undefined;
};

export type CurveLook = {
  what: string;
  /** Drawn across it. */
  level?: number | null;
  /** Of the axis; by default from the first point to the last. */
  range?: readonly [number, number];
  /** Neighbours further apart are not joined. */
  gap?: number;
  events?: readonly { ms: number; sign: string; title: string }[];
};

/** Gaps stay gaps. */
export function curve(points: readonly CurvePoint[], look: CurveLook): Html {
  const { what, level = null, events = [], gap } = look;
  const known = points.filter((point) => point.value !== null);
  if (known.length === 0) return html`<p>No values in this time.</p>`;
  const [least, most] = extent(known, level);
  const span = most - least || Math.abs(most) || 1;
  const [from, to] = look.range ?? [points[0]?.ms ?? 0, points.at(-1)?.ms ?? 1];
  const at = (ms: number) => (to === from ? WIDTH / 2 : ((ms - from) / (to - from)) * WIDTH);
  const x = (ms: number) => at(ms).toFixed(1);
  const share = (value: number) => Math.min(1, Math.max(0, (value - least) / span));
  const y = (value: number) => (10 + (1 - share(value)) * (BOTTOM - 20)).toFixed(1);
  const runs = runsOf(points, gap);
  const lines = runs.map((run) => {
    const [only] = run;
    if (run.length === 1 && only) {
      const bar =
        only.low === null || only.high === null
          ? NOTHING
          : html`<path class="bar" d="M${x(only.ms)} ${y(only.low)}V${y(only.high)}"/>`;
      return html`${bar}<circle class="${only.weak ? 'hollow' : 'current'}" cx="${x(only.ms)}" cy="${y(only.value as number)}" r="2.5"/>`;
    }
    const upper = run.map(({ ms, value, high }) => `${x(ms)} ${y(high ?? (value as number))}`);
    const lower = run.toReversed().map(({ ms, value, low }) => `${x(ms)} ${y(low ?? (value as number))}`);
    const strokes = strokesOf(run).map(({ weak, points: stroke }) => {
      const path = stroke.map(({ ms, value }) => `${x(ms)} ${y(value as number)}`).join('L');
      return html`<path class="${weak ? 'curve faint' : 'curve'}" d="M${path}"/>`;
    });
    return html`<path class="band" d="M${[...upper, ...lower].join('L')}Z"/>${strokes}`;
  });
  const chance = runs
    .map((run) => run.filter((point) => point.chance !== undefined))
    .filter((run) => run.length > 1)
    .map((run) => {
      const top = run.map((point) => `${x(point.ms)} ${y(point.chance as number)}`).join('L');
      return html`<path class="chance" d="M${x(run[0]?.ms ?? 0)} ${y(0)}L${top}L${x(run.at(-1)?.ms ?? 0)} ${y(0)}Z"/>`;
    });
  const across = level === null ? NOTHING : html`<path class="mark" d="M0 ${y(level)}H${WIDTH}"/>`;
  let told = Number.NEGATIVE_INFINITY;
  const flags = events.map(({ ms, sign, title }) => {
    const place = at(ms);
    const apart = place - told >= SIGN;
    if (apart) told = place;
    return html`<path class="event" d="M${x(ms)} 14V${BOTTOM}"><title>${`${sign}: ${title}`}</title></path>${apart ? html`<text x="${x(ms)}" y="12" text-anchor="middle">${sign}</text>` : NOTHING}`;
  });
  return html`<svg viewBox="0 -6 ${WIDTH} ${HEIGHT + 6}" role="img" aria-label="${what}"><path class="axis" d="M0 ${BOTTOM}H${WIDTH}"/>${chance}${lines}${across}${flags}<text x="0" y="146">${minute(from)}</text><text x="${WIDTH}" y="146" text-anchor="end">${minute(to)}</text><text x="0" y="4">${figure(most)}</text><text x="0" y="126">${figure(least)}</text></svg>`;
}

function extent(known: readonly CurvePoint[], level: number | null): [number, number] {
  let [least, most] = [level ?? Number.POSITIVE_INFINITY, level ?? Number.NEGATIVE_INFINITY];
  const strong = known.filter(({ weak }) => !weak);
  // A few points on too few rows do not stretch the scale of the many good ones; they stand at its end.
  const seen = (known.length - strong.length) * 4 <= known.length ? strong : known;
  for (const { value, low, high, chance } of seen)
    for (const one of [value, low, high, ...(chance === undefined ? [] : [0, chance])]) {
      if (one === null) continue;
      least = Math.min(least, one);
      most = Math.max(most, one);
    }
  return [least, most];
}

function runsOf(points: readonly CurvePoint[], gap = Number.POSITIVE_INFINITY): CurvePoint[][] {
  const runs: CurvePoint[][] = [[]];
  for (const point of points) {
    const last = runs.at(-1)?.at(-1);
    if (point.value === null || (last && point.ms - last.ms > gap)) runs.push([]);
    if (point.value !== null) runs.at(-1)?.push(point);
  }
  return runs.filter((run) => run.length > 0);
}

/** Stretches that are drawn alike; a step with a weak end is weak. */
function strokesOf(run: readonly CurvePoint[]): { weak: boolean; points: CurvePoint[] }[] {
  const strokes: { weak: boolean; points: CurvePoint[] }[] = [];
  for (let at = 1; at < run.length; at++) {
    const [one, two] = [run[at - 1] as CurvePoint, run[at] as CurvePoint];
    const weak = Boolean(one.weak || two.weak);
    const last = strokes.at(-1);
    if (last?.weak === weak) last.points.push(two);
    else strokes.push({ weak, points: [one, two] });
  }
  return strokes;
}
