/** How long charts take over 90 days × 50 features × 3 arms of panes, and what these take on the disk. */
import type { SeriesQuery } from '../../src-main/contract/monitoring-series.ts';
import {
  createMonitoringService,
  type MonitoringService,
} from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import { emptyPane, packPanes } from '../../src-main/engine/areas/monitoring/pane.rules.ts';
import { createPanesStore, type NamedPane } from '../../src-main/engine/areas/monitoring/panes.store.ts';
import { layoutsOf, planOf, type WatchPlan } from '../../src-main/engine/areas/monitoring/plans.ts';
import { databaseFile } from '../../src-main/engine/data/inspect.ts';
import { createReaders } from '../../src-main/engine/data/readers.ts';
import { openTestContext, type TestContext } from '../../src-main/engine/testing.ts';
import { seededRandom } from '../../src-main/inference/testing/onnx-file.ts';
import { median, tell } from '../lib/report.ts';
import { DAY_MS, depsOf, ENDPOINT, factsOf } from './world.ts';

const DAYS = 90;
const FEATURES = 50;
const ARMS = ['a', 'b', 'c'];
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const BEGIN = 20_000 * DAY_MS;
const END = BEGIN + DAYS * DAY_MS;
/** Rows of an arm: an hour of one in four seconds, about. */
const ROWS = { minute: 15, hour: 900, day: 21_600 } as const;
const ROUNDS = 7;

export async function charts(): Promise<void> {
  const opened = await openTestContext();
  // As many reader threads as the engine has.
  const { root, bundles } = opened.paths;
  const context = { ...opened, readers: createReaders({ file: databaseFile(root), bundles }) };
  const facts = factsOf(FEATURES);
  fill(context, planOf(facts));
  const bytes = (table: string) =>
    context.db.prepare(`SELECT sum(pgsize) FROM dbstat WHERE name = ?`).pluck().get(table) as number;
  const disk = {
    ...{ windows: bytes('window_pane'), bins: bytes('window_bins') },
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

/** Panes as that many rows of random cells make them. */
function fill({ db }: TestContext, plan: WatchPlan): void {
  const { features } = plan;
  const layouts = layoutsOf(plan);
  const store = createPanesStore(db);
  const random = seededRandom(5);
  const panes = (rows: number): NamedPane[] =>
    features.map(({ name, grid }) => {
      const pane = emptyPane(grid.size);
      for (let row = 0; row < Math.min(rows, 1_000); row++) {
        const cell = 1 + Math.floor(random() * (grid.size - 5));
        pane.counts[cell] = (pane.counts[cell] as number) + Math.max(1, rows / 1_000);
      }
      return { feature: name, pane: { ...pane, sum: rows * random(), squares: rows, min: -1, max: 1 } };
    });
  const rowsOf = (rows: number) => ({ rows, skewed: 0, unlogged: 0 });
  store.know(features.map(({ name }) => name));
  const ids = new Map(features.map(({ name }, at) => [name, at + 1]));
  const packable = (rows: number) =>
    panes(rows).map(({ feature, pane }) => ({ id: ids.get(feature) as number, pane }));
  const each = (
    fromMs: number,
    sizeMs: number,
    add: (place: { endpointId: number; arm: string; version: string; windowMs: number }) => void,
  ) => {
    for (let windowMs = fromMs; windowMs < END; windowMs += 50 * sizeMs)
      db.transaction(() => {
        for (let at = windowMs; at < Math.min(END, windowMs + 50 * sizeMs); at += sizeMs)
          for (const arm of ARMS) add({ endpointId: 1, arm, version: '1', windowMs: at });
      })();
  };
  each(BEGIN, DAY_MS, (place) => {
    store.addRows('day', place, rowsOf(ROWS.day));
    store.addPanes('day', place, panes(ROWS.day), layouts);
  });
  each(BEGIN, HOUR_MS, (place) => {
    store.addRows('hour', place, rowsOf(ROWS.hour));
    store.addPanes('hour', place, panes(ROWS.hour), layouts);
  });
  each(END - 2 * DAY_MS, MINUTE_MS, (place) =>
    store.addMinute(place, rowsOf(ROWS.minute), [packPanes(packable(ROWS.minute))]),
  );
  store.watch(1, { lastEventMs: END - 1, lastReceivedMs: END - 1 });
}
