/** Door of the trash: what was deleted, and the clean-up that frees its disk. */
import type { AreaContext } from '../../context.ts';
import { trashRoutes } from './trash.routes.ts';
import { createTrashService, type TrashDeps } from './trash.service.ts';

/** The first clean-up waits until starting is over. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;

export function createTrashArea(context: AreaContext, deps: TrashDeps) {
  const trash = createTrashService(context, deps);
  const failed = (thrown: unknown) => context.log.warn({ err: thrown }, 'the clean-up was interrupted');
  let timer: NodeJS.Timeout | null = null;
  const later = (ms: number) => {
    timer = setTimeout(() => {
      trash.tidy().catch(failed);
      later(EVERY_MS);
    }, ms);
    timer.unref();
  };
  return {
    trash,
    routes: trashRoutes(trash, context.clock.now),
    /** Goes on with what a crash interrupted, and tidies up every hour. */
    start(): void {
      trash.resume().catch(failed);
      later(FIRST_MS);
    },
    async close(): Promise<void> {
      if (timer) clearTimeout(timer);
      await trash.close();
    },
  };
}
