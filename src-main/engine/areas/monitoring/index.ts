/** Door of the monitoring area: logged predictions, drift, labels and quality. */
import type { AreaContext } from '../../context.ts';
import { monitoringRoutes } from './monitoring.routes.ts';
import { createMonitoringService, type MonitoringDeps } from './monitoring.service.ts';

export type { FeatureOf, Slicer } from './cohort-turn.ts';
export { isMature } from './delays.rules.ts';
export { isRight } from './judging.rules.ts';
export type { Labelled, LabelResult, NewLabel } from './labels.ts';
export type { MonitoringService } from './monitoring.service.ts';
export type { LabelTarget } from './monitoring.store.ts';
export { type CohortRow, wilson } from './performance.rules.ts';
export { PREDICTION_FEATURE, ReferenceProfile } from './profile.rules.ts';
export type { SlicedSeries, SliceScore } from './slice-scores-job.ts';

const TEND_EVERY_MS = 10 * 60_000;

export function createMonitoringArea(context: AreaContext, deps: MonitoringDeps) {
  const monitoring = createMonitoringService(context, deps);
  const tend = () => {
    monitoring
      .prune()
      .catch((thrown: unknown) => context.log.warn({ err: thrown }, 'removing old predictions failed'));
    monitoring
      .fold()
      .catch((thrown: unknown) => context.log.warn({ err: thrown }, 'hours of quality stay as they are'));
  };
  const timer = setInterval(tend, TEND_EVERY_MS);
  timer.unref();
  return {
    monitoring,
    routes: monitoringRoutes(monitoring),
    /** Once endpoints are known. */
    start(): void {
      monitoring
        .carry()
        .then(() => monitoring.fold())
        .catch((thrown: unknown) =>
          context.log.warn({ err: thrown }, 'what an older version counted stays as it is'),
        );
    },
    close() {
      clearInterval(timer);
      monitoring.close();
    },
  };
}
