/** For tests only: an engine that is killed inside a transaction, after the rows and some of the counts. */
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { ingestChunks } from './ingest.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { createPanesStore } from './panes.store.ts';
import { planOf } from './plans.ts';
import { sampleFacts, sampleTap } from './sample-traffic.ts';

const [root = '', committed = '0', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const store = createMonitoringStore(db);
const panes = createPanesStore(db);
const resolve = () => ({ endpointId: 1, plan: planOf(sampleFacts()) });
const ports = { db, store, panes, resolve, now: () => 1 };
const chunks = await sampleTap(0, 500);
const pause = async () => {};

await ingestChunks(ports, chunks.slice(0, Number(committed)), () => {}, pause);
let written = 0;
const dying: typeof panes = {
  ...panes,
  addPanes(...pane) {
    panes.addPanes(...pane);
    written += 1;
    if (written === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  },
};
await ingestChunks({ ...ports, panes: dying }, chunks, () => {}, pause);
