/** For tests only: an engine that is killed inside the transaction, after some of the chunks. */
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { packAll } from './testing-lines.ts';

const [root = '', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
let chunks = 0;
db.function('die', () => {
  chunks += 1;
  if (chunks === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  return 0;
});
db.exec('CREATE TEMP TRIGGER die AFTER INSERT ON rollup BEGIN SELECT die(); END');
packAll(db);
