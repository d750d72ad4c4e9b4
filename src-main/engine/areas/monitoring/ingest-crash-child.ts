/** For tests only: an engine that is killed inside a transaction: of ingest, or of the roll-up. */
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { ingestChunks } from './ingest.ts';
import { createLossesStore } from './losses.store.ts';
import { createMonitoringStore } from './monitoring.store.ts';
import { createPace } from './pace.ts';
import { createPanesStore } from './panes.store.ts';
import { layoutsOf, planOf } from './plans.ts';
import { rollSlice } from './roller.ts';
import { sampleFacts, sampleTap } from './sample-traffic.ts';

const [root = '', where = '', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const store = createMonitoringStore(db);
const panes = createPanesStore(db);
const plan = planOf(sampleFacts());
const resolve = () => ({ endpointId: 1, plan });
const { add: lost } = createLossesStore(db);
const ports = { db, store, panes, resolve, now: () => 1, pace: createPace(), lost };
// Each tells of losses too.
const chunks = (await sampleTap(0, 500)).map((chunk) => ({ ...chunk, dropped: 3, sampledOut: 2 }));

let written = 0;
const count = () => {
  written += 1;
  if (written === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
};
const dying: typeof panes = {
  ...panes,
  append(...counted) {
    panes.append(...counted);
    if (where === 'ingest') count();
  },
  addPanes(...added) {
    panes.addPanes(...added);
    if (where === 'roll-up') count();
  },
};
await ingestChunks(
  { ...ports, panes: dying },
  chunks,
  () => {},
  async () => {},
);
while (rollSlice(db, dying, () => layoutsOf(plan), 1 / 4));
