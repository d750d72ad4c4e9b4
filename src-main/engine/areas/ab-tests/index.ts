/** Door of the A/B tests area: what the arms of a split are worth, and the feedback that tells. */
import type { AreaContext } from '../../context.ts';
import { abTestsRoutes } from './ab-tests.routes.ts';
import { type AbTestsDeps, createAbTestsService } from './ab-tests.service.ts';

const CLEAN_EVERY_MS = 10 * 60_000;

export function createAbTestsArea(context: AreaContext, deps: AbTestsDeps) {
  const abTests = createAbTestsService(context, deps);
  const timer = setInterval(() => {
    abTests.clean().catch((thrown: unknown) => context.log.warn({ err: thrown }, 'old feedback stayed'));
  }, CLEAN_EVERY_MS);
  timer.unref();
  return {
    abTests,
    routes: abTestsRoutes(abTests),
    close() {
      clearInterval(timer);
      abTests.close();
    },
  };
}
