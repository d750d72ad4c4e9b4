/** Door of the replay area: recorded data as live traffic. */
import type { AreaContext } from '../../context.ts';
import { replayRoutes } from './replay.routes.ts';
import { createReplayService, type ReplayDeps } from './replay.service.ts';

export type { ReplayService } from './replay.service.ts';

export function createReplayArea(context: AreaContext, deps: ReplayDeps) {
  const replay = createReplayService(context, deps);
  return { replay, routes: replayRoutes(replay), close: replay.close };
}
