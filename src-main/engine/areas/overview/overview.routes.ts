import { implement } from '@orpc/server';
import { overview as contract } from '../../../contract/overview.ts';
import type { createOverviewService } from './overview.service.ts';

const os = implement(contract);

export const overviewRoutes = (service: ReturnType<typeof createOverviewService>) => ({
  summary: os.summary.handler(() => service.summary()),
});
