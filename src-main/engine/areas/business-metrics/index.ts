/** Door of the business metrics area: figures from outside, and how they move with what monitoring measures. */
import type { AreaContext } from '../../context.ts';
import { businessMetricsRoutes } from './business-metrics.routes.ts';
import { type BusinessMetricsDeps, createBusinessMetricsService } from './business-metrics.service.ts';
import { laggedCorrelation } from './correlation.rules.ts';

export type { BusinessMetricsService } from './business-metrics.service.ts';

export function createBusinessMetricsArea(
  context: AreaContext,
  deps: Omit<BusinessMetricsDeps, 'correlate'>,
) {
  const businessMetrics = createBusinessMetricsService(context, { ...deps, correlate: laggedCorrelation });
  return { businessMetrics, routes: businessMetricsRoutes(businessMetrics) };
}
