import { implement } from '@orpc/server';
import { LatheError } from '../../../contract/errors.ts';
import { workspace as contract, type WorkspaceEvent } from '../../../contract/workspace.ts';
import type { AreaContext } from '../../context.ts';
import { subscription } from '../../subscription.ts';
import { diagnosticsText } from './diagnostics.ts';
import type { WorkspaceService } from './workspace.service.ts';

const os = implement(contract);

export const workspaceRoutes = (service: WorkspaceService, context: AreaContext) => ({
  hello: os.hello.handler(() => service.hello()),
  services: os.services.handler(() => service.services()),
  events: os.events.handler(({ input, signal }) =>
    subscription<WorkspaceEvent>(
      input.notices ? context.events.listenForUser : context.events.listen,
      signal,
    ),
  ),
  choose: os.choose.handler(async ({ input }) => {
    if (!context.host.capabilities.workspaces)
      throw new LatheError('LATHE_HOST_UNSUPPORTED', {
        reason: 'it has no dialogs to choose a workspace with',
      });
    return { chosen: await service.choose(input.mode) };
  }),
  diagnostics: os.diagnostics.handler(async () => ({
    text: await diagnosticsText(service.hello(), await service.services(), context.paths.logs),
  })),
});
