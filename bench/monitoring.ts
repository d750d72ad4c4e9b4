/**
 * What monitoring costs and how fast it answers, part by part; `--part=` chooses one. `--seconds=` is how long serving is
 * measured in each cell; in the quarter of it before that, the burst is spent and logging comes to yield to serving.
 */
import { parseArgs } from 'node:util';
import { tell } from './lib/report.ts';
import { alerts } from './monitoring/alerts.ts';
import { charts } from './monitoring/charts.ts';
import { counting } from './monitoring/counting.ts';
import { ingest } from './monitoring/ingest.ts';
import { benchReport } from './monitoring/report.ts';
import { serving } from './monitoring/serving.ts';
import { tapCost } from './monitoring/tap.ts';

const { values: options } = parseArgs({
  options: {
    part: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    // Read where the tables are printed.
    markdown: { type: 'boolean' },
  },
});

const PARTS: Readonly<Record<string, () => void | Promise<void>>> = {
  counting,
  tap: tapCost,
  ingest,
  charts,
  alerts,
  report: async () => tell(await benchReport()),
  serving: () => serving(1000 * Number(options.seconds)),
};
if (options.part !== undefined && !(options.part in PARTS)) {
  console.error(`--part=${options.part}: one of ${Object.keys(PARTS).join(', ')}`);
  process.exit(1);
}
for (const [name, run] of Object.entries(PARTS)) if ((options.part ?? name) === name) await run();
