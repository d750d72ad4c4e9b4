import { implement } from '@orpc/server';
import { businessMetrics as contract } from '../../../contract/business-metrics.ts';
import type { BusinessMetricsService } from './business-metrics.service.ts';

const os = implement(contract);

export const businessMetricsRoutes = (service: BusinessMetricsService) => ({
  list: os.list.handler(({ input }) => service.list(input.endpoint)),
  define: os.define.handler(({ input }) => service.define(input)),
  push: os.push.handler(({ input }) => service.push(input.endpoint, input.points)),
  importCsv: os.importCsv.handler(({ input }) => service.importCsv(input)),
  remove: os.remove.handler(async ({ input }) => ({ removed: await service.remove(input) })),
  correlation: os.correlation.handler(({ input }) => service.correlation(input)),
});
