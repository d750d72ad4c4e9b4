/** Door of the drift reports: exact scores of raw rows. */
import { implement } from '@orpc/server';
import { driftReports as contract } from '../../../contract/drift-reports.ts';
import type { AreaContext } from '../../context.ts';
import { createDriftReportService, type ReportDeps } from './drift-reports.service.ts';

const os = implement(contract);

export function createDriftReportsArea(context: AreaContext, deps: ReportDeps) {
  const reports = createDriftReportService(context, deps);
  return {
    reports,
    routes: {
      list: os.list.handler(({ input }) => reports.list(input.endpoint)),
      get: os.get.handler(({ input }) => reports.get(input.id)),
      create: os.create.handler(({ input }) => reports.create(input)),
      remove: os.remove.handler(({ input }) => ({ removed: reports.remove(input.id) })),
      html: os.html.handler(({ input }) => reports.html(input.id)),
      healthHtml: os.healthHtml.handler(({ input }) => reports.healthHtml(input)),
    },
  };
}
