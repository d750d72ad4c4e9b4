/** Door of the pictures of many runs. */
import { implement } from '@orpc/server';
import { explore as contract } from '../../../contract/explore.ts';
import type { AreaContext } from '../../context.ts';
import { createExploreService, type ExploreDeps } from './explore.service.ts';

const os = implement(contract);

export function createExploreArea(context: AreaContext, deps: ExploreDeps) {
  const explore = createExploreService(context, deps);
  return {
    routes: {
      lines: os.lines.handler(({ input }) => explore.lines(input)),
      matrix: os.matrix.handler(({ input }) => explore.matrix(input)),
      importance: os.importance.handler(({ input }) => explore.importance(input)),
    },
    close: explore.close,
  };
}
