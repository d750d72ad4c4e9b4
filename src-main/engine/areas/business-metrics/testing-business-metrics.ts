/** For tests only: the area on a real workspace with one endpoint; uploads are real files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BusinessPoint, LaggedCorrelation } from '../../../contract/business-metrics.ts';
import type { Series } from '../../../contract/monitoring-series.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import type { EndpointRecord } from '../serving/index.ts';
import {
  type BusinessMetricsDeps,
  type BusinessMetricsService,
  createBusinessMetricsService,
} from './business-metrics.service.ts';

export type BusinessWorld = {
  context: TestContext;
  metrics: BusinessMetricsService;
  /** What was handed to the correlation. */
  correlated: Parameters<BusinessMetricsDeps['correlate']>[];
  /** Puts a file where an upload lies, and returns its id. */
  file(text: string): string;
  discarded: string[];
  close(): Promise<void>;
};

export const ENDPOINT = 'flight-delay';

export const BATCH_POINTS = 450;
/** Two slices and a half. */
export const crashBatch = (batch: number): BusinessPoint[] =>
  Array.from({ length: BATCH_POINTS }, (_, at) => ({
    ...{ name: 'bookings', atMs: Date.UTC(2025, 11, 1) + batch * BATCH_POINTS + at, value: at },
  }));

/** `series` answers for everything that is no business metric. */
export async function openBusinessWorld(series?: Series): Promise<BusinessWorld> {
  const context = await openTestContext();
  const correlated: BusinessWorld['correlated'] = [];
  const discarded: string[] = [];
  let files = 0;
  const nothing: Omit<LaggedCorrelation, 'per'> = {
    ...{ n: 0, lags: [], best: null, prewhitening: 0, warnings: ['no cause'] },
  };
  const metrics = createBusinessMetricsService(context, {
    endpoints: () => [{ id: 1, name: ENDPOINT } as EndpointRecord],
    uploads: {
      take: async (id) => ({
        ...{ file: join(context.paths.run, id), fileName: `${id}.csv`, size: 100 },
        discard: async () => void discarded.push(id),
      }),
    },
    activities: {
      run: (_spec, work) => work({ progress: () => {} } as unknown as Parameters<typeof work>[0]),
    },
    series: async () => series as Series,
    correlate(...input) {
      correlated.push(input);
      return nothing;
    },
  });
  return {
    ...{ context, metrics, correlated, discarded },
    file(text) {
      const id = `upload-${++files}`;
      writeFileSync(join(context.paths.run, id), text);
      return id;
    },
    close: () => context.close(),
  };
}
