import { implement } from '@orpc/server';
import { activity as contract } from '../../../contract/activity.ts';
import type { ActivityService } from './activity.service.ts';

const os = implement(contract);

export const activityRoutes = (service: ActivityService) => ({
  list: os.list.handler(({ input }) => service.list(input.limit)),
  cancel: os.cancel.handler(({ input }) => ({ cancelled: service.cancel(input.id) })),
});
