/** For tests only: an engine that deletes for good and is killed after so many rows, in the middle of a slice. */
import { createBlobs } from '../../data/blobs.ts';
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { createCollector } from './collector.ts';
import { createPurger } from './purge.ts';

const [root = '', table = '', dieAfter = '0', nowMs = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
let rows = 0;
db.function('deleted', () => {
  rows += 1;
  if (rows === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  return 0;
});
db.pragma('trusted_schema = ON');
db.exec(`CREATE TEMP TRIGGER dying AFTER DELETE ON main.${table} BEGIN SELECT deleted(); END`);
const clock = { now: () => Number(nowMs), monotonic: () => performance.now() };
const { signal } = new AbortController();
const collector = createCollector({
  ...{ db, clock, blobs: createBlobs(root, db, clock) },
  readers: { all: () => Promise.reject(new Error('only a whole engine has readers')) },
  paths: { root },
});
await createPurger({ db, clock }, collector.letGo).drain(
  signal,
  () => {},
  async () => void (await collector.sweep(clock.now(), signal)),
);
