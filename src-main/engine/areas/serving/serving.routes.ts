import { implement } from '@orpc/server';
import { serving as contract, type LiveSample } from '../../../contract/serving.ts';
import { subscription } from '../../subscription.ts';
import type { ServingService } from './serving.service.ts';

const os = implement(contract);

export const servingRoutes = (service: ServingService) => ({
  list: os.list.handler(() => service.list()),
  get: os.get.handler(({ input }) => service.get(input.name)),
  create: os.create.handler(({ input }) => service.create(input)),
  setRoute: os.setRoute.handler(({ input }) => service.setRoute(input)),
  rollback: os.rollback.handler(({ input }) => service.rollback(input)),
  canary: os.canary.handler(({ input }) => service.canary(input)),
  shadowReport: os.shadowReport.handler(({ input }) => service.shadowReport(input.name)),
  setEnabled: os.setEnabled.handler(({ input }) => service.setEnabled(input)),
  setLogging: os.setLogging.handler(({ input }) => service.setLogging(input)),
  remove: os.remove.handler(({ input }) => {
    service.remove(input);
    return { removed: true as const };
  }),
  tuning: os.tuning.handler(({ input }) => service.tuning(input.model)),
  setTuning: os.setTuning.handler(({ input }) => service.setTuning(input)),
  setLoaded: os.setLoaded.handler(({ input }) => service.setLoaded(input)),
  held: os.held.handler(() => service.held()),
  devices: os.devices.handler(() => service.devices()),
  reprobe: os.reprobe.handler(() => service.reprobe()),
  history: os.history.handler(({ input }) => service.history(input.name)),
  recent: os.recent.handler(({ input }) => service.recent(input.name)),
  tryIt: os.tryIt.handler(({ input, signal }) => service.tryIt(input, signal)),
  live: os.live.handler(({ input, signal }) =>
    subscription<LiveSample>((push) => service.listen(input.name, push), signal),
  ),
});
