/** Door of the labels area: ground truth, which comes late. */
import type { AreaContext } from '../../context.ts';
import { labelRoutes } from './labels.routes.ts';
import { createLabelService, type LabelDeps } from './labels.service.ts';

export type { LabelService } from './labels.service.ts';

export function createLabelsArea(context: AreaContext, deps: LabelDeps) {
  const labels = createLabelService(context, deps);
  return { labels, routes: labelRoutes(labels) };
}
