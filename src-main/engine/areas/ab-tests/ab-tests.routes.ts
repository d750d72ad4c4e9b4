import { implement } from '@orpc/server';
import { abTests as contract } from '../../../contract/ab-tests.ts';
import type { AbTestsService } from './ab-tests.service.ts';

const os = implement(contract);

export const abTestsRoutes = (service: AbTestsService) => ({
  list: os.list.handler(({ input }) => service.list(input.endpoint)),
  periods: os.periods.handler(({ input }) => service.periods(input)),
  result: os.result.handler(({ input }) => service.result(input)),
  series: os.series.handler(({ input }) => service.series(input)),
  setPlan: os.setPlan.handler(({ input }) => service.setPlan(input)),
  bandit: os.bandit.handler(({ input }) => service.bandit(input.endpoint)),
  feedback: os.feedback.handler(async ({ input }) => ({ results: await service.feedback(input.items) })),
  rewards: os.rewards.handler(({ input }) => service.rewards(input.endpoint, input.limit)),
  pending: os.pending.handler(() => service.pending()),
});
