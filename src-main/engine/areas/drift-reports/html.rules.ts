/** The page of a report, which people send to each other. Pure. */
import { type ColumnReport, type DriftReport, scoredOf } from '../../../contract/drift-reports.ts';
import { bars, count, figure, type Html, html, minute, NOTHING, page, percent } from './html-page.rules.ts';

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
