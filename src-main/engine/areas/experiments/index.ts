/** Door of the experiments area. */
import type { AreaContext } from '../../context.ts';
import { experimentRoutes } from './experiments.routes.ts';
import { createExperimentService } from './experiments.service.ts';
import { createLoggedModelService } from './logged-models.service.ts';
import { createRunsTable } from './runs-table.service.ts';
import { cellSql } from './runs-table.sql.ts';
import { createTrackingService } from './tracking.service.ts';

export type { Experiments } from './experiments.service.ts';
export type { LoggedModels } from './logged-models.service.ts';
export type { Pair, Tracking } from './tracking.service.ts';

export function createExperimentsArea(context: AreaContext) {
  const experiments = createExperimentService(context);
  const tracking = createTrackingService(context);
  const table = createRunsTable(context);
  return {
    experiments,
    tracking,
    loggedModels: createLoggedModelService(context),
    routes: experimentRoutes(experiments, table, tracking),
    /** For other pictures of the same runs: SQL over `run r`. */
    runsSql: { where: table.where, cell: cellSql },
  };
}
