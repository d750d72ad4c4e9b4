import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsWithin } from './grid-columns.ts';

describe('columns in sight', () => {
  test('all of them where all fit', () => {
    expect(columnsWithin([100, 100, 100], 0, 1_000)).toEqual({ from: 0, to: 3, before: 0 });
  });

  test('none is missing in the view, and the room of the others is kept', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 96, max: 210 }), { maxLength: 120 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 200, max: 3_000 }),
        (widths, left, room) => {
          const { from, to, before } = columnsWithin(widths, left, room);
          const sum = (of: number[]) => of.reduce((total, width) => total + width, 0);
          expect(before).toBe(sum(widths.slice(0, from)));
          let at = 0;
          for (const [index, width] of widths.entries()) {
            const seen = at < left + room && at + width > left;
            if (seen) expect(index >= from && index < to).toBe(true);
            at += width;
          }
        },
      ),
    );
  });
});
