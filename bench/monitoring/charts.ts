/** How long charts take over 90 days × 50 features × 3 arms of panes, and what these take on the disk. */
import type { SeriesQuery } from '../../src-main/contract/monitoring-series.ts';
import {
  createMonitoringService,
  type MonitoringService,
} from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import { planOf } from '../../src-main/engine/areas/monitoring/plans.ts';
import { databaseFile } from '../../src-main/engine/data/inspect.ts';
import { createReaders } from '../../src-main/engine/data/readers.ts';
import { openTestContext } from '../../src-main/engine/testing.ts';
import { median, tell } from '../lib/report.ts';
import { ARMS, BEGIN, DAYS, END, FEATURES, fillPanes, HOUR_MS } from './panes.ts';
import { depsOf, ENDPOINT, factsOf } from './world.ts';

const ROUNDS = 7;

export async function charts(): Promise<void> {
  const opened = await openTestContext();
  // As many reader threads as the engine has.
  const { root, bundles } = opened.paths;
  const context = { ...opened, readers: createReaders({ file: databaseFile(root), bundles }) };
  const facts = factsOf(FEATURES);
  fillPanes(context, planOf(facts));
  const bytes = (table: string) =>
    context.db.prepare(`SELECT sum(pgsize) FROM dbstat WHERE name = ?`).pluck().get(table) as number;
  const disk = {
    ...{ windows: bytes('window_pane'), bins: bytes('bin_chunk') },
    ...{ minutes: bytes('minute_pane'), rows: bytes('window_rows') },
  };

  const ask =
    (part: Omit<SeriesQuery, 'endpoint' | 'per'> & Partial<SeriesQuery>) => (service: MonitoringService) =>
      service.series({ endpoint: ENDPOINT, per: 'day', fromMs: BEGIN, ...part });
  const drift = { of: 'drift', feature: 'x[7]', method: 'lathe.psi.frozen@1' } as const;
  const looks: [string, (service: MonitoringService) => Promise<unknown>][] = [
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
    ['drift of all features, days', (service) => service.drift({ endpoint: ENDPOINT })],
    ['drift of all features, hours (90)', (service) => service.drift({ endpoint: ENDPOINT, per: 'hour' })],
    ['one arm’s drift, hours', ask({ series: drift, per: 'hour', arm: 'b' })],
    ['a feature’s page, days', (service) => service.feature({ endpoint: ENDPOINT, feature: 'x[7]' })],
    ['data quality of all 50', (service) => service.quality({ endpoint: ENDPOINT })],
  ];
  // Threads start with the first look.
  const first = createMonitoringService(context, depsOf(facts));
  await first.drift({ endpoint: ENDPOINT });
  first.close();
  const rows: (string | number)[][] = [];
  for (const [what, look] of looks) {
    const cold: number[] = [];
    const warm: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const service = createMonitoringService(context, depsOf(facts));
      // Compiling the plan is not part of a chart.
      await service.quality({ endpoint: ENDPOINT, per: 'minute' });
      for (const times of [cold, warm]) {
        const began = performance.now();
        await look(service);
        times.push(performance.now() - began);
      }
      service.close();
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
    ],
    data: { disk, rows },
  });
}
