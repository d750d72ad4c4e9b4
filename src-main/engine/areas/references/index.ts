/** Door of the references area: what live values are compared with. */
import { implement } from '@orpc/server';
import { references as contract } from '../../../contract/references.ts';
import type { AreaContext } from '../../context.ts';
import { createReferenceService, type ReferenceDeps } from './references.service.ts';

export { featuresOf, kindOf } from './columns.rules.ts';
export type { References } from './references.service.ts';

const os = implement(contract);

export function createReferencesArea(context: AreaContext, deps: ReferenceDeps) {
  const references = createReferenceService(context, deps);
  return {
    references,
    routes: {
      list: os.list.handler(({ input }) => references.list(input.model, input.version)),
      preview: os.preview.handler(({ input }) =>
        references.preview(input.model, input.version, input.uploadId),
      ),
      fromFile: os.fromFile.handler(({ input }) => references.fromFile(input)),
      fromWindow: os.fromWindow.handler(({ input }) => references.fromWindow(input)),
      fromRun: os.fromRun.handler(({ input }) => references.fromRun(input)),
      previewRun: os.previewRun.handler(({ input }) => references.previewRun(input)),
      runFiles: os.runFiles.handler(({ input }) => references.runFiles(input.model, input.version)),
      activate: os.activate.handler(({ input }) => references.activate(input.id)),
      remove: os.remove.handler(({ input }) => ({ removed: references.remove(input.id) })),
    },
  };
}
