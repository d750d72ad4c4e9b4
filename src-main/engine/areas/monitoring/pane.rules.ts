/**
 * A pane is what one feature's values in one window come to: counts on the frozen grid, and moments for the mean and its
 * uncertainty. Merging is addition, so that neither the order of rows nor how they were cut into messages matters.
 */
import type { Grid } from './profile.rules.ts';

export type Pane = {
  counts: Uint32Array;
  /** Of the finite numbers. */
  sum: number;
  /** Σ (x − grid.origin)². Null where rows were counted before squares were. */
  squares: number | null;
  /** Infinity and −Infinity while there is none. */
  min: number;
  max: number;
};

export const emptyPane = (size: number): Pane => ({
  counts: new Uint32Array(size),
  sum: 0,
  squares: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

/** Makes it empty again. */
export function clearPane(pane: Pane): void {
  pane.counts.fill(0);
  Object.assign(pane, { sum: 0, squares: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY });
}

/** Adds what is stored into `pane`, which grows when it has fewer cells. */
export function mergeStored(
  pane: Pane,
  { form, counts, moments }: StoredCounts & { moments: Moments },
): void {
  if (form === 0) widen(pane, counts.byteLength >> 2);
  // Cells are at most a few hundred: doubling ends soon.
  while (!addStored(pane.counts, { form, counts }, 1)) widen(pane, Math.max(CELLS, 2 * pane.counts.length));
  mergeMoments(pane, moments);
}

/** Most grids have fewer cells. */
const CELLS = 264;

function widen(pane: Pane, size: number): void {
  if (pane.counts.length >= size) return;
  const counts = new Uint32Array(size);
  counts.set(pane.counts);
  pane.counts = counts;
}

export type Moments = Omit<Pane, 'counts'>;

export function mergeMoments(into: Moments, other: Moments): void {
  into.sum += other.sum;
  into.squares = into.squares === null || other.squares === null ? null : into.squares + other.squares;
  if (other.min < into.min) into.min = other.min;
  if (other.max > into.max) into.max = other.max;
}

export function totalOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) sum += counts[at] as number;
  return sum;
}

/** Values that are numbers (numeric), or any value of the right type (categorical), of `n` in `counts`. */
export function presentOf(
  grid: Pick<Grid, 'kind' | 'size' | 'missing'>,
  counts: ArrayLike<number>,
  n: number,
): number {
  // What is not there is in the cells from `missing` on; of a category, unseen values are there.
  const absent =
    grid.kind === 'numeric'
      ? count(counts, grid.missing) + count(counts, grid.size - 2) + count(counts, grid.size - 1)
      : count(counts, grid.missing) + count(counts, grid.size - 1);
  return n - absent;
}

/** Unbiased standard deviation of `n` values; null where it is not known. */
export function deviation({ sum, squares }: Moments, n: number, origin: number): number | null {
  if (squares === null || n < 2) return null;
  const shift = sum / n - origin;
  const variance = (squares - n * shift * shift) / (n - 1);
  return Number.isFinite(variance) ? Math.sqrt(Math.max(0, variance)) : null;
}

const count = (counts: ArrayLike<number>, cell: number): number => counts[cell] ?? 0;

// ---- as stored -----------------------------------------------------------------------------------------

let scratch = new Uint8Array(64 * 1024);

/** A count takes five bytes at most, and how many cells were skipped two or three. */
const CELL_BYTES = 8;

function reserve(bytes: number): Uint8Array {
  if (scratch.length < bytes) {
    const wider = new Uint8Array(2 * bytes);
    wider.set(scratch);
    scratch = wider;
  }
  return scratch;
}

/**
 * Counts as stored since schema 9: for each cell that is not empty, how many cells were skipped and the count, both as
 * varints (seven bits a byte, the lowest first, the eighth says that more follow).
 */
export function encodeCounts(counts: Uint32Array): Uint8Array {
  return scratch.slice(0, writeCounts(counts, 0));
}

/** Writes to the scratch at `from`; returns where it ends. */
function writeCounts(counts: Uint32Array, from: number): number {
  const out = reserve(from + counts.length * CELL_BYTES);
  let at = from;
  let skipped = 0;
  for (let cell = 0; cell < counts.length; cell++) {
    const value = counts[cell] as number;
    if (value === 0) {
      skipped += 1;
      continue;
    }
    at = putVarint(out, at, skipped);
    at = putVarint(out, at, value);
    skipped = 0;
  }
  return at;
}

/** Counts as stored; `form` says how, see encodeCounts and addWideCounts. */
export type StoredCounts = { form: number; counts: Uint8Array };
/** The same within a larger blob, of which nothing is copied. */
export type StoredStretch = StoredCounts & { from: number; to: number };

/**
 * Adds stored counts (`times` 1, or takes them away, −1) to `into`. False, with nothing done, when they have more cells:
 * they are then of another grid.
 */
export const addStored = (
  into: Uint32Array | Float64Array,
  { form, counts }: StoredCounts,
  times: 1 | -1,
): boolean => addStretch(into, { form, counts, from: 0, to: counts.length }, times);

export const addStretch = (
  into: Uint32Array | Float64Array,
  stored: StoredStretch,
  times: 1 | -1,
): boolean =>
  stored.form === 0 ? addWideCounts(into, stored, times, null) : addCounts(into, stored, times, null);

/** Where in a longer list of counts a pane's go: to `first` and on, merged as `binOfCell` says. */
export type Target = { first: number; binOfCell: Uint8Array };

/** Adds stored counts there. False, with nothing done, when they have more cells. */
export const addTo = (into: Float64Array, stored: StoredStretch, target: Target): boolean =>
  stored.form === 0 ? addWideCounts(into, stored, 1, target) : addCounts(into, stored, 1, target);

function addCounts(
  into: Uint32Array | Float64Array,
  stored: StoredStretch,
  times: 1 | -1,
  target: Target | null,
): boolean {
  const last = addCells(into, stored, times, target);
  if (last < (target?.binOfCell ?? into).length) return true;
  // What went past the end went nowhere; the rest is taken back.
  addCells(into, stored, times === 1 ? -1 : 1, target);
  return false;
}

/** Returns the last cell, which is the highest. */
function addCells(
  into: Uint32Array | Float64Array,
  { counts: stored, from, to }: StoredStretch,
  times: 1 | -1,
  target: Target | null,
): number {
  // Nothing is called within the loop: it runs for each of a million cells.
  const first = target?.first ?? 0;
  const binOfCell = target?.binOfCell ?? null;
  const cells = (binOfCell ?? into).length;
  let cell = -1;
  let at = from;
  while (at < to) {
    let skipped = stored[at++] as number;
    if (skipped > 127) {
      skipped &= 127;
      for (let shift = 128; ; shift *= 128) {
        const byte = stored[at++] as number;
        skipped += (byte & 127) * shift;
        if (byte < 128) break;
      }
    }
    cell += skipped + 1;
    let n = stored[at++] as number;
    if (n > 127) {
      n &= 127;
      for (let shift = 128; ; shift *= 128) {
        const byte = stored[at++] as number;
        n += (byte & 127) * shift;
        if (byte < 128) break;
      }
    }
    const place =
      first + (binOfCell === null ? cell : cell < cells ? (binOfCell[cell] as number) : into.length);
    into[place] = (into[place] as number) + times * n;
  }
  return cell;
}

/** Counts as stored before schema 9: u32 little-endian, one for each cell there was then. */
function addWideCounts(
  into: Uint32Array | Float64Array,
  { counts, from, to }: StoredStretch,
  times: 1 | -1,
  target: Target | null,
): boolean {
  const view = new DataView(counts.buffer, counts.byteOffset + from, to - from);
  const cells = (to - from) >> 2;
  if (cells > (target?.binOfCell ?? into).length) return false;
  for (let cell = 0; cell < cells; cell++) {
    const place = target ? target.first + (target.binOfCell[cell] as number) : cell;
    into[place] = (into[place] as number) + times * view.getUint32(4 * cell, true);
  }
  return true;
}

function putVarint(out: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value;
  while (rest > 127) {
    out[at++] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}

/** Panes of several features in one blob: for each u32 id, u32 bytes of counts, four f64 of moments, the counts. */
const PACKED_HEAD = 8 + 4 * 8;

export function packPanes(panes: Iterable<{ id: number; pane: Pane }>): Uint8Array {
  let at = 0;
  for (const { id, pane } of panes) {
    reserve(at + PACKED_HEAD);
    const end = writeCounts(pane.counts, at + PACKED_HEAD);
    const view = new DataView(scratch.buffer, at, PACKED_HEAD);
    view.setUint32(0, id, true);
    view.setUint32(4, end - at - PACKED_HEAD, true);
    view.setFloat64(8, pane.sum, true);
    view.setFloat64(16, pane.squares ?? Number.NaN, true);
    view.setFloat64(24, pane.min, true);
    view.setFloat64(32, pane.max, true);
    at = end;
  }
  return scratch.slice(0, at);
}

/** A pane as stored. */
export type StoredPane = StoredStretch & Moments;

/**
 * Tells the panes of a blob, one after the other in one object that is used again: of a chart of minutes they are a
 * million, most of other features.
 */
export function eachPacked(blob: Uint8Array, seen: (id: number, pane: StoredPane) => void): void {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const pane: StoredPane = { form: 1, counts: blob, from: 0, to: 0, sum: 0, squares: 0, min: 0, max: 0 };
  while (pane.to < blob.length) {
    const at = pane.to;
    const squares = view.getFloat64(at + 16, true);
    pane.from = at + PACKED_HEAD;
    pane.to = pane.from + view.getUint32(at + 4, true);
    pane.sum = view.getFloat64(at + 8, true);
    pane.squares = Number.isNaN(squares) ? null : squares;
    pane.min = view.getFloat64(at + 24, true);
    pane.max = view.getFloat64(at + 32, true);
    seen(view.getUint32(at, true), pane);
  }
}

/** Blobs of panes cut up: by what `partOf` says of an id, one blob with the panes of all of them, which may be of one id. */
export function splitPacked(
  blobs: readonly Uint8Array[],
  partOf: (id: number) => number,
): Map<number, Uint8Array> {
  const parts = new Map<number, Uint8Array[]>();
  for (const blob of blobs)
    eachPacked(blob, (id, { from, to }) => {
      const part = partOf(id);
      const own = parts.get(part) ?? [];
      parts.set(part, own);
      own.push(blob.subarray(from - PACKED_HEAD, to));
    });
  return new Map([...parts].map(([part, slices]) => [part, Buffer.concat(slices)]));
}

/** What a blob of panes holds; the counts are views of it. */
export function unpackPanes(
  blob: Uint8Array,
): { id: number; moments: Moments; form: number; counts: Uint8Array }[] {
  const panes: ReturnType<typeof unpackPanes> = [];
  eachPacked(blob, (id, { form, from, to, sum, squares, min, max }) =>
    panes.push({ id, moments: { sum, squares, min, max }, form, counts: blob.subarray(from, to) }),
  );
  return panes;
}
