/** For tests only: an engine that is killed inside the transaction, after the rows and some of the counts. */

import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { ingestSlice } from './ingest.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { planOf } from './plans.ts';
import { sampleFacts, samplePredictions } from './sample-traffic.ts';

const [root = '', committed = '0', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const store = createMonitoringStore(db);
const plan = planOf(sampleFacts());
const resolve = () => ({ endpointId: 1, plan });
const rows = await samplePredictions(0, 500);

ingestSlice(db, store, resolve, rows.slice(0, Number(committed)));
let panes = 0;
const dying: typeof store = {
  ...store,
  writePane(key, pane) {
    store.writePane(key, pane);
    panes += 1;
    if (panes === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  },
};
ingestSlice(db, dying, resolve, rows);
