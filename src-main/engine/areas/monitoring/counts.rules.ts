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

/** Stored counts with a change added; null where nothing is left. Short stays short: most cells are empty. */
export function mergeScores(stored: Uint8Array | null, change: Scores<Counts>): Buffer | null {
  return merged(stored, scratch.scores, [change.all, change.positive, change.negative]);
}
export const mergeDelays = (stored: Uint8Array | null, change: Counts): Buffer | null =>
  merged(stored, scratch.delays, [change]);

function merged(
  stored: Uint8Array | null,
  lists: readonly Float64Array[],
  changes: readonly Counts[],
): Buffer | null {
  for (const list of lists) list.fill(0);
  addPacked(stored, lists);
  for (const [at, counts] of changes.entries()) {
    const list = lists[at] as Float64Array;
    for (const [cell, n] of counts) list[cell] = (list[cell] as number) + n;
  }
  return packLists(lists);
}

/** For each list how many cells are not 0, then pairs of the step to the next one and its count, as LEB128. */
export function packLists(lists: readonly Float64Array[]): Buffer | null {
  const { bytes } = scratch;
  let end = 0;
  let any = false;
  for (const list of lists) {
    let filled = 0;
    for (let cell = 0; cell < list.length; cell++) if (list[cell] !== 0) filled += 1;
    any ||= filled > 0;
    end = put(bytes, end, filled);
    let before = 0;
    for (let cell = 0; cell < list.length; cell++) {
      const n = list[cell] as number;
      if (n === 0) continue;
      end = put(bytes, end, cell - before);
      end = put(bytes, end, n);
      before = cell;
    }
  }
  return any ? Buffer.from(bytes.subarray(0, end)) : null;
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

/** Adds stored scores to the lists that have room for them. */
export const addScores = (
  stored: Uint8Array | null,
  { all, positive, negative }: Scores<Float64Array>,
): void => addPacked(stored, positive.length === 0 ? [all] : [all, positive, negative]);

/** Adds stored delays. */
export const addDelays = (stored: Uint8Array | null, delays: Float64Array): void =>
  addPacked(stored, [delays]);

export function delaysOf(stored: Uint8Array | null): Counts {
  const [list] = scratch.delays as [Float64Array];
  list.fill(0);
  addPacked(stored, [list]);
  const found: Counts = new Map();
  for (let cell = 0; cell < list.length; cell++) if (list[cell] !== 0) found.set(cell, list[cell] as number);
  return found;
}

function addPacked(stored: Uint8Array | null, lists: readonly Float64Array[]): void {
  if (stored === null) return;
  let at = 0;
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
  for (const list of lists) {
    let cell = 0;
    let left = signed(take());
    if (list.length === 0) for (left *= 2; left > 0; left--) take();
    for (; left > 0; left--) {
      cell += signed(take());
      list[cell] = (list[cell] as number) + signed(take());
    }
  }
}
