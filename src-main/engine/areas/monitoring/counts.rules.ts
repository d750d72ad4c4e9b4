/** Counts by cell: sparse while they change, packed where they are stored, lists of every cell where they are read. */
import { SCORE_BINS } from './ranks.rules.ts';

export type Counts = Map<number, number>;
/** Scores by cell of ranks.rules.ts: of all predictions, and of those labelled positive and negative. Of binary models. */
export type Scores<List> = { all: List; positive: List; negative: List };

export function bump(counts: Counts, cell: number, by: number): void {
  const n = (counts.get(cell) ?? 0) + by;
  if (n === 0) counts.delete(cell);
  else counts.set(cell, n);
}

/** Cells that a delay can have: of a thousand years. */
export const DELAY_CELLS = 560;
const SCORE_LISTS = 3;
const scratch = {
  scores: Array.from({ length: SCORE_LISTS }, () => new Float64Array(SCORE_BINS)),
  delays: [new Float64Array(DELAY_CELLS)],
  /** The most that lists of numbers below 2^53 take. */
  bytes: new Uint8Array(SCORE_LISTS * (SCORE_BINS * 10 + 2)),
};

/** Stored counts with a change added; null where nothing is left. */
export function mergeScores(stored: Uint8Array | null, change: Scores<Counts>): Buffer | null {
  return merged(stored ? [stored] : [], scratch.scores, [change.all, change.positive, change.negative]);
}
export const mergeDelays = (stored: Uint8Array | null, change: Counts): Buffer | null =>
  merged(stored ? [stored] : [], scratch.delays, [change]);

/** Stored counts added up. */
export const sumScores = (...stored: Uint8Array[]): Buffer | null => merged(stored, scratch.scores, []);
export const sumDelays = (...stored: Uint8Array[]): Buffer | null => merged(stored, scratch.delays, []);

function merged(
  stored: readonly Uint8Array[],
  lists: readonly Float64Array[],
  changes: readonly Counts[],
): Buffer | null {
  for (const list of lists) list.fill(0);
  addPacked(stored, lists, 1);
  for (const [at, counts] of changes.entries()) {
    const list = lists[at] as Float64Array;
    for (const [cell, n] of counts) list[cell] = (list[cell] as number) + n;
  }
  return packLists(lists);
}

/**
 * List after list. Sparse: how many cells are not 0, then pairs of the step to the next one and its count, as LEB128.
 * Dense, where that is not twice as long and no count is below 0, as it is read in a fifth of the time: the byte 1, 3 or 5,
 * which no sparse list begins with, then every cell in 1, 2 or 4 bytes, the lowest first.
 */
export function packLists(lists: readonly Float64Array[]): Buffer | null {
  const { bytes } = scratch;
  let end = 0;
  let any = false;
  for (const list of lists) {
    let filled = 0;
    let most = 0;
    let least = 0;
    for (let cell = 0; cell < list.length; cell++) {
      const n = list[cell] as number;
      if (n === 0) continue;
      filled += 1;
      if (n > most) most = n;
      if (n < least) least = n;
    }
    any ||= filled > 0;
    const width = least < 0 || most >= 2 ** 32 ? null : most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : 4;
    const sparse = putSparse(bytes, end, list, filled);
    if (width === null || 1 + width * list.length >= 2 * (sparse - end)) {
      end = sparse;
      continue;
    }
    bytes[end++] = DENSE[width];
    for (let cell = 0; cell < list.length; cell++)
      for (let byte = 0; byte < width; byte++)
        bytes[end++] = Math.floor((list[cell] as number) / 2 ** (8 * byte)) % 256;
  }
  return any ? Buffer.from(bytes.subarray(0, end)) : null;
}
const DENSE = { 1: 1, 2: 3, 4: 5 } as const;

function putSparse(bytes: Uint8Array, at: number, list: Float64Array, filled: number): number {
  let end = put(bytes, at, filled);
  let before = 0;
  for (let cell = 0; cell < list.length; cell++) {
    const n = list[cell] as number;
    if (n === 0) continue;
    end = put(bytes, end, cell - before);
    end = put(bytes, end, n);
    before = cell;
  }
  return end;
}

/** Zigzag: a slice's counts may be below 0 while rows are sorted in. */
function put(bytes: Uint8Array, at: number, value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let end = at;
  while (rest >= 128) {
    bytes[end++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  bytes[end++] = rest;
  return end;
}

/** Adds stored scores to the lists that have room for them; −1 takes them away. */
export const addScores = (
  stored: readonly Uint8Array[],
  { all, positive, negative }: Scores<Float64Array>,
  times: 1 | -1,
): void => addPacked(stored, positive.length === 0 ? [all] : [all, positive, negative], times);

/** Of the scores of all rows, those below a bin and those from there on: their number, and the sum of what each weighs. */
export type Weighed = { below: number; from: number; weightBelow: number; weightFrom: number };

/** @param weights by bin */
export function weighScores(stored: readonly Uint8Array[], weights: Float64Array, from: number): Weighed {
  const sum: Weighed = { below: 0, from: 0, weightBelow: 0, weightFrom: 0 };
  const [list] = scratch.scores as [Float64Array];
  for (const bytes of stored) {
    if (bytes[0] === DENSE[1]) {
      weigh(sum, bytes.subarray(1, 1 + SCORE_BINS), weights, from);
      continue;
    }
    list.fill(0);
    addPacked([bytes], [list], 1);
    weigh(sum, list, weights, from);
  }
  return sum;
}

function weigh(sum: Weighed, counts: Uint8Array | Float64Array, weights: Float64Array, from: number): void {
  const part = (first: number, end: number): [number, number] => {
    let [rows, weight] = [0, 0];
    for (let bin = first; bin < end; bin++) {
      const n = counts[bin] as number;
      rows += n;
      weight += n * (weights[bin] as number);
    }
    return [rows, weight];
  };
  const [below, weightBelow] = part(0, from);
  const [above, weightFrom] = part(from, SCORE_BINS);
  sum.below += below;
  sum.weightBelow += weightBelow;
  sum.from += above;
  sum.weightFrom += weightFrom;
}

/** Adds stored delays. */
export const addDelays = (stored: readonly Uint8Array[], delays: Float64Array): void =>
  addPacked(stored, [delays], 1);

export function delaysOf(stored: Uint8Array | null): Counts {
  const [list] = scratch.delays as [Float64Array];
  list.fill(0);
  if (stored) addPacked([stored], [list], 1);
  const found: Counts = new Map();
  for (let cell = 0; cell < list.length; cell++) if (list[cell] !== 0) found.set(cell, list[cell] as number);
  return found;
}

/** Lists without room are of scores, and passed over. */
function addPacked(stored: readonly Uint8Array[], lists: readonly Float64Array[], times: 1 | -1): void {
  const places = new Array<number>(stored.length).fill(0);
  for (const list of lists) {
    const cells = list.length || SCORE_BINS;
    /** How many lists of single bytes are taken in and not added yet. */
    let alike = 0;
    for (let at = 0; at < stored.length; at++) {
      const bytes = stored[at] as Uint8Array;
      const place = places[at] as number;
      const form = bytes[place] as number;
      if (form === DENSE[1]) {
        alike = list.length > 0 ? takeIn(list, bytes, place + 1, alike, times) : 0;
        places[at] = place + 1 + cells;
      } else if (form % 2 === 0) places[at] = addSparse(bytes, place, list, times);
      else {
        const width = form === DENSE[2] ? 2 : 4;
        if (list.length > 0) addWide(bytes, place + 1, list, width, times);
        places[at] = place + 1 + width * cells;
      }
    }
    if (alike > 0) addAlike(list, alike, times);
  }
}

const SIDE_BY_SIDE = 3;
const alikes = Array.from({ length: SIDE_BY_SIDE }, () => new Uint8Array(SCORE_BINS));

/** Puts a list beside those that are added together, and adds them once they are as many; how many there are then. */
function takeIn(list: Float64Array, bytes: Uint8Array, from: number, count: number, times: 1 | -1): number {
  (alikes[count] as Uint8Array).set(bytes.subarray(from, from + list.length));
  if (count + 1 < SIDE_BY_SIDE) return count + 1;
  addAlike(list, SIDE_BY_SIDE, times);
  return 0;
}

/** Together, as most of the time is what goes to the list and back. */
function addAlike(list: Float64Array, count: number, times: 1 | -1): void {
  const [a, b, c] = alikes as [Uint8Array, Uint8Array, Uint8Array];
  if (count === 1 && times === 1)
    for (let cell = 0; cell < list.length; cell++) list[cell] = (list[cell] as number) + (a[cell] as number);
  else if (count === 1)
    for (let cell = 0; cell < list.length; cell++) list[cell] = (list[cell] as number) - (a[cell] as number);
  else {
    if (count === 2) c.fill(0);
    for (let cell = 0; cell < list.length; cell++)
      list[cell] =
        (list[cell] as number) + times * ((a[cell] as number) + (b[cell] as number) + (c[cell] as number));
  }
}

function addWide(bytes: Uint8Array, from: number, list: Float64Array, width: 2 | 4, times: 1 | -1): void {
  for (let byte = 0; byte < width; byte++) {
    const value = times * 2 ** (8 * byte);
    for (let cell = 0, at = from + byte; cell < list.length; cell++, at += width)
      list[cell] = (list[cell] as number) + value * (bytes[at] as number);
  }
}

/** Where the list ends. */
function addSparse(stored: Uint8Array, from: number, list: Float64Array, times: 1 | -1): number {
  let at = from;
  const take = (): number => {
    let byte = stored[at++] as number;
    if (byte < 128) return byte;
    let rest = byte - 128;
    let scale = 128;
    do {
      byte = stored[at++] as number;
      rest += (byte % 128) * scale;
      scale *= 128;
    } while (byte >= 128);
    return rest;
  };
  const signed = (raw: number) => (raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2);
  let cell = 0;
  let left = signed(take());
  if (list.length === 0) for (left *= 2; left > 0; left--) take();
  for (; left > 0; left--) {
    cell += signed(take());
    list[cell] = (list[cell] as number) + times * signed(take());
  }
  return at;
}
