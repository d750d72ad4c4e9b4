/** Door of the serving area: endpoints, their splits, and the gateway that serves them. */
import type { AreaContext } from '../../context.ts';
import { servingRoutes } from './serving.routes.ts';
import { createServingService, type ServingDeps } from './serving.service.ts';

export type { EndpointRecord } from './serving.rules.ts';
export type { ServingService } from './serving.service.ts';

/** Nothing runs until `serving.start()`; set the tap handler before. */
export function createServingArea(context: AreaContext, deps: ServingDeps) {
  const serving = createServingService(context, deps);
  return { serving, routes: servingRoutes(serving), close: serving.close };
}
