/** Door of the model registry. */
import type { AreaContext } from '../../context.ts';
import type { Activities } from '../activity/index.ts';
import type { Uploads } from '../uploads/index.ts';
import { modelRoutes } from './models.routes.ts';
import { createModelService } from './models.service.ts';

export type { Models } from './models.service.ts';

export function createModelsArea(context: AreaContext, deps: { uploads: Uploads; activities: Activities }) {
  const models = createModelService(context);
  return { models, routes: modelRoutes(models, deps.uploads, deps.activities) };
}
