/** For tests only: an engine that is killed inside the transaction, once a folded day took the place of its hours. */
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { createFolding } from './fold.ts';
import { createFoldStore } from './folds.store.ts';

const db = openDatabase(databaseFile(process.argv[2] ?? ''));
const store = createFoldStore(db);
let days = 0;
const folding = createFolding(db, {
  ...store,
  replace(day, rows) {
    store.replace(day, rows);
    days += 1;
    if (days === 2) process.kill(process.pid, 'SIGKILL');
  },
});
while (folding.part());
