/** For tests only: an engine that is killed while a slice is filled, in the midst of a part's transaction. */
import { systemClock } from '../../../platform/clock.ts';
import { createLogger } from '../../../platform/log.ts';
import type { AreaContext } from '../../context.ts';
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { createFeatureReader } from '../../data/packed-features.ts';
import { noRawLog } from '../../testing.ts';
import { endpointRecord, FACTS } from '../../testing-monitoring.ts';
import { createMonitoringArea } from '../monitoring/index.ts';
import { createSliceStore } from './slices.store.ts';
import { sort } from './sorting.ts';

const [root = '', number = '', dieAfter = ''] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const context = {
  ...{ db, clock: systemClock, log: createLogger('test', null), paths: { root, bundles: root } },
} as unknown as AreaContext;
const { monitoring } = createMonitoringArea(context, {
  endpoints: () => [endpointRecord()],
  version: () => FACTS,
  grid: () => null,
  reference: () => null,
  rawLog: noRawLog,
  retentionDays: () => 30,
});
const store = createSliceStore(db);
let marked = 0;
const dying: typeof store = {
  ...store,
  mark(seq, bit) {
    store.mark(seq, bit);
    marked += 1;
    if (marked === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  },
};
const ports = { db, store: dying, monitoring, features: createFeatureReader(db), matching: null };
await sort({ ...ports, closed: () => false }, Number(number));
