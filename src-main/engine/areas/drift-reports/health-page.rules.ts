/** The page of an endpoint's health: what was open, what happened, every feature, and a chart with its data and its method. Pure. */
import { type Alert, type ChangeEvent, titleWithin } from '../../../contract/alerts.ts';
import { MONITORING_METHODS, methodOfSeries } from '../../../contract/monitoring-methods.ts';
import {
  type Series,
  type SeriesPoint,
  type SeriesRef,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../../contract/monitoring-series.ts';
import { curve } from './html-curve.rules.ts';
import { count, figure, type Html, html, minute, NOTHING, page, percent } from './html-page.rules.ts';

/** Something that happened, where it lies on the charts, and its number there. */
export type Mark = Pick<ChangeEvent, 'kind' | 'title' | 'detail'> & { ms: number; sign: string };

/** One feature over the page's time. */
export type FeatureRow = { feature: string; drift: Series; missing: Series | null };

export type Health = {
  endpoint: string;
  per: WindowSize;
  /** Null is all arms together. */
  arm: string | null;
  fromMs: number | null;
  toMs: number | null;
  createdMs: number;
  /** A reference was chosen; else it is each version's active one. */
  named: boolean;
  features: readonly FeatureRow[];
  events: readonly Mark[];
  alerts: readonly Alert[];
  charts: readonly Html[];
};

const SPANS: Readonly<Record<WindowSize, string>> = { minute: '60 minutes', hour: '24 hours', day: '7 days' };

export function healthPage(health: Health): string {
  const { endpoint, per, arm, fromMs, toMs, createdMs, features, events, alerts, charts } = health;
  const title = `Health of ${endpoint}`;
  const time =
    fromMs === null && toMs === null
      ? 'All of its time'
      : `From ${fromMs === null ? 'its beginning' : `${minute(fromMs)} UTC`} to ${toMs === null ? 'now' : `${minute(toMs)} UTC`}`;
  const against = features[0]?.drift.notes.find((note) => note.startsWith('Compared with')) ?? '';
  const body = [
    html`<h1>${title}</h1><p>${time}, by ${per}; ${arm === null ? 'all arms' : `arm ${arm}`}. ${health.named ? 'The reference was chosen.' : 'Each version’s active reference.'} ${against} Made ${minute(createdMs)} UTC by Lathe.</p>
<p>A point stands for the ${SPANS[per]} that end with its window, rows served for the window alone. Times are UTC.</p>`,
    alertsOf(alerts),
    eventsOf(events),
    featuresOf(features),
    charts.length === 0 ? html`<p>No values in this time.</p>` : NOTHING,
    ...charts,
  ];
  return page(title, body);
}

const GRAVITY: Readonly<Record<Alert['severity'], number>> = { critical: 2, warning: 1, info: 0 };

function alertsOf(alerts: readonly Alert[]): Html {
  if (alerts.length === 0) return html`<h2>Open alerts</h2><p>None.</p>`;
  const tone = { info: '', warning: 'warn', critical: 'bad' } as const;
  const gravest = alerts.toSorted((a, b) => GRAVITY[b.severity] - GRAVITY[a.severity]);
  const rows = gravest.map(
    (alert) =>
      html`<tr><td class="${tone[alert.severity]}">${alert.severity}</td><td>${titleWithin(alert)}</td><td>${alert.text}</td><td class="num">${minute(alert.windowMs)}</td><td>${alert.acknowledged ? 'acknowledged' : 'waits'}</td></tr>`,
  );
  return html`<h2>Open alerts</h2><table><thead><tr><th>Severity</th><th>Alert</th><th>What was found</th><th class="num">Window, UTC</th><th>State</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function eventsOf(events: readonly Mark[]): Html {
  if (events.length === 0) return NOTHING;
  const rows = events.map(
    ({ sign, ms, title, detail }) =>
      html`<tr><td class="num">${sign}</td><td class="num">${minute(ms)}</td><td>${title}</td><td>${detail}</td></tr>`,
  );
  return html`<h2>What happened</h2><p>Marked on the charts by these numbers.</p><table><thead><tr><th class="num">No.</th><th class="num">Event time, UTC</th><th>Event</th><th>Detail</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** The newest point of the page's time that is over; with a level where one has it. */
export const newestOf = ({ points }: Series): SeriesPoint | null => {
  const known = points.filter(({ value, complete }) => value !== null && complete);
  return known.findLast(({ level }) => level !== 'too-few') ?? known.at(-1) ?? null;
};

function featuresOf(features: readonly FeatureRow[]): Html {
  if (features.length === 0) return html`<p>There is no reference, so that drift is not measured.</p>`;
  const tone = { stable: 'ok', moderate: 'warn', large: 'bad', 'too-few': '' } as const;
  const rows = features.map(({ feature, drift, missing }) => {
    const newest = newestOf(drift);
    const level = newest?.level ?? 'too-few';
    const absent = missing ? newestOf(missing) : null;
    return html`<tr><td>${nameOf(feature)}</td><td class="${tone[level]}">${level === 'too-few' ? 'too few rows' : level}</td><td class="num">${figure(newest?.value ?? null)}</td><td class="num">${figure(newest?.chance ?? null)}</td><td class="num">${newest ? count(newest.n) : '–'}</td><td class="num">${count(drift.minN)}</td><td class="num">${newest ? minute(newest.windowMs) : '–'}</td><td class="num">${shown(absent?.value ?? null, 'share')}</td><td class="num">${shown(missing?.reference ?? null, 'share')}</td></tr>`;
  });
  const method = features[0]?.drift.series;
  return html`<h2>Drift of the newest whole span in this time</h2><table><thead><tr><th>Feature</th><th>Level</th><th class="num">PSI</th><th class="num">Within chance up to</th><th class="num">Rows</th><th class="num">Rows needed</th><th class="num">Window, UTC</th><th class="num">Missing</th><th class="num">Missing, reference</th></tr></thead><tbody>${rows}</tbody></table>${method ? explained(method) : NOTHING}`;
}

const nameOf = (feature: string): string => (feature === '$prediction' ? 'Prediction' : feature);
const shown = (value: number | null, unit: Series['unit']): string =>
  value !== null && unit === 'share' ? percent(value) : figure(value);

/** A chart with what is behind it: rows, data, formula. */
export function chartSection(
  series: Series,
  { fromMs, toMs, events }: { fromMs: number | undefined; toMs: number | undefined; events: readonly Mark[] },
): Html {
  const { points, minN, unit, warnAt, alertAt } = series;
  const name = seriesName(series.series);
  const weak = (point: SeriesPoint) => point.n < minN || !point.complete || !point.mature;
  const known = points.filter(({ value }) => value !== null);
  const newest = known.findLast(({ complete }) => complete);
  const words = newest
    ? `Newest: ${shown(newest.value, unit)} at ${minute(newest.windowMs)} UTC on ${count(newest.n)} rows${newest.low === null ? '' : `, 95 % interval ${shown(newest.low, unit)} to ${shown(newest.high, unit)}`}.`
    : 'No complete value yet.';
  const reference = series.reference === null ? '' : ` On the reference: ${shown(series.reference, unit)}.`;
  const immature = points.some(({ mature }) => !mature) ? ' Some windows still wait for labels.' : '';
  const limits = [
    ...(warnAt === null ? [] : [`moderate from ${shown(warnAt, unit)}`]),
    ...(alertAt === null ? [] : [`large from ${shown(alertAt, unit)}`]),
  ];
  const bands = [
    ...(known.some(({ low }) => low !== null) ? ['shaded: 95 % interval'] : []),
    ...(known.some(({ chance }) => chance !== undefined) ? ['grey: within chance, 95 %'] : []),
    ...(known.some(weak) ? [`dashed: below ${count(minN)} rows, or not final`] : []),
    ...(limits.length > 0 ? [limits.join(', ')] : []),
  ];
  const drawn = curve(
    points.map((point) => ({ ...point, ms: point.windowMs, weak: weak(point) })),
    {
      ...{ what: `${name} over time`, level: alertAt, events, gap: WINDOW_SIZE_MS[series.per] * 1.5 },
      ...(fromMs === undefined || toMs === undefined ? {} : { range: [fromMs, toMs] as const }),
    },
  );
  return html`<section><h2>${name}</h2><p>${words}${reference}${immature}</p><p class="small">${rowsText(known)}${bands.map((band) => html`; ${band}`)}.</p>${drawn}${series.notes.map((note) => html`<p>${note}</p>`)}${dataOf(series)}${explained(series.series)}</section>`;
}

function rowsText(known: readonly SeriesPoint[]): string {
  if (known.length === 0) return 'n: no rows';
  const least = known.reduce((low, { n }) => Math.min(low, n), Number.POSITIVE_INFINITY);
  const most = known.reduce((high, { n }) => Math.max(high, n), 0);
  return `n of a point: ${least === most ? count(least) : `${count(least)} to ${count(most)}`}`;
}

/** Rows of a table that may be long: as little around each as HTML allows. */
function dataOf({ points, unit, minN, per }: Series): Html {
  const chance = points.some((point) => point.chance !== undefined);
  const rows = points.map((point) => {
    const { windowMs, value, low, high, n, level, complete, mature } = point;
    const note = !complete
      ? 'not over'
      : !mature
        ? 'labels still coming'
        : n < minN
          ? 'too few rows'
          : (level ?? '');
    return html`<tr><td>${minute(windowMs)}<td>${shown(value, unit)}<td>${low === null ? '' : `${shown(low, unit)} to ${shown(high, unit)}`}${chance ? html`<td>${figure(point.chance ?? null)}` : NOTHING}<td>${count(n)}<td>${note}`;
  });
  return html`<details><summary>Data: ${count(points.length)} points by ${per}</summary><table class="data"><thead><tr><th>Window, UTC</th><th>Value</th><th>95 % interval</th>${chance ? html`<th>Chance up to</th>` : NOTHING}<th>n</th><th>Note</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}

function explained(series: SeriesRef): Html {
  const id = methodOfSeries(series);
  const { title, formula, over, threshold, limits, source } = MONITORING_METHODS[id];
  return html`<details><summary>How this number comes about: ${title}</summary><p><code>${formula}</code></p><p><b>Over what.</b> ${over}</p><p><b>Thresholds.</b> ${threshold}</p>${limits.length > 0 ? html`<p><b>What it cannot tell.</b> ${limits.join(' ')}</p>` : NOTHING}<p><b>Source.</b> ${source} Method <code>${id}</code>.</p></details>`;
}

export function seriesName(series: SeriesRef): string {
  switch (series.of) {
    case 'drift':
      return `Drift of ${nameOf(series.feature)} (${series.method})`;
    case 'drifted-share':
      return 'Share of drifted inputs';
    case 'quality':
      return `${nameOf(series.feature)}: ${series.measure}`;
    case 'mean':
      return `Mean of ${nameOf(series.feature)}`;
    case 'volume':
      return 'Rows served';
    case 'performance':
      return `Performance: ${series.metric}`;
    case 'estimated':
      return `Estimated without labels: ${series.metric}`;
    case 'business':
      return `Business metric: ${series.metric}`;
  }
}
