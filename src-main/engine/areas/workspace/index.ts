/** Door of the workspace area. */
import type { AreaContext } from '../../context.ts';
import { workspaceRoutes } from './workspace.routes.ts';
import { createWorkspaceService, type EngineFacts } from './workspace.service.ts';

export function createWorkspaceArea(context: AreaContext, facts: EngineFacts) {
  const service = createWorkspaceService(context, facts);
  return { hello: service.hello, services: service.services, routes: workspaceRoutes(service, context) };
}
