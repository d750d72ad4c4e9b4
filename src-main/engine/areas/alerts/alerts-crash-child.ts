/** For tests only: an engine that is killed while it writes an alert down, after the row of the table that is named. */
import { createIds } from '../../../platform/ids.ts';
import { createLogger } from '../../../platform/log.ts';
import { openDatabase } from '../../data/database.ts';
import { createGroupCommit } from '../../data/group-commit.ts';
import { databaseFile } from '../../data/inspect.ts';
import { createEvents } from '../../events.ts';
import { createStatus } from '../../status.ts';
import { manualClock, stubHost, type TestContext } from '../../testing.ts';
import { alertsOn, days, series } from './testing-alerts.ts';

const [root = '', table = ''] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const clock = manualClock();
const events = createEvents(clock);
const context = {
  ...{ db, clock, events, ids: createIds(clock), writes: createGroupCommit(db), host: stubHost() },
  ...{ status: createStatus(events), log: createLogger('test', null) },
  readers: { all: async () => [] },
} as unknown as TestContext;
const die = () => process.kill(process.pid, 'SIGKILL');
const world = alertsOn(context);
world.data.set('drift', series(days(0.1, 0.4)));
if (table !== 'after the commit') {
  db.pragma('trusted_schema = ON');
  db.function('die', () => Number(die()));
  db.exec(`CREATE TEMP TRIGGER dying AFTER INSERT ON main.${table} BEGIN SELECT die(); END`);
}
await world.judge();
die();
