import { implement } from '@orpc/server';
import { monitoring as contract } from '../../../contract/monitoring.ts';
import type { MonitoringService } from './monitoring.service.ts';

const os = implement(contract);

export const monitoringRoutes = (service: MonitoringService) => ({
  overview: os.overview.handler(() => service.overview()),
  drift: os.drift.handler(({ input }) => service.drift(input)),
  feature: os.feature.handler(({ input }) => service.feature(input)),
  series: os.series.handler(({ input }) => service.series(input)),
  quality: os.quality.handler(({ input }) => service.quality(input)),
  performanceDetail: os.performanceDetail.handler(({ input }) => service.performanceDetail(input)),
  ranking: os.ranking.handler(({ input }) => service.ranking(input)),
  performance: os.performance.handler(({ input }) => service.performance(input.endpoint)),
  predictions: os.predictions.handler(({ input }) => service.predictions(input.endpoint, input.limit)),
});
