/**
 * Ten thousand runs, five million points: how long the runs table, filters, charts and comparisons take for a client
 * on another thread, and how long each holds the engine's. Beside the charts stands what SQLite alone takes to read
 * the same points, in the same run.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { databaseFile } from '../src-main/engine/data/inspect.ts';
import { quantile, tell } from './lib/report.ts';
import { type Calls, openEngine, type Timed } from './tracking/engine.ts';
import { fixture, LONG, LONG_POINTS, LONG_RUNS, RUNS, START_MS, WIDE } from './tracking/fixture.ts';

const TIMES = Number(process.env.TIMES ?? 15);
const path = await fixture((text) => console.log(text));

const opens: number[] = [];
for (let round = 0; round < 5; round++) {
  const opened = await openEngine(path);
  opens.push(opened.openMs);
  await opened.close();
}
unpack();
const engine = await openEngine(path);
const experiments = await engine.ask<{ id: string; name: string }[]>('experiments.list', undefined);
const idOf = (name: string) => experiments.find((one) => one.name === name)?.id ?? '';
const experimentIds = [idOf(WIDE)];
const { ids } = await engine.ask<{ ids: string[] }>('experiments.order', { experimentIds });
const { ids: long } = await engine.ask<{ ids: string[] }>('experiments.order', {
  experimentIds: [idOf(LONG)],
});

const metric = (key: string, aggregate = 'last') => ({ kind: 'metric', key, aggregate });
const param = (key: string) => ({ kind: 'param', key });
const columns = [
  ...['loss', 'accuracy', 'val_loss', 'val_accuracy', 'lr'].map((key) => metric(key)),
  ...['learning_rate', 'batch_size', 'optimizer', 'num_0', 'num_1', 'choice_0', 'choice_1'].map(param),
];
const order = (part: object = {}): Calls => [['experiments.order', { experimentIds, ...part }]];
const sorted = (column: object) => order({ sort: [{ column, descending: true }] });
const lines = (runIds: string[], part: object = {}): Calls => {
  const calls: [string, unknown][] = [];
  for (let at = 0; at < runIds.length; at += 100)
    calls.push([
      'explore.lines',
      { runIds: runIds.slice(at, at + 100), key: 'loss', x: { kind: 'step' }, ...part },
    ]);
  return calls;
};

type Case = [title: string, target: number | null, calls: Calls];
const cases: Case[] = [
  [`table: order of ${RUNS} runs`, 50, order()],
  ['table: 60 rows of 12 columns', 50, [['experiments.cells', { runIds: ids.slice(0, 60), columns }]]],
  ['table: extents of 5 metrics', 50, order({ extents: columns.slice(0, 5) })],
  ['filter: metrics.loss < 0.3', 50, order({ filter: 'metrics.loss < 0.3' })],
  [
    'filter: min(accuracy) < 0.2 OR NOT params.batch_size > 64',
    50,
    order({ filter: 'min(metrics.accuracy) < 0.2 OR NOT params.batch_size > 64' }),
  ],
  [
    "filter: params.learning_rate < 0.001 AND params.optimizer = 'adam'",
    50,
    order({ filter: "params.learning_rate < 0.001 AND params.optimizer = 'adam'" }),
  ],
  ['filter: a word that is nowhere (every value of every run)', null, order({ filter: 'nowhere' })],
  ['filter: team = team-3', 50, order({ filter: 'team = team-3' })],
  ['sort: last loss', 50, sorted(metric('loss'))],
  ['sort: max accuracy', 50, sorted(metric('accuracy', 'max'))],
  ['sort: params.learning_rate', 50, sorted(param('learning_rate'))],
  ['sort: params.optimizer', 50, sorted(param('optimizer'))],
  [
    'group: params.optimizer, sort: loss',
    50,
    order({ groupBy: [param('optimizer')], sort: [{ column: metric('loss'), descending: false }] }),
  ],
  ['columns there could be (keys)', null, [['experiments.keys', { experimentIds }]]],
  ['chart: 100 runs of 300 points', 5, lines(ids.slice(0, 100))],
  ['chart: in ten requests, 1,000 runs of 300 points', 50, lines(ids.slice(0, 1000))],
  ['chart: 100 runs along time', null, lines(ids.slice(0, 100), { x: { kind: 'time' } })],
  [
    'chart: 100 runs along another metric',
    null,
    lines(ids.slice(0, 100), { x: { kind: 'metric', key: 'accuracy' } }),
  ],
  [`chart: ${LONG_RUNS} runs of ${LONG_POINTS} points`, null, lines(long)],
  ['chart: the same, 1 % of it', null, lines(long, { from: 50_000, to: 51_000 })],
  ['chart: the same, 20 % of it', null, lines(long, { from: 50_123, to: 70_123 })],
  ['compare: what differs in 100 runs', 20, [['compare.runs', { runIds: ids.slice(0, 100) }]]],
  [
    `matrix: ${RUNS} runs x 10 columns`,
    null,
    [['explore.matrix', { experimentIds, columns: columns.slice(0, 10) }]],
  ],
  [
    'importance of 50 params',
    null,
    [['explore.importance', { experimentIds, metric: { key: 'loss', aggregate: 'last' } }]],
  ],
];

const only = process.argv[2] ?? '';
const rows: (string | number)[][] = [row('open the workspace', 300, { ms: opens, holds: [] })];
const data: Record<string, Timed> = {};
const cold = await engine.time(lines(ids.slice(0, 1000)), 1, 0);
rows.push(row('chart: 1,000 runs, nothing packed yet', null, cold));
const packing = await engine.watch(packed);
rows.push(row('pack eight million points, in the background', null, packing));

for (const [title, target, calls] of cases.filter(([title]) => title.includes(only))) {
  const timed = await engine.time(calls, TIMES);
  data[title] = timed;
  rows.push(row(title, target, timed));
  if (title.endsWith('points')) {
    const runIds = calls.flatMap(([, input]) => (input as { runIds: string[] }).runIds);
    rows.push(row('  SQLite alone reads the points (floor)', null, { ms: rawReads(runIds), holds: [] }));
  }
}
if (only === '' || 'live'.includes(only)) {
  const live = await followLive();
  data.live = live.seen;
  rows.push(row(`live: ${LONG_RUNS} runs log 100 points each, until the chart has them`, 1000, live.seen));
  rows.push(row('  of which the chart asks and has its answer', null, live.answers));
}
await engine.close();
forget();

tell({
  name: 'tracking',
  columns: ['what', 'target ms', 'best ms', 'p50 ms', 'p95 ms', 'longest hold ms'],
  rows,
  notes: [
    `${TIMES} calls each after thirteen, of which three are watched for holds; the database in the system's cache`,
    'a hold is the engine thread\u2019s own time between two turns of its event loop; the budget is 10 ms',
  ],
  data: { opens, ...data },
});

function row(title: string, target: number | null, { ms, holds }: Timed): (string | number)[] {
  const at = (samples: number[], q: number) => quantile(samples, q).toFixed(1);
  return [
    title,
    target ?? '',
    at(ms, 0),
    at(ms, 0.5),
    at(ms, 0.95),
    holds.length === 0 ? '' : Math.max(...holds).toFixed(1),
  ];
}

/** From the acknowledgement of the last point to the chart that has it, as often as there are rounds. */
async function followLive(): Promise<{ seen: Timed; answers: Timed }> {
  const seen: Timed = { ms: [], holds: [] };
  const answers: Timed = { ms: [], holds: [] };
  const [[call, input] = ['', null]] = lines(long);
  const { hold } = await engine.follow(call, input, async (seenFrom) => {
    for (let round = 0; round < TIMES; round++) {
      const first = LONG_POINTS + round * 100;
      const metrics = Array.from({ length: 100 }, (_, at) => ({
        key: 'loss',
        value: 0.1,
        timestamp: START_MS + (first + at) * 1000,
        step: first + at,
      }));
      let loggedMs = 0;
      for (const runId of long) loggedMs = await engine.log(runId, metrics);
      const { askedMs, answeredMs } = await seenFrom(loggedMs);
      seen.ms.push(answeredMs - loggedMs);
      answers.ms.push(answeredMs - askedMs);
    }
  });
  seen.holds.push(hold);
  return { seen, answers };
}

/** Takes back what was logged live, so that the next time finds the same. */
function forget(): void {
  const db = new BetterSqlite3(databaseFile(path));
  db.prepare('DELETE FROM point WHERE step >= ?').run(LONG_POINTS);
  db.prepare('UPDATE series SET n = ?, last_step = ? WHERE n > ?').run(
    LONG_POINTS,
    LONG_POINTS - 1,
    LONG_POINTS,
  );
  db.close();
}

/** Every point of the runs as rows, nothing made of them. */
function rawReads(runIds: readonly string[]): number[] {
  const db = new BetterSqlite3(databaseFile(path), { readonly: true });
  const read = db
    .prepare(
      `SELECT p.step, p.val FROM json_each(?) wanted CROSS JOIN run r ON r.uuid = wanted.value
       CROSS JOIN series s ON s.run_id = r.id AND s.key_id = (SELECT id FROM key WHERE name = 'loss') CROSS JOIN point p ON p.series_id = s.id`,
    )
    .raw();
  const samples = Array.from({ length: 3 }, () => {
    const begin = performance.now();
    read.all(JSON.stringify(runIds));
    return performance.now() - begin;
  });
  db.close();
  return samples;
}

/** As after a first start: nothing is packed. */
function unpack(): void {
  const db = new BetterSqlite3(databaseFile(path));
  db.exec('DELETE FROM rollup; DELETE FROM rollup_head');
  db.close();
}

/** Resolves when the engine has packed all it will. Looked for on another thread: this one is being watched. */
async function packed(): Promise<void> {
  const looker = new Worker(
    `const { workerData } = require('node:worker_threads');
     const db = require('better-sqlite3')(workerData, { readonly: true });
     const left = db.prepare('SELECT 1 FROM series s LEFT JOIN rollup_head h ON h.series_id = s.id WHERE s.n - COALESCE(h.n, 0) >= 64 LIMIT 1');
     const look = setInterval(() => left.get() === undefined && clearInterval(look), 250);`,
    { eval: true, workerData: databaseFile(path) },
  );
  await once(looker, 'exit');
}
