/** For tests only: an engine that is killed at a step of moving rows. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../platform/clock.ts';
import { createLogger } from '../../../platform/log.ts';
import { createAnalysis } from '../../analysis/index.ts';
import type { AreaContext } from '../../context.ts';
import { openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import { analysisProcesses } from '../../testing.ts';
import { rawLogOn } from '../../testing-log.ts';

const [root = '', dieAt = ''] = process.argv.slice(2);
const log = createLogger('test', null);
const run = mkdtempSync(join(tmpdir(), 'lathe-test-'));
const paths = { root, logs: join(root, 'logs'), uploads: run, run, resources: run, bundles: run };
const context = {
  db: openDatabase(databaseFile(root)),
  analysis: createAnalysis({ host: { processes: analysisProcesses() }, log, paths }),
  clock: systemClock,
  log,
  paths,
} as AreaContext;
const die = () => process.kill(process.pid, 'SIGKILL');

if (dieAt === 'written') {
  const { run: job } = context.analysis;
  context.analysis.run = async <Result>(...given: Parameters<typeof job>) => {
    const done = await job<Result>(...given);
    die();
    return done;
  };
} else {
  // recorded: before the first row is cleared; cleared: in the middle of clearing.
  let clears = 0;
  const prepare = context.db.prepare.bind(context.db);
  context.db.prepare = ((sql: string) => {
    const statement = prepare(sql);
    if (!/^UPDATE prediction SET features/.test(sql.trim())) return statement;
    const clear = statement.run.bind(statement);
    statement.run = ((...given: unknown[]) => {
      if (dieAt === 'recorded' || ++clears > 2) die();
      return clear(...given);
    }) as typeof statement.run;
    return statement;
  }) as typeof context.db.prepare;
}
await rawLogOn(context).moveAll();
