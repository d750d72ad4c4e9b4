import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openTestContext } from '../../testing.ts';
import { flight, flights, putRows, rawLogOn } from '../../testing-log.ts';

const child = fileURLToPath(new URL('./raw-log-crash-child.ts', import.meta.url));
const ROWS = 3_000;

it.each([
  // [step at which the engine is killed, files that lie there then, rows that are hot then]
  ['written', 1, ROWS],
  ['recorded', 1, ROWS],
  ['cleared', 1, ROWS - 1_000],
])(
  'killed when the file is %s: every row is in the log once, and what was left behind goes',
  async (step, files, hot) => {
    const context = await openTestContext();
    try {
      putRows(context, flights(0, ROWS));
      const dying = fork(child, [context.paths.root, step], { stdio: 'ignore' });
      const [, signal] = await once(dying, 'exit');
      expect(signal).toBe('SIGKILL');
      const folder = join(context.paths.root, 'monitoring', '1');
      expect(readdirSync(folder)).toHaveLength(files);
      const isHot = context.db.prepare("SELECT count(*) FROM prediction WHERE features <> ''").pluck();
      expect(isHot.get()).toBe(hot);
      writeFileSync(join(folder, '9-10.parquet.tmp'), 'half of a file');

      const rawLog = rawLogOn(context);
      const seqs = Array.from({ length: ROWS }, (_, at) => at + 1);
      expect(await rawLog.features(1, seqs)).toHaveLength(ROWS);
      await rawLog.start();
      await rawLog.moveAll();
      expect(isHot.get()).toBe(0);
      expect(readdirSync(folder)).toEqual([`1-${ROWS}.parquet`]);
      expect(await rawLog.status('live')).toMatchObject({ rows: ROWS, files: 1 });
      const found = await rawLog.matching(1, [], 0, 1e9);
      expect([...found]).toEqual(seqs);
      expect((await rawLog.features(1, [7])).get(7)).toEqual(flight(6).features);
      await rawLog.close();
    } finally {
      await context.close();
    }
  },
);
