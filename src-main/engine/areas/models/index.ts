/** Door of the model registry. */
import type { AreaContext } from '../../context.ts';
import type { Activities } from '../activity/index.ts';
import type { Uploads } from '../uploads/index.ts';
import { modelRoutes } from './models.routes.ts';
import { createModelService } from './models.service.ts';
import { createRegistryService, type RegistryDeps } from './registry.service.ts';
import { createVersionDiff, type VersionDiffDeps } from './version-diff.ts';
import { createFileInspector } from './version-files.ts';

export type { Models } from './models.service.ts';
export type { Registry, Stage } from './registry.service.ts';

export type ModelsDeps = Omit<RegistryDeps, 'fileOf' | 'verify'> & {
  uploads: Uploads;
  activities: Activities;
  compareRuns: VersionDiffDeps['compareRuns'];
};

export function createModelsArea(context: AreaContext, deps: ModelsDeps) {
  const models = createModelService(context);
  const registry = createRegistryService(context, {
    ...deps,
    fileOf: context.blobs.hold,
    verify: models.verify,
  });
  const inspect = createFileInspector(context, deps.filesBelow);
  const diff = createVersionDiff({
    version: models.version,
    location: registry.downloadUri,
    inspect,
    compareRuns: deps.compareRuns,
  });
  return { models, registry, routes: modelRoutes(models, registry, inspect, diff, deps) };
}
