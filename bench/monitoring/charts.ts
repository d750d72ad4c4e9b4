/** How long charts take over 90 days × 50 features × 3 arms of panes, and what these take on the disk. */
import type { SeriesQuery, WindowSize } from '../../src-main/contract/monitoring-series.ts';
import { planOf } from '../../src-main/engine/areas/monitoring/plans.ts';
import { databaseFile } from '../../src-main/engine/data/inspect.ts';
import { createReaders } from '../../src-main/engine/data/readers.ts';
import { openTestContext } from '../../src-main/engine/testing.ts';
import { median, tell } from '../lib/report.ts';
import { type Areas, areasOf, fillCohorts, METRIC, SLICES } from './cohorts.ts';
import { ARMS, BEGIN, DAYS, END, FEATURES, fillPanes, HOUR_MS } from './panes.ts';
import { ENDPOINT, factsOf } from './world.ts';

const ROUNDS = 7;

export async function charts(): Promise<void> {
  const opened = await openTestContext();
  // As many reader threads as the engine has.
  const { root, bundles } = opened.paths;
  const context = { ...opened, readers: createReaders({ file: databaseFile(root), bundles }) };
  const facts = factsOf(FEATURES);
  // Labels of the newest hours are still to come.
  context.clock.set(END);
  fillPanes(context, planOf(facts));
  await fillCohorts(context, facts);
  const bytes = (table: string) =>
    context.db.prepare(`SELECT sum(pgsize) FROM dbstat WHERE name = ?`).pluck().get(table) as number;
  const disk = {
    ...{ windows: bytes('window_pane'), bins: bytes('bin_chunk') },
    ...{ minutes: bytes('minute_pane'), rows: bytes('window_rows') },
    quality: bytes('cohort') + bytes('cohort_detail') + bytes('cohort_fold'),
  };

  const ask =
    (part: Omit<SeriesQuery, 'endpoint' | 'per'> & Partial<SeriesQuery>) =>
    ({ monitoring }: Areas) =>
      monitoring.series({ endpoint: ENDPOINT, per: 'day', fromMs: BEGIN, ...part });
  const drift = { of: 'drift', feature: 'x[7]', method: 'lathe.psi.frozen@1' } as const;
  const accuracy = { of: 'performance', metric: 'accuracy' } as const;
  const auc = { of: 'performance', metric: 'roc-auc' } as const;
  const estimated = { of: 'estimated', metric: 'accuracy' } as const;
  const business = { of: 'business', metric: METRIC } as const;
  const [slice = ''] = context.db.prepare('SELECT id FROM slice ORDER BY number').pluck().all() as string[];
  const inSlice = { series: accuracy, slice };
  const correlated = (per: WindowSize) => (areas: Areas) =>
    areas.business.correlation({
      query: { endpoint: ENDPOINT, series: accuracy, per, fromMs: BEGIN },
      ...{ metric: METRIC, maxLag: 14 },
    });
  const looks: [string, (areas: Areas) => Promise<unknown>][] = [
    ['drift of a feature, days', ask({ series: drift })],
    ['drift of a feature, hours (2,160 points)', ask({ series: drift, per: 'hour' })],
    [
      'drift of a feature, minutes (6 hours)',
      ask({ series: drift, per: 'minute', fromMs: END - 6 * HOUR_MS }),
    ],
    ['mean with its interval, hours', ask({ series: { of: 'mean', feature: 'x[7]' }, per: 'hour' })],
    ['rows served, hours', ask({ series: { of: 'volume' }, per: 'hour' })],
    ['share of drifted inputs, days (all 50)', ask({ series: { of: 'drifted-share' } })],
    ['share of drifted inputs, hours (all 50)', ask({ series: { of: 'drifted-share' }, per: 'hour' })],
    [
      'share of drifted inputs, minutes (12 hours)',
      ask({ series: { of: 'drifted-share' }, per: 'minute', fromMs: END - 12 * HOUR_MS }),
    ],
    [
      'drift of a feature, minutes (2 days)',
      ask({ series: drift, per: 'minute', fromMs: END - 48 * HOUR_MS }),
    ],
    [
      'share of drifted inputs, minutes (2 days)',
      ask({ series: { of: 'drifted-share' }, per: 'minute', fromMs: END - 48 * HOUR_MS }),
    ],
    [
      'mean with its interval, minutes (2 days)',
      ask({ series: { of: 'mean', feature: 'x[7]' }, per: 'minute', fromMs: END - 48 * HOUR_MS }),
    ],
    ['drift of all features, days', ({ monitoring }) => monitoring.drift({ endpoint: ENDPOINT })],
    [
      'drift of all features, hours (90)',
      ({ monitoring }) => monitoring.drift({ endpoint: ENDPOINT, per: 'hour' }),
    ],
    ['one arm’s drift, hours', ask({ series: drift, per: 'hour', arm: 'b' })],
    [
      'a feature’s page, days',
      ({ monitoring }) => monitoring.feature({ endpoint: ENDPOINT, feature: 'x[7]' }),
    ],
    ['data quality of all 50', ({ monitoring }) => monitoring.quality({ endpoint: ENDPOINT })],
    ['performance (accuracy), days', ask({ series: accuracy })],
    ['performance (accuracy), hours (2,160 points)', ask({ series: accuracy, per: 'hour' })],
    ['performance (ROC AUC, from scores), days', ask({ series: auc })],
    ['performance (ROC AUC, from scores), hours', ask({ series: auc, per: 'hour' })],
    [
      'performance (average precision), hours',
      ask({ series: { of: 'performance', metric: 'average-precision' }, per: 'hour' }),
    ],
    ['one arm’s performance, hours', ask({ series: accuracy, per: 'hour', arm: 'b' })],
    ['estimated performance (CBPE), days', ask({ series: estimated })],
    ['estimated performance (CBPE), hours', ask({ series: estimated, per: 'hour' })],
    ['estimated ROC AUC, hours', ask({ series: { of: 'estimated', metric: 'roc-auc' }, per: 'hour' })],
    [
      'estimated average precision, hours',
      ask({ series: { of: 'estimated', metric: 'average-precision' }, per: 'hour' }),
    ],
    [
      'performance of 90 days in full',
      ({ monitoring }) => monitoring.performanceDetail({ endpoint: ENDPOINT }),
    ],
    ['a slice’s performance, hours', ask({ ...inSlice, per: 'hour' })],
    ['a slice’s rows, hours', ask({ ...inSlice, series: { of: 'volume' }, per: 'hour' })],
    [
      `${SLICES} slices beside each other, days`,
      ({ slices }) => slices.compare({ endpoint: ENDPOINT, metric: 'accuracy', per: 'day' }),
    ],
    [
      `${SLICES} slices beside each other, all 90 days, ROC AUC`,
      ({ slices }) =>
        slices.compare({ endpoint: ENDPOINT, metric: 'roc-auc', per: 'day', fromMs: BEGIN, toMs: END }),
    ],
    ['business metric, days', ask({ series: business })],
    ['business metric, hours (2,160 values)', ask({ series: business, per: 'hour' })],
    ['maturity of labels, days', ({ labels }) => labels.maturity(ENDPOINT, 'day', null)],
    ['maturity of labels, hours', ({ labels }) => labels.maturity(ENDPOINT, 'hour', null)],
    ['correlation with the business metric, days', correlated('day')],
    ['correlation with the business metric, hours', correlated('hour')],
    ['ranking of all 50 inputs, days', ({ monitoring }) => monitoring.ranking({ endpoint: ENDPOINT })],
    [
      'ranking of all 50 inputs, hours',
      ({ monitoring }) => monitoring.ranking({ endpoint: ENDPOINT, per: 'hour' }),
    ],
  ];
  // Threads start with the first look.
  const first = areasOf(context, facts);
  await first.monitoring.drift({ endpoint: ENDPOINT });
  await first.close();
  const rows: (string | number)[][] = [];
  for (const [what, look] of looks) {
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const areas = areasOf(context, facts);
      // Compiling the plan is not part of a chart.
      await areas.monitoring.quality({ endpoint: ENDPOINT, per: 'minute' });
      for (const times of [cold, warm]) {
        const began = performance.now();
        await look(areas);
        times.push(performance.now() - began);
      }
      await areas.close();
    }
    rows.push([what, median(cold).toFixed(1), Math.max(...cold).toFixed(1), median(warm).toFixed(1)]);
  }
  await context.readers.close();
  await opened.close();
  const perDay = (disk.windows + disk.bins + disk.rows) / DAYS;
  tell({
    name: 'monitoring-charts',
    columns: ['chart', 'first look, ms', 'worst', 'again, ms'],
    rows,
    notes: [
      `${DAYS} days × ${FEATURES} features and the score × ${ARMS.length} arms; the target is 50 ms`,
      `on disk per day and arm: ${(perDay / ARMS.length / 1024).toFixed(0)} KiB of hours and days; minutes, kept two days, ${(disk.minutes / 2 / ARMS.length / 1024).toFixed(0)} KiB`,
      `quality of all rows and of ${SLICES} slices: ${(disk.quality / DAYS / ARMS.length / 1024).toFixed(0)} KiB`,
    ],
    data: { disk, rows },
  });
}
