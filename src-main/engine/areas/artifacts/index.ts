/** Door of artifacts. */
import type { AreaContext } from '../../context.ts';
import { createArtifactService } from './artifacts.service.ts';

export type { Artifacts } from './artifacts.service.ts';

export function createArtifactsArea(context: AreaContext) {
  return { artifacts: createArtifactService(context) };
}
