/** Door of saved views. */
import { implement } from '@orpc/server';
import { savedViews as contract } from '../../../contract/saved-views.ts';
import type { AreaContext } from '../../context.ts';
import { createSavedViewService } from './saved-views.service.ts';

const os = implement(contract);

export function createSavedViewsArea(context: AreaContext) {
  const service = createSavedViewService(context);
  return {
    routes: {
      list: os.list.handler(({ input }) => service.list(input.experimentId)),
      create: os.create.handler(({ input }) => service.create(input.experimentId, input.name, input.state)),
      update: os.update.handler(({ input: { id, revision, name, state } }) =>
        service.update(id, revision, {
          ...(name === undefined ? {} : { name }),
          ...(state === undefined ? {} : { state }),
        }),
      ),
      delete: os.delete.handler(({ input }) => service.delete(input.id)),
      restore: os.restore.handler(({ input }) => service.restore(input.id)),
    },
  };
}
