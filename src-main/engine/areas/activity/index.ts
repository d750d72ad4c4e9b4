/** Door of the activity area: long work, incidents, their list and their cancelling. */
import type { AreaContext } from '../../context.ts';
import { activityRoutes } from './activity.routes.ts';
import { type Activities, createActivityService } from './activity.service.ts';
import { recordEngineRestart, watchIncidents } from './incidents.ts';

export { processTitle } from './activity.rules.ts';
export type { Activities, ActivityHandle } from './activity.service.ts';

/** `unclean`: the last engine on this workspace did not close in order. */
export function createActivityArea(context: AreaContext, options: { unclean: boolean }) {
  const service = createActivityService(context);
  service.interruptLeftovers();
  const unwatch = watchIncidents(context, service);
  if (options.unclean) recordEngineRestart(context, service);
  const activities: Activities = service;
  return {
    activities,
    /** Running first, then the newest. */
    list: service.list,
    routes: activityRoutes(service),
    close() {
      unwatch();
      service.cancelAll();
    },
  };
}
