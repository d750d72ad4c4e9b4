/** Door of the overview area: what needs attention, and how much of everything there is. */
import type { AreaContext } from '../../context.ts';
import { overviewRoutes } from './overview.routes.ts';
import { createOverviewService, type OverviewDeps } from './overview.service.ts';

export function createOverviewArea(context: AreaContext, deps: OverviewDeps) {
  return { routes: overviewRoutes(createOverviewService(context, deps)) };
}
