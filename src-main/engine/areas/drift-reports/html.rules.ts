/** Pages that people send to each other: of a report, and of an endpoint's health. Pure. */
import { type ColumnReport, type DriftReport, scoredOf } from '../../../contract/drift-reports.ts';
import type { FeatureDrift } from '../../../contract/monitoring.ts';
import type { Series, SeriesRef } from '../../../contract/monitoring-series.ts';
import {
  bars,
  count,
  curve,
  figure,
  type Html,
  html,
  minute,
  NOTHING,
  page,
  percent,
} from './html-page.rules.ts';

export function reportPage(report: DriftReport): string {
  const verdict = report.datasetDrifted
    ? html`<b class="bad">The data drifted</b>`
    : html`<b class="ok">The data did not drift</b>`;
  const needed = percent(report.driftShare);
  const { scored, unscored } = scoredOf(report.columns);
  const without =
    unscored === 0 ? '' : ` ${unscored} of ${report.columns.length} have no score and do not count.`;
  const body = [
    html`<h1>${report.title}</h1>
<p>${verdict}: ${report.drifted} of ${scored} columns with a score did; from ${needed} of them on, the data counts as drifted.${without} Made ${minute(report.createdMs)} UTC by Lathe.</p>
<p>Reference: ${report.reference}, ${count(report.referenceRows)} rows. Current: ${report.current}, ${count(report.currentRows)} rows.</p>`,
    ...report.notes.map((note) => html`<p>${note}</p>`),
    onlyOn('the reference', report.onlyReference),
    onlyOn('the current side', report.onlyCurrent),
    table(report.columns),
    html`<p>Scores by the methods of Evidently 0.7: a p value says drift when it is small, a distance when it is large. PSI stands beside each as a measure of how much. Bars: <span class="reference">■</span> reference, <span class="current">■</span> current.</p>`,
    ...report.columns.map(columnSection),
  ];
  return page(report.title, body);
}

const onlyOn = (side: string, columns: readonly string[]): Html =>
  columns.length === 0 ? NOTHING : html`<p>Only on ${side}: ${columns.join(', ')}.</p>`;

function table(columns: readonly ColumnReport[]): Html {
  const rows = columns.map(
    (column) =>
      html`<tr><td>${column.column}</td><td>${verdictOf(column)}</td><td class="num">${figure(column.score)}</td><td class="num">${figure(column.threshold)}</td><td><code>${column.method ?? '–'}</code></td><td class="num">${figure(column.effect)}</td><td class="num">${percent(column.referenceMissing)}</td><td class="num">${percent(column.currentMissing)}</td></tr>`,
  );
  return html`<h2>Columns</h2><table><thead><tr><th>Column</th><th>Verdict</th><th class="num">Score</th><th class="num">Threshold</th><th>Method</th><th class="num">PSI</th><th class="num">Missing, reference</th><th class="num">Missing, current</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function verdictOf({ drifted, problem }: ColumnReport): Html {
  if (drifted === null) return html`<span class="warn">not compared: ${problem ?? 'no score'}</span>`;
  return drifted ? html`<b class="bad">drifted</b>` : html`<span class="ok">same</span>`;
}

function columnSection(column: ColumnReport): Html {
  if (column.bins.length === 0) return NOTHING;
  const means =
    column.referenceMean === null
      ? ''
      : ` Mean ${figure(column.referenceMean)}, then ${figure(column.currentMean)}.`;
  return html`<section><h2>${column.column}</h2><p>${count(column.referenceN)} and ${count(column.currentN)} values.${means}</p>${bars(column.bins, `Shares of ${column.column}, reference and current`)}</section>`;
}

export type Health = {
  endpoint: string;
  fromMs: number | null;
  toMs: number | null;
  createdMs: number;
  features: readonly FeatureDrift[];
  series: readonly Series[];
};

export function healthPage(health: Health): string {
  const { endpoint, fromMs, toMs, createdMs } = health;
  const title = `Health of ${endpoint}`;
  const time =
    fromMs === null && toMs === null
      ? 'All of its time'
      : `From ${fromMs === null ? 'its beginning' : `${minute(fromMs)} UTC`} to ${toMs === null ? 'now' : `${minute(toMs)} UTC`}`;
  const body = [
    html`<h1>${title}</h1><p>${time}. Made ${minute(createdMs)} UTC by Lathe.</p>`,
    features(health.features),
    ...health.series.map(seriesSection),
  ];
  return page(title, body);
}

function features(drifts: readonly FeatureDrift[]): Html {
  if (drifts.length === 0) return html`<p>There is no reference, so that drift is not measured.</p>`;
  const tone = { stable: 'ok', moderate: 'warn', large: 'bad', 'too-few': '' } as const;
  const rows = drifts.map(({ feature, latest, missingShare, referenceMissingShare }) => {
    const level = latest?.level ?? 'too-few';
    const words = level === 'too-few' ? 'too few rows' : level;
    return html`<tr><td>${nameOf(feature)}</td><td class="${tone[level]}">${words}</td><td class="num">${figure(latest?.value ?? null)}</td><td class="num">${latest ? count(latest.n) : '–'}</td><td><code>${latest?.method ?? '–'}</code></td><td class="num">${percent(missingShare)}</td><td class="num">${percent(referenceMissingShare)}</td></tr>`;
  });
  return html`<h2>Drift of the newest complete span</h2><table><thead><tr><th>Feature</th><th>Level</th><th class="num">Score</th><th class="num">Rows</th><th>Method</th><th class="num">Missing</th><th class="num">Missing, reference</th></tr></thead><tbody>${rows}</tbody></table>`;
}

const nameOf = (feature: string): string => (feature === '$prediction' ? 'Prediction' : feature);

function seriesSection(series: Series): Html {
  const points = series.points.map(({ windowMs, value, low, high }) => ({ ms: windowMs, value, low, high }));
  const name = seriesName(series.series);
  const newest = series.points.findLast(({ value, complete }) => value !== null && complete);
  const shown = (value: number | null) =>
    value !== null && series.unit === 'share' ? percent(value) : figure(value);
  const words = newest
    ? `Newest: ${shown(newest.value)} at ${minute(newest.windowMs)} UTC on ${count(newest.n)} rows${newest.low === null ? '' : `, 95 % interval ${shown(newest.low)} to ${shown(newest.high)}`}.`
    : 'No complete value yet.';
  const reference = series.reference === null ? '' : ` On the reference: ${shown(series.reference)}.`;
  const immature = series.points.some(({ mature }) => !mature) ? ' Some windows still wait for labels.' : '';
  return html`<section><h2>${name}</h2><p>${words}${reference}${immature}</p>${curve(points, `${name} over time`, series.alertAt)}${series.notes.map((note) => html`<p>${note}</p>`)}</section>`;
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
