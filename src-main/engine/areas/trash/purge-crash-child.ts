/** For tests only: an engine that deletes for good and is killed after so many rows, in the middle of a slice. */
import { systemClock } from '../../../platform/clock.ts';
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { createPurger } from './purge.ts';

const [root = '', table = '', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
let rows = 0;
db.function('deleted', () => {
  rows += 1;
  if (rows === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  return 0;
});
db.pragma('trusted_schema = ON');
db.exec(`CREATE TEMP TRIGGER dying AFTER DELETE ON main.${table} BEGIN SELECT deleted(); END`);
const { signal } = new AbortController();
// The hashes are marked by the engine that takes over: it looks at every blob.
await createPurger({ db, clock: systemClock }, () => {}).drain(signal, () => {});
