/**
 * What A/B tests cost the engine's thread: counting logged rows, taking feedback, and answering with a result over
 * two months and a ramp of five steps. A result reads sums by piece of time, not rewards, so that it costs the same
 * for any number of them. Times are the thread's own.
 */
import { ENDPOINT, openAbWorld, reroute, row } from '../src-main/engine/areas/ab-tests/testing-ab-tests.ts';
import { cpuClock, holds } from './lib/holds.ts';
import { quantile, tell } from './lib/report.ts';

const ROWS = 200_000;
const UNITS = 80_000;
const TAP_ROWS = 500;
const STEPS = [500, 1_000, 2_500, 4_000, 5_000];
const STEP_MS = (60 * 86_400_000 * TAP_ROWS) / ROWS;

const world = await openAbWorld([9_900, 100]);
const ingestHolds: number[] = [];
const feedbackHolds: number[] = [];
let ingestMs = 0;
let feedbackMs = 0;
let state = 1;
const random = () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 4_294_967_296;
};

let share = 100;
for (let from = 0; from < ROWS; from += TAP_ROWS) {
  const step = STEPS[Math.floor((from / ROWS) * (STEPS.length + 1)) - 1];
  if (step !== undefined && step !== share) {
    share = step;
    reroute(world, { weights: [10_000 - share, share] });
  }
  const rows = Array.from({ length: TAP_ROWS }, (_, at) => {
    const unit = Math.floor(random() * UNITS);
    return row(world, `${from + at}`, { unit: `${unit}`, arm: unit % 10_000 < share ? 'b' : 'a' });
  });
  const ingest = cpuClock();
  ingestHolds.push(...(await holds(() => world.monitoring.ingest(rows))));
  ingestMs += ingest();
  const items = rows.map(({ id }) => ({ predictionId: id, reward: Number(random() < 0.2) }));
  const feedback = cpuClock();
  feedbackHolds.push(...(await holds(() => world.abTests.feedback(items))));
  feedbackMs += feedback();
  world.context.clock.advance(STEP_MS);
}

const times = (work: () => unknown) =>
  Array.from({ length: 50 }, () => {
    const spent = cpuClock();
    work();
    return spent();
  });
const asked = { endpoint: ENDPOINT, metric: 'reward-rate' as const };
const results = times(() => world.abTests.result(asked));
const series = times(() => world.abTests.series(asked));
const { verdict } = world.abTests.result(asked);
const sums = world.context.db.prepare('SELECT count(*) FROM ab_sum').pluck().get() as number;
await world.close();

const line = (what: string, perSecond: string, samples: readonly number[]) => [
  what,
  perSecond,
  quantile(samples, 0.5).toFixed(1),
  quantile(samples, 0.95).toFixed(1),
  Math.max(...samples).toFixed(1),
];
tell({
  name: 'ab-tests',
  columns: ['what', 'rows/s', 'p50 ms', 'p95 ms', 'longest ms'],
  rows: [
    line(`logging rows of ${UNITS} units, holds`, `${Math.round(ROWS / (ingestMs / 1_000))}`, ingestHolds),
    line('feedback, one reward each, holds', `${Math.round(ROWS / (feedbackMs / 1_000))}`, feedbackHolds),
    line(`a result over ${ROWS} rewards`, '', results),
    line('the intervals over time', '', series),
  ],
  notes: [
    `${sums} rows of sums; the verdict at the end: ${verdict.title}`,
    'a hold is the thread’s own time between two turns of its event loop; the budget is 10 ms',
  ],
  data: { ingestHolds, feedbackHolds, results, series },
});
