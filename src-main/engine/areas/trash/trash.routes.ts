import { implement } from '@orpc/server';
import { trash as contract } from '../../../contract/trash.ts';
import type { Choice } from './trash.query.ts';
import type { TrashService } from './trash.service.ts';

const os = implement(contract);

/** `nowMs` tells the time. */
export const trashRoutes = (service: TrashService, nowMs: () => number) => {
  const older = (days: number): Choice => {
    const before = nowMs() - days * 86_400_000;
    return { before: before + 1, filesBefore: before + 1 };
  };
  return {
    list: os.list.handler(({ input }) => service.list(input)),
    counts: os.counts.handler(() => service.counts()),
    discard: os.discard.handler(({ input }) => service.discard(input.items)),
    restore: os.restore.handler(async ({ input }) => ({ restored: await service.restore(input.items) })),
    weigh: os.weigh.handler(({ input }) => service.weigh(input.items)),
    purge: os.purge.handler(async ({ input }) => ({ accepted: await service.purge(input.items) })),
    usage: os.usage.handler(() => service.usage()),
    tidy: os.tidy.handler(() => service.tidy()),
    empty: os.empty.handler(({ input }) => service.empty(older(input.olderThanDays))),
    weighOld: os.weighOld.handler(({ input }) => service.weigh(older(input.olderThanDays))),
    verify: os.verify.handler(() => service.verify()),
  };
};
