/** Sums of quality by the hour and arm, of all rows and of slices, and a business metric, as long as the panes reach. */
import { createActivityArea } from '../../src-main/engine/areas/activity/index.ts';
import {
  type BusinessMetricsService,
  createBusinessMetricsArea,
} from '../../src-main/engine/areas/business-metrics/index.ts';
import { createLabelsArea, type LabelService } from '../../src-main/engine/areas/labels/index.ts';
import {
  addChange,
  addLabel,
  type CohortChange,
  emptyChange,
} from '../../src-main/engine/areas/monitoring/cohorts.rules.ts';
import { createCohortStore } from '../../src-main/engine/areas/monitoring/cohorts.store.ts';
import { bump } from '../../src-main/engine/areas/monitoring/counts.rules.ts';
import { createFolding } from '../../src-main/engine/areas/monitoring/fold.ts';
import { type Decision, labelEffect } from '../../src-main/engine/areas/monitoring/judging.rules.ts';
import {
  createMonitoringService,
  type MonitoringService,
} from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import type { VersionFacts } from '../../src-main/engine/areas/monitoring/plans.ts';
import { scoreBin } from '../../src-main/engine/areas/monitoring/ranks.rules.ts';
import { createSlicesArea, type SliceService } from '../../src-main/engine/areas/slices/index.ts';
import type { TestContext } from '../../src-main/engine/testing.ts';
import { seededRandom } from '../../src-main/inference/testing/onnx-file.ts';
import { ARMS, BEGIN, END, FEATURES, HOUR_MS } from './panes.ts';
import { DAY_MS, depsOf, ENDPOINT } from './world.ts';

/** Rows of an arm in an hour, as in panes.ts, and how many of a slice. */
const ROWS = 900;
const SLICE_ROWS = 200;
export const SLICES = 4;
export const METRIC = 'revenue';
/** Hours of as many shapes, over and over. */
const SHAPES = 24;
const DECISION: Decision = { task: 'binary', threshold: 0.5 };

export type Areas = {
  monitoring: MonitoringService;
  labels: LabelService;
  slices: SliceService;
  business: BusinessMetricsService;
  close(): Promise<void>;
};

/** The areas whose charts are measured, joined as the engine joins them. */
export function areasOf(context: TestContext, facts: VersionFacts): Areas {
  const deps = depsOf(facts);
  const { endpoints } = deps;
  const activity = createActivityArea(context, { unclean: false });
  // Nothing is uploaded here.
  const uploads = { peek: noUpload, take: noUpload };
  const monitoring = createMonitoringService(context, deps);
  const { activities } = activity;
  const { labels } = createLabelsArea(context, { monitoring, activities, uploads });
  const slices = createSlicesArea(context, {
    ...{ monitoring, endpoints, matching: null, masked: () => new Set<string>() },
    inputs: () => [{ name: 'x', datatype: 'FP32', shape: [-1, FEATURES] }],
  });
  const { businessMetrics } = createBusinessMetricsArea(context, {
    ...{ endpoints, uploads, activities, series: monitoring.series },
  });
  monitoring.addSeries('business', businessMetrics.series);
  return {
    ...{ monitoring, labels, slices: slices.slices, business: businessMetrics },
    async close() {
      await slices.close();
      monitoring.close();
      activity.close();
    },
  };
}

async function noUpload(): Promise<never> {
  throw new Error('there are no uploads');
}

/** An hour's rows with calibrated scores and, but for every tenth, labels that came two hours late on average. */
function hourOf(random: () => number, rows: number): CohortChange {
  const change = emptyChange();
  for (let row = 0; row < rows; row++) {
    const score = random();
    change.predictions += 1;
    bump(change.all, scoreBin(score), 1);
    if (row % 10 === 0) continue;
    const truth = {
      label: random() < score ? '1' : '0',
      byEntity: false,
      delayMs: -Math.log(1 - random()) * 2 * HOUR_MS,
    };
    addLabel(change, labelEffect(DECISION, { label: null, score }, truth), 1);
  }
  return change;
}

export async function fillCohorts(context: TestContext, facts: VersionFacts): Promise<void> {
  const { db } = context;
  const areas = areasOf(context, facts);
  for (let at = 0; at < SLICES; at++)
    areas.slices.create({
      ...{ endpoint: ENDPOINT, name: `x[${at}] is high` },
      conditions: [{ feature: `x[${at}]`, op: 'range', from: 0.5, to: null }],
    });
  await areas.slices.settled();
  const numbers = db.prepare('SELECT number FROM slice ORDER BY number').pluck().all() as number[];
  const random = seededRandom(11);
  const store = createCohortStore(db);
  for (const [slice, rows] of [[0, ROWS], ...numbers.map((number) => [number, SLICE_ROWS])] as [
    number,
    number,
  ][]) {
    const shapes = Array.from({ length: SHAPES }, () => hourOf(random, rows));
    for (let dayMs = BEGIN; dayMs < END; dayMs += DAY_MS)
      db.transaction(() => {
        for (const arm of ARMS) {
          const day = emptyChange();
          const key = { endpointId: 1, slice, arm, version: '1' };
          for (let windowMs = dayMs; windowMs < dayMs + DAY_MS; windowMs += HOUR_MS) {
            const change = shapes[Math.floor(random() * SHAPES)] as CohortChange;
            store.add({ ...key, windowMs }, change);
            store.addDetail({ ...key, windowMs }, HOUR_MS, change);
            addChange(day, change);
          }
          store.addDetail({ ...key, windowMs: dayMs }, DAY_MS, day);
        }
      })();
  }
  const points = Array.from({ length: (END - BEGIN) / HOUR_MS }, (_, hour) => ({
    ...{ name: METRIC, atMs: BEGIN + hour * HOUR_MS, value: 100 + 10 * random() },
  }));
  await areas.business.push(ENDPOINT, points);
  // As the engine does in the background.
  const folding = createFolding(db);
  while (folding.part());
  await areas.close();
}
