/** Packed counts: whatever is stored, sparse or dense, of one arm or many, is read as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addScores, packLists, type Scores, sumScores, weighScores } from './counts.rules.ts';
import { SCORE_BINS } from './ranks.rules.ts';

/** From a handful of cells to all of them, from single rows to more than 32 bits hold, some below 0. */
const list = fc
  .record({
    share: fc.constantFrom(0, 0.002, 0.2, 0.4, 0.7, 1),
    most: fc.constantFrom(1, 200, 300, 60_000, 70_000, 2 ** 33),
    below: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ share, most, below, seed }) => {
    let state = seed;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    return Float64Array.from({ length: SCORE_BINS }, () => {
      if (random() >= share) return 0;
      const n = 1 + Math.floor(random() * most);
      return below && random() < 0.01 ? -n : n;
    });
  });
const lists = fc.tuple(list, list, list);

const none = (): Scores<Float64Array> => ({
  all: new Float64Array(SCORE_BINS),
  positive: new Float64Array(SCORE_BINS),
  negative: new Float64Array(SCORE_BINS),
});
const sumOf = (all: readonly Float64Array[]) =>
  Array.from({ length: SCORE_BINS }, (_, cell) => all.reduce((sum, each) => sum + (each[cell] as number), 0));

describe('packed counts', () => {
  it('are weighed as they were packed, below a bin and from there on', () => {
    // Whole numbers, so that the order of adding plays no part.
    const weights = Float64Array.from({ length: SCORE_BINS }, (_, bin) => (bin * 7) % 11);
    const some = fc.array(lists, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: SCORE_BINS }), (all, from) => {
        const stored = all.flatMap((each) => packLists(each) ?? []);
        const counts = sumOf(all.map(([list]) => list));
        const sum = (weighed: boolean, within: (bin: number) => boolean) =>
          counts.reduce(
            (total, n, bin) => (within(bin) ? total + n * (weighed ? (weights[bin] as number) : 1) : total),
            0,
          );
        expect(weighScores(stored, weights, from)).toEqual({
          below: sum(false, (bin) => bin < from),
          from: sum(false, (bin) => bin >= from),
          weightBelow: sum(true, (bin) => bin < from),
          weightFrom: sum(true, (bin) => bin >= from),
        });
      }),
    );
  });

  it('add up to what was packed, and take away again', () => {
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 7 }), (all) => {
        const stored = all.flatMap((each) => packLists(each) ?? []);
        const sums = none();
        addScores(stored, sums, 1);
        const expected = [0, 1, 2].map((at) => sumOf(all.map((each) => each[at] as Float64Array)));
        expect([[...sums.all], [...sums.positive], [...sums.negative]]).toEqual(expected);

        const together = none();
        const packed = sumScores(...stored);
        addScores(packed ? [packed] : [], together, 1);
        expect(together).toEqual(sums);

        addScores(stored, sums, -1);
        expect([sums.all, sums.positive, sums.negative].every((each) => each.every((n) => n === 0))).toBe(
          true,
        );
      }),
      { numRuns: 200 },
    );
  });

  it('are passed over where there is no room for them', () => {
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 4 }), (all) => {
        const stored = all.flatMap((each) => packLists(each) ?? []);
        const labelled = { ...none(), all: new Float64Array(0) };
        addScores(stored, labelled, 1);
        expect([...labelled.positive]).toEqual(sumOf(all.map(([, positive]) => positive)));
        expect([...labelled.negative]).toEqual(sumOf(all.map(([, , negative]) => negative)));
        const served = {
          all: new Float64Array(SCORE_BINS),
          positive: new Float64Array(0),
          negative: new Float64Array(0),
        };
        addScores(stored, served, 1);
        expect([...served.all]).toEqual(sumOf(all.map(([of]) => of)));
      }),
      { numRuns: 100 },
    );
  });

  it('are no longer than needed: twice the sparse form, or a byte for a cell', () => {
    const few = none();
    few.all[7] = 3;
    expect(packLists([few.all, few.positive, few.negative])?.length).toBe(5);
    const full = new Float64Array(SCORE_BINS).fill(200);
    expect(packLists([full, full, full])?.length).toBe(3 * (1 + SCORE_BINS));
    expect(packLists([few.positive, few.positive, few.negative])).toBeNull();
  });

  it('of older versions are read: sparse lists one after the other', () => {
    // Version 17 wrote these: two cells of all rows (7: 3, 900: 200), one positive (7: 1), no negative.
    const sums = none();
    addScores([Buffer.from('040e06fa0d9003020e0200', 'hex')], sums, 1);
    const cells = (counts: Float64Array) => [...counts.entries()].filter(([, n]) => n !== 0);
    expect(cells(sums.all)).toEqual([
      [7, 3],
      [900, 200],
    ]);
    expect(cells(sums.positive)).toEqual([[7, 1]]);
    expect(cells(sums.negative)).toEqual([]);
  });
});
