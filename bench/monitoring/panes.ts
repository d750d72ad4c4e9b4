/** Ninety days of panes of fifty inputs and the score, in three arms: what a long-lived endpoint has. */
import { emptyPane, packPanes } from '../../src-main/engine/areas/monitoring/pane.rules.ts';
import { createPanesStore, type NamedPane } from '../../src-main/engine/areas/monitoring/panes.store.ts';
import { layoutsOf, type WatchPlan } from '../../src-main/engine/areas/monitoring/plans.ts';
import type { TestContext } from '../../src-main/engine/testing.ts';
import { seededRandom } from '../../src-main/inference/testing/onnx-file.ts';
import { DAY_MS } from './world.ts';

export const DAYS = 90;
export const FEATURES = 50;
export const ARMS = ['a', 'b', 'c'];
export const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
export const BEGIN = 20_000 * DAY_MS;
export const END = BEGIN + DAYS * DAY_MS;
/** Rows of an arm: an hour of one in four seconds, about. */
const ROWS = { minute: 15, hour: 900, day: 21_600 } as const;

/** Panes as that many rows of random cells make them. */
export function fillPanes({ db }: TestContext, plan: WatchPlan): void {
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
  each(END - 2 * DAY_MS, MINUTE_MS, (place) => {
    store.addRows('minute', place, rowsOf(ROWS.minute));
    store.addMinute(place, [packPanes(packable(ROWS.minute))], layouts);
  });
  store.watch(1, { lastEventMs: END - 1, lastReceivedMs: END - 1 });
}
