import { implement } from '@orpc/server';
import { experiments as contract } from '../../../contract/experiments.ts';
import type { Experiments } from './experiments.service.ts';
import type { RunsTable } from './runs-table.service.ts';
import type { Tracking } from './tracking.service.ts';

const os = implement(contract);

export const experimentRoutes = (service: Experiments, table: RunsTable, tracking: Tracking) => ({
  list: os.list.handler(() => service.list()),
  runs: os.runs.handler(({ input }) => service.runs(input.experimentId, input.limit, input.cursor)),
  run: os.run.handler(({ input }) => service.run(input.runId)),
  order: os.order.handler(({ input }) => table.order(input)),
  cells: os.cells.handler(({ input }) => table.cells(input)),
  keys: os.keys.handler(({ input }) => table.keys(input.experimentIds)),
  values: os.values.handler(({ input }) => table.values(input.experimentIds, input.column)),
  rename: os.rename.handler(({ input }) => void tracking.updateRun(input.runId, { name: input.name })),
  setNote: os.setNote.handler(({ input }) => tracking.setNote(input.runId, input.note)),
});
