/** Reads the lines of a chart, on a reader thread. */
import type { Lines, LinesWanted, LinesX } from '../../../contract/explore.ts';
import type { Database } from '../../data/database.ts';
import { type Line, lineOf, packLines, placeAfter, placeOf } from './line.rules.ts';
import { NO_POINTS, type Points, readPoints } from './points.ts';

/** Points in one answer: what the engine's thread sends on in well under 10 ms. */
const MOST_POINTS = 50_000;
const FEWEST_BUCKETS = 8;

type Found = { id: string; startMs: number; series: number; other: number | null };

export function readLines(db: Database, wanted: LinesWanted): Lines {
  const { runIds, key, x, from, to } = wanted;
  const most = Math.max(FEWEST_BUCKETS, Math.min(wanted.buckets, Math.floor(MOST_POINTS / runIds.length)));
  const found = db
    .prepare(
      `SELECT r.uuid AS id, r.start_ms AS startMs, s.id AS series,
         (SELECT o.id FROM series o WHERE o.run_id = r.id AND o.key_id = (SELECT id FROM key WHERE name = ?)) AS other
       FROM json_each(?) wanted CROSS JOIN run r ON r.uuid = wanted.value
       CROSS JOIN series s ON s.run_id = r.id AND s.key_id = (SELECT id FROM key WHERE name = ?)
       WHERE r.deleted_ms IS NULL ORDER BY wanted.key`,
    )
    .all(x.kind === 'metric' ? x.key : '', JSON.stringify([...new Set(runIds)]), key) as Found[];
  const lines = found.map((run) => {
    const points = readPoints(db, run.series);
    const other = run.other === null ? NO_POINTS : readPoints(db, run.other);
    const along = sorted(alongX(points, other, x, run.startMs));
    const begin = from === null ? 0 : placeOf(along.x, from);
    const end = to === null ? along.x.length : Math.max(begin, placeAfter(along.x, to));
    const line = lineOf(along.x, along.val, begin, end, most);
    if (from === null && to === null) line.notFinite += along.notFinite;
    return { id: run.id, line };
  });
  return answerOf(lines);
}

type Along = { x: Float64Array; val: Float64Array; notFinite: number };

function alongX({ step, ts, val }: Points, other: Points, x: LinesX, startMs: number): Along {
  if (x.kind === 'step') return { x: step, val, notFinite: 0 };
  if (x.kind === 'time') return { x: ts, val, notFinite: 0 };
  if (x.kind === 'relative') return { x: ts.map((ms) => ms - startMs), val, notFinite: 0 };
  return joined({ step, val }, other);
}

/** The other metric's last value at or before each step; points before its first are left out. */
function joined({ step, val }: Pick<Points, 'step' | 'val'>, other: Points): Along {
  const x: number[] = [];
  const y: number[] = [];
  let notFinite = 0;
  let at = -1;
  for (const [place, here] of step.entries()) {
    while (at + 1 < other.step.length && (other.step[at + 1] as number) <= here) at++;
    if (at < 0) continue;
    const across = other.val[at] as number;
    if (Number.isFinite(across)) {
      x.push(across);
      y.push(val[place] as number);
    } else notFinite++;
  }
  return { x: Float64Array.from(x), val: Float64Array.from(y), notFinite };
}

/** Ascending x; equal ones stay in the order in which they were logged. */
function sorted({ x, val, notFinite }: Along): Along {
  if (x.every((here, at) => at === 0 || (x[at - 1] as number) <= here)) return { x, val, notFinite };
  const order = Uint32Array.from(x, (_, at) => at).sort(
    (a, b) => (x[a] as number) - (x[b] as number) || a - b,
  );
  return {
    x: Float64Array.from(order, (at) => x[at] as number),
    val: Float64Array.from(order, (at) => val[at] as number),
    notFinite,
  };
}

const answerOf = (lines: readonly { id: string; line: Line }[]): Lines => ({
  series: lines.map(({ id, line: { points, logged, notFinite } }) => ({
    runId: id,
    points,
    logged,
    notFinite,
  })),
  data: packLines(lines.map(({ line }) => line)).toString('base64'),
});
