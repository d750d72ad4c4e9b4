import { describe, expect, it } from 'vitest';
import type { ChangeEvent } from '../../../contract/alerts.ts';
import type { DriftReport } from '../../../contract/drift-reports.ts';
import type { Series } from '../../../contract/monitoring-series.ts';
import { chartSection, type Health, healthPage } from './health-page.rules.ts';
import { reportPage } from './html.rules.ts';
import { curve } from './html-curve.rules.ts';
import { fileName, html } from './html-page.rules.ts';

const EVIL = `<script>alert("1")</script>'&`;

const report: DriftReport = {
  ...{
    id: 'r',
    endpoint: null,
    title: `now against ${EVIL}`,
    createdMs: 0,
    reference: EVIL,
    current: 'now.csv',
  },
  ...{ referenceRows: 12_345, currentRows: 10, drifted: 1, driftShare: 0.5, datasetDrifted: true, tookMs: 1 },
  ...{ onlyReference: [EVIL], onlyCurrent: [], notes: [EVIL] },
  columns: [
    {
      ...{
        column: EVIL,
        kind: 'categorical',
        method: 'evidently.jensenshannon@0.7',
        score: 0.5,
        threshold: 0.1,
        drifted: true,
      },
      ...{
        effect: 1,
        referenceN: 5,
        currentN: 5,
        referenceMissing: 0,
        currentMissing: 0.5,
        referenceMean: null,
        currentMean: null,
      },
      bins: [
        { label: EVIL, lower: null, upper: null, reference: 1, current: 0 },
        { label: 'b', lower: null, upper: null, reference: 0, current: 1 },
      ],
      problem: null,
    },
    {
      ...{
        column: 'prose',
        kind: 'categorical',
        method: null,
        score: null,
        threshold: null,
        drifted: null,
        effect: null,
      },
      ...{
        referenceN: 0,
        currentN: 0,
        referenceMissing: 0,
        currentMissing: 0,
        referenceMean: null,
        currentMean: null,
      },
      ...{ bins: [], problem: 'It is free text.' },
    },
  ],
};

const point = (day: number, value: number | null): Series['points'][number] => ({
  windowMs: day * 86_400_000,
  ...{ value, n: 1_000, low: value === null ? null : value - 0.1, high: value === null ? null : value + 0.1 },
  ...{ level: null, complete: true, mature: day < 3 },
});
const series: Series = {
  ...{
    series: { of: 'performance', metric: 'accuracy' },
    per: 'day',
    span: 7,
    unit: 'share',
    good: 'higher',
  },
  ...{ reference: 0.8, minN: 30, warnAt: null, alertAt: 0.6, version: '1', notes: [EVIL] },
  points: [point(0, 0.7), point(1, 0.72), point(2, null), point(3, 0.5)],
};

/** What a page on its own may not have. */
function standsAlone(text: string): void {
  expect(text.startsWith('<!doctype html>')).toBe(true);
  expect(text).not.toContain('<script');
  expect(text).not.toMatch(/\bon[a-z]+=|(?:src|href)=|https?:|url\(|@import/i);
  expect(text).toContain("default-src 'none'");
  expect(text).toContain('prefers-color-scheme:dark');
  expect(text).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;');
}

describe('a page', () => {
  it('of a report stands alone and says what was found', () => {
    const text = reportPage(report);
    standsAlone(text);
    for (const words of [
      'The data drifted</b>: 1 of 1 columns with a score did; from 50.0 %',
      '1 of 2 have no score and do not count',
      '12,345 rows',
      'It is free text.',
      'evidently.jensenshannon@0.7',
      '50.0 %',
    ])
      expect(text).toContain(words);
    expect(text.match(/<rect/g)).toHaveLength(4);
    expect(text.match(/<svg[^>]*role="img" aria-label=/g)).toHaveLength(1);
  });

  const view: Omit<Health, 'endpoint'> = {
    per: 'day',
    ...{ arm: null, fromMs: 0, toMs: null, createdMs: 0, named: false },
    ...{ features: [], events: [], alerts: [], charts: [] },
  };

  it('of an endpoint’s health stands alone and shows curves, intervals and gaps', () => {
    const drift: Series = {
      ...series,
      ...{ series: { of: 'drift', feature: EVIL, method: 'lathe.psi.frozen@1' }, unit: 'score', minN: 300 },
      points: [{ ...point(0, 0.3), n: 900, level: 'large', chance: 0.02, low: null, high: null }],
    };
    const event = { ms: 0, sign: '1', kind: 'route' as ChangeEvent['kind'], title: EVIL, detail: EVIL };
    const text = healthPage({
      ...{ ...view, endpoint: EVIL, events: [event] },
      features: [
        { feature: '$prediction', drift, missing: null },
        { feature: EVIL, drift, missing: null },
      ],
      charts: [series, drift].map((one) =>
        chartSection(one, { fromMs: 0, toMs: undefined, events: [event] }),
      ),
    });
    standsAlone(text);
    for (const words of [
      'Performance: accuracy',
      '50.0 % at 1970-01-04',
      '95 % interval 40.0 % to 60.0 %',
      'Some windows still wait',
      'Prediction',
      'large',
    ])
      expect(text).toContain(words);
    // Two days as a curve, a gap, one day as a hollow dot, as its labels are still coming; the drift is one day.
    expect([text.match(/class="curve"/g)?.length, text.match(/<circle class="hollow"/g)?.length]).toEqual([
      1, 1,
    ]);
  });

  it('of an endpoint without reference or values says so', () => {
    const empty = { ...series, points: [point(0, null)] };
    const charts = [chartSection(empty, { fromMs: undefined, toMs: undefined, events: [] })];
    const text = healthPage({ ...view, fromMs: null, endpoint: 'live', charts });
    expect(text).toContain('There is no reference');
    expect(text).toContain('No values in this time.');
  });
});

it('a curve of one value, or of values that are all the same, is drawn', () => {
  const at = (ms: number) => ({ ms, value: 5, low: null, high: null });
  for (const points of [[at(1)], [at(1), at(2)]])
    expect(curve(points, { what: 'x' }).html).not.toContain('NaN');
});

it('a curve breaks where neighbours are far apart, and is dashed where it stands on little', () => {
  const at = (ms: number, weak = false) => ({ ms, value: ms, low: null, high: null, weak });
  const drawn = (points: Parameters<typeof curve>[0], gap?: number) =>
    curve(points, { what: 'x', ...(gap === undefined ? {} : { gap }) }).html.match(/class="curve( faint)?"/g);
  const points = [at(1), at(2), at(5), at(6)];
  expect([drawn(points)?.length, drawn(points, 1.5)?.length]).toEqual([1, 2]);
  expect(drawn([at(1), at(2), at(3, true), at(4), at(5)])).toEqual([
    'class="curve"',
    'class="curve faint"',
    'class="curve"',
  ]);
});

it('a few points on too few rows do not stretch the scale', () => {
  const at = (ms: number, value: number, weak: boolean) => ({ ms, value, low: null, high: null, weak });
  const points = [at(0, 99, true), ...Array.from({ length: 9 }, (_, i) => at(i + 1, i, false))];
  expect(curve(points, { what: 'x' }).html).toContain('<text x="0" y="4">8</text>');
});

it('names files and escapes values', () => {
  expect([fileName('A/B: “c” 1'), fileName('–')]).toEqual(['a-b-c-1.html', 'report.html']);
  expect(html`<b>${'<'}${1}${[html`<i>`, html`</i>`]}</b>`.html).toBe('<b>&#60;1<i></i></b>');
});
