/** Reads the lines of a chart, on a reader thread. */
import type { Lines, LinesWanted, LinesX } from '../../../contract/explore.ts';
import { packLine } from '../../../contract/explore-lines.ts';
import type { Database } from '../../data/database.ts';
import { isPlain, type Line } from './groups.rules.ts';
import { CHUNK_POINTS, firstChunkSql } from './levels.ts';
import { openSeries, type PackedSeries, plainPoints, SERIES_ROW, type SeriesRow } from './packed-series.ts';
import { lineAlong, type Range } from './series-line.ts';
import { statementsOf } from './statements.ts';
import { itemsOf, joined, lineOfItems } from './whole-series.ts';

/** Points in one answer: what the engine's thread sends on in well under 10 ms. */
const MOST_POINTS = 50_000;
const FEWEST_BUCKETS = 8;
/** So many points behind the packed ones are worth packing. */
const WORTH_PACKING = 256;

/** `chunk` has all points where they are packed as one and are few enough to be drawn as they are. */
type Found = SeriesRow & { id: string; run: number; startMs: number; chunk: Buffer | null };
/** A line as it is answered. */
type Drawn = Pick<Line, 'points' | 'logged' | 'notFinite'> & { plain: boolean; packed: Uint8Array };
export type LinesRead = { lines: Lines; unpacked: number[] };

const KEY = '(SELECT id FROM key WHERE name = ?)';
const statements = statementsOf((db) => ({
  found: db.prepare(
    `SELECT r.uuid AS id, r.id AS run, r.start_ms AS startMs, ${SERIES_ROW}, c.data AS chunk
     FROM json_each(?) wanted CROSS JOIN run r ON r.uuid = wanted.value
     CROSS JOIN series s ON s.run_id = r.id AND s.key_id = ${KEY}
     LEFT JOIN rollup_head h ON h.series_id = s.id
     LEFT JOIN rollup c ON c.id = ${firstChunkSql('s.id')} AND h.n = s.n AND s.n <= ?
     WHERE r.deleted_ms IS NULL ORDER BY wanted.key`,
  ),
  other: db.prepare(
    `SELECT ${SERIES_ROW} FROM series s LEFT JOIN rollup_head h ON h.series_id = s.id WHERE s.run_id = ? AND s.key_id = ${KEY}`,
  ),
}));

/** `unpacked` are series that were slow to read for want of packing. */
export function readLines(db: Database, wanted: LinesWanted): LinesRead {
  const { runIds, key, x, from, to } = wanted;
  const most = Math.max(FEWEST_BUCKETS, Math.min(wanted.buckets, Math.floor(MOST_POINTS / runIds.length)));
  const whole = x.kind === 'step' && from === null && to === null;
  const few = whole ? Math.min(most, CHUNK_POINTS) : 0;
  const found = statements(db).found.all(JSON.stringify([...new Set(runIds)]), key, few) as Found[];
  const unpacked: number[] = [];
  const open = (row: SeriesRow): PackedSeries => {
    const series = openSeries(db, row);
    if (!series.whole || series.tail.step.length >= WORTH_PACKING) unpacked.push(series.series);
    return series;
  };
  const lines = found.map((run) => asPacked(run) ?? drawn(lineOf(db, run, x, { from, to }, most, open)));
  const series = lines.map(({ packed: _, ...line }, at) => ({ runId: (found[at] as Found).id, ...line }));
  const data = Buffer.concat(lines.map(({ packed }) => packed)).toString('base64');
  return { lines: { series, data }, unpacked };
}

function lineOf(
  db: Database,
  run: Found,
  x: LinesX,
  range: Range,
  most: number,
  open: (row: SeriesRow) => PackedSeries,
): Line {
  const series = open(run);
  if (x.kind === 'step') return lineAlong(db, series, 'step', range, most);
  if (x.kind === 'metric') {
    const row = statements(db).other.get(run.run, x.key) as SeriesRow | undefined;
    const items = itemsOf(db, series);
    const along = row ? joined(items, itemsOf(db, open(row))) : items.step.fill(Number.NaN);
    return lineOfItems(items, along, range, most);
  }
  const zero = x.kind === 'relative' ? run.startMs : 0;
  const times = {
    from: range.from === null ? null : range.from + zero,
    to: range.to === null ? null : range.to + zero,
  };
  const items = series.inTime ? null : itemsOf(db, series);
  const line = items ? lineOfItems(items, items.ts, times, most) : lineAlong(db, series, 'ts', times, most);
  for (let at = 0; zero !== 0 && at < line.points; at++) line.x[at] = (line.x[at] as number) - zero;
  return line;
}

function drawn({ points, logged, notFinite, ...columns }: Line): Drawn {
  const plain = isPlain({ points, logged, notFinite, ...columns });
  const of = (column: Float64Array) => column.subarray(0, points);
  const { x, last, min, max } = columns;
  const packed = packLine({ x: of(x), last: of(last), min: of(min), max: of(max) }, plain);
  return { points, logged, notFinite, plain, packed };
}

/** Where what is kept is what is drawn, its bytes are handed on as they are. */
function asPacked({ chunk, n }: Found): Drawn | null {
  const packed = chunk && plainPoints(chunk);
  return packed && { points: n, logged: n, notFinite: 0, plain: true, packed };
}
