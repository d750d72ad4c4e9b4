/** Door of the raw log: served rows with their features, hot in SQLite and then in Parquet files. */
import { implement } from '@orpc/server';
import { monitoring as contract } from '../../../contract/monitoring.ts';
import type { AreaContext } from '../../context.ts';
import { createRawLogService, type RawLogDeps } from './raw-log.service.ts';

export { predicate } from './conditions.rules.ts';
export { type LogQuery, openLog } from './log-reading.ts';
export { featureOf } from './raw-log.rules.ts';
export type { RawLog } from './raw-log.service.ts';

const os = implement(contract);

export function createRawLogArea(context: AreaContext, deps: RawLogDeps) {
  const rawLog = createRawLogService(context, deps);
  return {
    rawLog,
    /** Part of the monitoring contract. */
    routes: {
      capture: os.capture.handler(({ input }) => rawLog.status(input.endpoint)),
      setCapture: os.setCapture.handler(({ input }) => rawLog.setCapture(input.endpoint, input.settings)),
    },
    start: rawLog.start,
    close: rawLog.close,
  };
}
