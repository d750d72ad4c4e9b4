import { implement } from '@orpc/server';
import { slices as contract } from '../../../contract/slices.ts';
import type { SliceService } from './slices.service.ts';

const os = implement(contract);

export const sliceRoutes = (service: SliceService) => ({
  list: os.list.handler(({ input }) => service.list(input.endpoint)),
  create: os.create.handler(({ input }) => service.create(input)),
  remove: os.remove.handler(({ input }) => ({ removed: service.remove(input.id) })),
  values: os.values.handler(({ input }) => service.values(input.endpoint, input.feature)),
  compare: os.compare.handler(({ input }) => service.compare(input)),
});
