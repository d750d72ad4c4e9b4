import { implement } from '@orpc/server';
import { experiments as contract } from '../../../contract/experiments.ts';
import type { Experiments } from './experiments.service.ts';

const os = implement(contract);

export const experimentRoutes = (service: Experiments) => ({
  list: os.list.handler(() => service.list()),
  runs: os.runs.handler(({ input }) => service.runs(input.experimentId, input.limit, input.cursor)),
  run: os.run.handler(({ input }) => service.run(input.runId)),
  metrics: os.metrics.handler(({ input }) => service.metrics(input.runIds, input.keys)),
});
