/**
 * Where a series' packed points and summaries lie. Level 0 is the points themselves, level 1 summaries of 16 points
 * each, every level above of four of the one below. A row of `rollup` holds a chunk of a level.
 */

/** Points in a chunk of level 0, and summaries in one of the others. A chunk of level 0 is whole nodes of level 4. */
export const CHUNK_POINTS = 1024;
export const CHUNK_NODES = 256;
/** A shorter series has level 0 alone. */
export const LEVELS_FROM = 4096;
const FIRST = 16;
const FACTOR = 4;
/** The topmost has one summary of 4 billion points. */
const TOP = 15;

/** Points that a summary of the level stands for. */
export const sizeOf = (level: number): number => (level === 0 ? 1 : FIRST * FACTOR ** (level - 1));

/** Levels of a series of n points: 0 up to this one. The topmost has one summary, or few. */
export function topLevel(n: number): number {
  if (n < LEVELS_FROM) return 0;
  let level = 1;
  while (level < TOP && sizeOf(level) < n) level++;
  return level;
}

const LEVEL = 2 ** 20;
const SERIES = 2 ** 24;

/** Rowid in `rollup`. */
export const chunkId = (series: number, level: number, chunk: number): number =>
  series * SERIES + level * LEVEL + chunk;

/** The same in SQL, of the first chunk of a series' points; `series` is an expression. */
export const firstChunkSql = (series: string): string => `${series} * ${SERIES}`;
