/** For tests only: an engine that is killed inside the transaction, after labels and some of the sums. */
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { NO_SLICES } from './cohort-turn.ts';
import { labelSlice } from './labels.ts';
import { createMonitoringStore } from './monitoring.store.ts';

const [root = '', count = '0', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const store = createMonitoringStore(db);
let sums = 0;
const dying: typeof store = {
  ...store,
  sums: {
    ...store.sums,
    add(key, change) {
      store.sums.add(key, change);
      sums += 1;
      if (sums === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
    },
  },
};
labelSlice(
  {
    ...{ db, store: dying, slicer: NO_SLICES, nowMs: () => Date.UTC(2026, 0, 5, 12) },
    decide: () => ({ task: 'binary', threshold: 0.5 }),
  },
  Array.from({ length: Number(count) }, (_, at) => ({ predictionId: `r${at}`, label: String(at % 2) })),
);
