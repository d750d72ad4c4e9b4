/** Door of artifacts. */
import type { AreaContext } from '../../context.ts';
import { artifactAreaRoutes } from './artifacts.routes.ts';
import { createArtifactService } from './artifacts.service.ts';

export type { Artifacts } from './artifacts.service.ts';

/** `rootOf` tells where a run's artifacts lie, or null when there is no such run. */
export function createArtifactsArea(context: AreaContext, deps: { rootOf(run: string): string | null }) {
  const artifacts = createArtifactService(context);
  return { artifacts, routes: artifactAreaRoutes(artifacts, context.readers, deps.rootOf) };
}
