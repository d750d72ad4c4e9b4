/** For tests only: pushes batch after batch and says each that was acknowledged, until it is killed. */
import { createIds } from '../../../platform/ids.ts';
import { openDatabase } from '../../data/database.ts';
import { createGroupCommit } from '../../data/group-commit.ts';
import { databaseFile } from '../../data/inspect.ts';
import { createEvents } from '../../events.ts';
import { manualClock, type TestContext } from '../../testing.ts';
import type { EndpointRecord } from '../serving/index.ts';
import { type BusinessMetricsDeps, createBusinessMetricsService } from './business-metrics.service.ts';
import { crashBatch, ENDPOINT } from './testing-business-metrics.ts';

const db = openDatabase(databaseFile(process.argv[2] ?? ''));
const clock = manualClock();
const service = createBusinessMetricsService(
  {
    db,
    clock,
    events: createEvents(clock),
    ids: createIds(clock),
    writes: createGroupCommit(db),
  } as TestContext,
  { endpoints: () => [{ id: 1, name: ENDPOINT } as EndpointRecord] } as unknown as BusinessMetricsDeps,
);
for (let batch = 0; ; batch++) {
  await service.push(ENDPOINT, crashBatch(batch));
  process.stdout.write(`${batch}\n`);
}
