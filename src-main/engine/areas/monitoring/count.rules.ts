/**
 * Counting a block's column on a frozen grid, a batch of rows at a time: one plain loop over a typed array for each kind
 * of column, so that a value costs tens of nanoseconds. It says what `cellOf` says of each value alone.
 */
import type { FeatureValue } from '../../../contract/common.ts';
import { NO_TEXT, type TapColumn } from '../../../platform/tap-block.ts';
import type { Pane } from './pane.rules.ts';
import {
  type CategoricalGrid,
  categoryCell,
  cellOf,
  type Grid,
  innerCell,
  type NumericGrid,
} from './profile.rules.ts';

/**
 * Adds the values at `offset` of these rows to the pane. Where a block has no such column, its rows are missing: see
 * countMissing.
 */
export function countColumn(
  pane: Pane,
  grid: Grid,
  column: TapColumn,
  offset: number,
  rows: Uint32Array,
): void {
  if (column.kind === 'any') countAny(pane, grid, column, offset, rows);
  else if (grid.kind === 'numeric') {
    if (column.kind === 'f32' || column.kind === 'f64') countNumbers(pane, grid, column, offset, rows);
    else countWrong(pane, grid, column, offset, rows);
  } else countCategories(pane, grid, column, offset, rows);
}

export function countMissing(pane: Pane, grid: Grid, rows: number): void {
  pane.counts[grid.missing] = (pane.counts[grid.missing] as number) + rows;
}

function countNumbers(
  pane: Pane,
  grid: NumericGrid,
  column: TapColumn & { kind: 'f32' | 'f64' },
  offset: number,
  rows: Uint32Array,
): void {
  const { counts } = pane;
  const { edges, origin } = grid;
  const { width, values, nulls } = column;
  const low = edges[0] as number;
  const high = edges[edges.length - 1] as number;
  const round = grid.single && column.kind === 'f64';
  const isNull = nulls.length > 0 ? nullsOf(nulls) : null;
  let sum = 0;
  let squares = 0;
  let { min, max } = pane;
  for (let i = 0; i < rows.length; i++) {
    const at = (rows[i] as number) * width + offset;
    let x = values[at] as number;
    if (round) x = Math.fround(x);
    let cell: number;
    if (x >= low && x <= high) cell = innerCell(grid, x);
    else if (x - x === 0) cell = x < low ? 0 : grid.above;
    else {
      const cellOfNone = isNull?.has(at) ? grid.missing : grid.notFinite;
      counts[cellOfNone] = (counts[cellOfNone] as number) + 1;
      continue;
    }
    counts[cell] = (counts[cell] as number) + 1;
    const shifted = x - origin;
    sum += x;
    squares += shifted * shifted;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  pane.sum += sum;
  if (pane.squares !== null) pane.squares += squares;
  pane.min = min;
  pane.max = max;
}

/** A column's features are counted one after the other: its nulls are looked up in one set. */
const nullSets = new WeakMap<Uint32Array, ReadonlySet<number>>();
function nullsOf(nulls: Uint32Array): ReadonlySet<number> {
  let set = nullSets.get(nulls);
  if (!set) {
    set = new Set(nulls);
    nullSets.set(nulls, set);
  }
  return set;
}

/** Texts and booleans where numbers belong. */
function countWrong(
  pane: Pane,
  grid: NumericGrid,
  { kind, width, values }: TapColumn & { kind: 'bool' | 'text' },
  offset: number,
  rows: Uint32Array,
): void {
  const none = kind === 'bool' ? 2 : NO_TEXT;
  for (let i = 0; i < rows.length; i++) {
    const cell = values[(rows[i] as number) * width + offset] === none ? grid.missing : grid.wrongType;
    pane.counts[cell] = (pane.counts[cell] as number) + 1;
  }
}

function countCategories(
  pane: Pane,
  grid: CategoricalGrid,
  column: Exclude<TapColumn, { kind: 'any' }>,
  offset: number,
  rows: Uint32Array,
): void {
  const { counts } = pane;
  const { width, values } = column;
  const cellOfValue = cellsOf(grid, column);
  for (let i = 0; i < rows.length; i++) {
    const at = (rows[i] as number) * width + offset;
    const cell = cellOfValue(values[at] as number);
    counts[cell] = (counts[cell] as number) + 1;
  }
}

/** Remembers what it has looked up: a column has far fewer values than rows. */
function cellsOf(
  grid: CategoricalGrid,
  column: Exclude<TapColumn, { kind: 'any' }>,
): (value: number) => number {
  if (column.kind === 'text') {
    const { texts } = column;
    const cells = new Int32Array(texts.length).fill(-1);
    return (place) => {
      if (place === NO_TEXT) return grid.missing;
      let cell = cells[place] as number;
      if (cell < 0) {
        cell = categoryCell(grid, texts[place] as string, 'string');
        cells[place] = cell;
      }
      return cell;
    };
  }
  if (column.kind === 'bool') {
    const cells = [
      categoryCell(grid, 'false', 'boolean'),
      categoryCell(grid, 'true', 'boolean'),
      grid.missing,
    ];
    return (value) => cells[value] as number;
  }
  const small = new Int32Array(SMALL).fill(-1);
  const seen = new Map<number, number>();
  return (x) => {
    if (x >= 0 && x < SMALL && Number.isInteger(x)) {
      let cell = small[x] as number;
      if (cell < 0) {
        cell = cellOf(grid, x);
        small[x] = cell;
      }
      return cell;
    }
    let cell = seen.get(x);
    if (cell === undefined) {
      cell = cellOf(grid, x);
      seen.set(x, cell);
    }
    return cell;
  };
}
const SMALL = 256;

function countAny(
  pane: Pane,
  grid: Grid,
  { width, values }: TapColumn & { kind: 'any' },
  offset: number,
  rows: Uint32Array,
): void {
  for (let i = 0; i < rows.length; i++)
    addValue(pane, grid, values[(rows[i] as number) * width + offset] as FeatureValue);
}

/** Adds one value. */
export function addValue(pane: Pane, grid: Grid, value: FeatureValue | undefined): void {
  const cell = cellOf(grid, value);
  pane.counts[cell] = (pane.counts[cell] as number) + 1;
  if (grid.kind !== 'numeric' || typeof value !== 'number' || !Number.isFinite(value)) return;
  const x = grid.single ? Math.fround(value) : value;
  if (!Number.isFinite(x)) return;
  pane.sum += x;
  if (pane.squares !== null) pane.squares += (x - grid.origin) ** 2;
  if (x < pane.min) pane.min = x;
  if (x > pane.max) pane.max = x;
}
