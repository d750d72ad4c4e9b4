/** Door of the slices area: parts of the traffic that are watched on their own. */
import type { AreaContext } from '../../context.ts';
import { sliceRoutes } from './slices.routes.ts';
import { createSliceService, type SliceDeps } from './slices.service.ts';

export type { SliceDeps, SliceService } from './slices.service.ts';

export function createSlicesArea(context: AreaContext, deps: SliceDeps) {
  const slices = createSliceService(context, deps);
  return { slices, routes: sliceRoutes(slices), start: slices.start, close: slices.close };
}
