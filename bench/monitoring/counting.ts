/** What counting a feature value costs, against the physical limit: a plain loop that adds the same array up. */
import { countColumn } from '../../src-main/engine/areas/monitoring/count.rules.ts';
import { emptyPane } from '../../src-main/engine/areas/monitoring/pane.rules.ts';
import { planOf } from '../../src-main/engine/areas/monitoring/plans.ts';
import type { TapColumn } from '../../src-main/platform/tap-block.ts';
import { cpuClock } from '../lib/holds.ts';
import { median, tell } from '../lib/report.ts';
import { blockOf, factsOf } from './world.ts';

const ROWS = 2_000;
const FEATURES = 30;
const ROUNDS = 41;
const REPEAT = 20;

export function counting(): void {
  const { features } = planOf(factsOf(FEATURES));
  const block = blockOf(ROWS, FEATURES, 0);
  const column = block.columns[0] as TapColumn & { kind: 'f32' };
  const rows = Uint32Array.from({ length: ROWS }, (_, at) => at);
  let total = 0;
  const count = () => {
    for (let at = 0; at < FEATURES; at++) {
      const { grid } = features[at] as (typeof features)[number];
      const pane = emptyPane(grid.size);
      countColumn(pane, grid, column, at, rows);
      total += pane.counts[1] as number;
    }
  };
  const add = () => {
    const { values } = column;
    for (let at = 0; at < FEATURES; at++)
      for (let row = 0; row < ROWS; row++) total += values[row * FEATURES + at] as number;
  };
  const nsOf = (work: () => void) =>
    median(
      Array.from({ length: ROUNDS }, () => {
        const spent = cpuClock();
        for (let at = 0; at < REPEAT; at++) work();
        return (spent() * 1e6) / (REPEAT * ROWS * FEATURES);
      }),
    );
  const [counted, added] = [nsOf(count), nsOf(add)];
  if (!Number.isFinite(total)) throw new Error('nothing was counted');
  tell({
    name: 'monitoring-counting',
    columns: ['what', 'ns a value', 'to the limit'],
    rows: [
      ['adding the array up (limit)', added.toFixed(2), '1.0'],
      ['counting on 256 cells, with moments', counted.toFixed(2), (counted / added).toFixed(1)],
    ],
    notes: [`${FEATURES} features of 32-bit floats, batches of ${ROWS} rows; the target is 50 ns a value`],
    data: { counted, added },
  });
}
