/**
 * Entry for the analysis process: one feature's drift, quality or mean by slice, from a sample of the logged rows of a
 * span, counted on the frozen grid like the windows are.
 */
import type { FeatureValue } from '../../../contract/common.ts';
import type { SeriesRef } from '../../../contract/monitoring-series.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import type { AnalysisJob, Cell } from '../../analysis/index.ts';
import { quoted } from '../../analysis/sql.ts';
import { type LogQuery, openLog, predicate } from '../raw-log/index.ts';
import { baselineOf, binCounts, levelOf, scoreBy, scoresOf } from './drift.rules.ts';
import { QUALITY_MIN_N } from './findings.rules.ts';
import { wilson } from './performance.rules.ts';
import {
  cellOf,
  type FeatureProfile,
  type Grid,
  gridOf,
  PREDICTION_FEATURE,
  referenceCounts,
} from './profile.rules.ts';

export type SlicedSeries = Extract<SeriesRef, { of: 'drift' | 'quality' | 'mean' }>;

export type SliceScore = {
  name: string;
  /** Rows of the slice that were looked at. */
  n: number;
  /** Then there is no value. */
  tooFew: boolean;
  value: number | null;
  /** The same of the rows outside it. */
  rest: number | null;
  apart: boolean;
};

export type SliceScoresInput = {
  log: LogQuery;
  series: SlicedSeries;
  slices: { name: string; conditions: SliceCondition[] }[];
  /** What froze the grid, and what is compared with. */
  profile: FeatureProfile;
  reference: FeatureProfile;
  /** Values are rounded to 32 bits, as the model reads them. */
  single: boolean;
  /** Versions that are seen on this grid. */
  versions: readonly string[];
};

/** Rows that are looked at; of more, as many are drawn, always the same. */
const MOST_ROWS = 50_000;

type Part = { counts: Float64Array; sum: number; present: number };

/** Null where no row of the span is logged with that feature. */
export const run: AnalysisJob<SliceScoresInput, SliceScore[] | null> = async (input, tools) => {
  const { feature } = input.series;
  const { duck, table, columns } = await openLog(tools, input.log);
  const isScore = feature === PREDICTION_FEATURE;
  const column = isScore ? '$score' : columns.find((each) => each.feature === feature)?.column;
  if (column === undefined) return { result: null };
  const tests = input.slices.map(({ conditions }) => predicate(conditions, columns));
  const rows = await duck.rows(
    `SELECT ${[quoted(column), ...tests.map(({ sql }) => `(${sql})`)].join(', ')} FROM (
       SELECT * FROM ${table} WHERE CAST("$version" AS VARCHAR) IN (${input.versions.map(() => '?').join(', ')})
         ${isScore ? 'AND "$score" IS NOT NULL' : ''} ORDER BY hash("$seq"), "$seq" LIMIT ${MOST_ROWS})`,
    [...tests.flatMap(({ params }) => params), ...input.versions],
  );
  if (rows.length === 0) return { result: null };
  const grid = gridOf(input.profile, input.single);
  const part = (): Part => ({ counts: new Float64Array(grid.size), sum: 0, present: 0 });
  const all = part();
  const inside = input.slices.map(part);
  for (const [value = null, ...holds] of rows) {
    add(all, grid, value);
    for (const [at, within] of inside.entries()) if (holds[at] === true) add(within, grid, value);
  }
  const measure = measureOf(input, grid);
  return {
    result: input.slices.map(({ name }, at) => {
      const own = inside[at] as Part;
      const rest: Part = {
        counts: all.counts.map((count, cell) => count - (own.counts[cell] as number)),
        ...{ sum: all.sum - own.sum, present: all.present - own.present },
      };
      return { name, ...beside(measure(own), measure(rest)) };
    }),
  };
};

type Interval = { low: number; high: number };
/** `interval`: of a share. */
type Measured = { n: number; minN: number; value: number; moved: boolean; interval?: Interval | null };

/** On too few rows nothing is said: chance alone moves them. */
function beside(own: Measured, rest: Measured): Omit<SliceScore, 'name'> {
  const [few, fewOfRest] = [own.n < own.minN, rest.n < rest.minN];
  const apart =
    own.interval && rest.interval
      ? own.interval.low > rest.interval.high || own.interval.high < rest.interval.low
      : own.moved && !rest.moved;
  return {
    n: own.n,
    tooFew: few,
    value: few ? null : own.value,
    rest: fewOfRest ? null : rest.value,
    apart: apart && !few && !fewOfRest,
  };
}

function measureOf({ series, profile, reference }: SliceScoresInput, grid: Grid): (part: Part) => Measured {
  if (series.of === 'mean')
    return ({ sum, present }) => ({ n: present, minN: QUALITY_MIN_N, value: sum / present, moved: false });
  if (series.of === 'quality') {
    const cells = badCells(grid, reference)[series.measure] ?? [];
    return ({ counts }) => {
      const n = total(counts);
      const bad = cells.reduce((sum, cell) => sum + (counts[cell] as number), 0);
      return { n, minN: QUALITY_MIN_N, value: bad / n, moved: false, interval: wilson(bad, n) };
    };
  }
  const { method } = series;
  const baseline = baselineOf(profile, referenceCounts(reference));
  const minN = baseline.minN[method];
  return ({ counts }) => {
    const n = total(counts);
    const value = scoreBy(scoresOf(baseline, counts, binCounts(baseline, counts)), method) ?? 0;
    const level = levelOf(method, value, n, minN, true);
    return { n, minN, value, moved: level === 'moderate' || level === 'large' };
  };
}

/** As missingOf (drift.ts) has it: NaN is missing where the reference's missing values hold it. */
const badCells = (grid: Grid, reference: FeatureProfile): Partial<Record<string, number[]>> => ({
  missing: grid.kind === 'numeric' && reference.missing > 0 ? [grid.missing, grid.notFinite] : [grid.missing],
  'wrong-type': [grid.wrongType],
  ...(grid.kind === 'numeric'
    ? { 'not-finite': [grid.notFinite], 'out-of-range': [0, grid.above] }
    : { unseen: [grid.unseen] }),
});

const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);

function add(part: Part, grid: Grid, value: Cell): void {
  const read = grid.kind === 'numeric' ? numberIn(value) : value;
  const cell = cellOf(grid, read);
  part.counts[cell] = (part.counts[cell] as number) + 1;
  if (typeof read !== 'number' || !Number.isFinite(read)) return;
  part.sum += read;
  part.present += 1;
}

/** A column in which values of several types came is text: what is a number there counts as one. */
function numberIn(value: Cell): FeatureValue {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const x = Number(value);
  return Number.isNaN(x) ? value : x;
}
