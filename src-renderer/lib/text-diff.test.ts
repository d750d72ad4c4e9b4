import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changedParts,
  countChanges,
  diffLines,
  folded,
  linesOf,
  middleOf,
  replaced,
  toLines,
} from './text-diff.ts';

const line = fc.constantFrom('a', 'b', 'c', '', '  a', 'ü');
const text = fc.array(line, { maxLength: 30 });

describe('a diff of lines', () => {
  test('holds both texts, each in its order', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const runs = diffLines(left, right) ?? replaced(left, right);
        const lines = toLines(runs, left, right);
        const side = (not: 'added' | 'removed') => lines.filter(({ kind }) => kind !== not);
        expect(side('added').map((one) => one.text)).toEqual(left);
        expect(side('removed').map((one) => one.text)).toEqual(right);
        expect(side('added').map((one) => one.left)).toEqual(left.map((_, at) => at + 1));
        expect(side('removed').map((one) => one.right)).toEqual(right.map((_, at) => at + 1));
        const { added, removed } = countChanges(runs);
        expect(added - removed).toBe(right.length - left.length);
      }),
    );
  });

  test('of a text with itself has no change, and it is given up within its limits', () => {
    expect(diffLines(['a', 'b'], ['a', 'b'])).toEqual([{ kind: 'same', count: 2 }]);
    const [left, right] = ['l', 'r'].map((side) => Array.from({ length: 100 }, (_, at) => `${side}${at}`));
    expect(diffLines(left ?? [], right ?? [], { edits: 10 })).toBeNull();
  });

  test('pairs the lines that took each other’s place', () => {
    const [left, right] = [
      ['x', 'lr = 1', 'same'],
      ['x', 'lr = 2', 'more', 'same'],
    ];
    const lines = toLines(diffLines(left, right) ?? [], left, right);
    expect(lines.filter(({ kind }) => kind !== 'same').map(({ text: of, other }) => [of, other])).toEqual([
      ['lr = 1', 'lr = 2'],
      ['lr = 2', 'lr = 1'],
      ['more', null],
    ]);
  });
});

test('folding hides only lines that are the same, and opening all gaps shows all', () => {
  fc.assert(
    fc.property(text, text, fc.nat({ max: 3 }), (left, right, context) => {
      const lines = toLines(diffLines(left, right) ?? [], left, right);
      const shown = folded(lines, context, new Set());
      const changed = lines.filter(({ kind }) => kind !== 'same');
      expect(shown.filter(({ kind }) => kind === 'added' || kind === 'removed')).toEqual(changed);
      const hidden = shown.reduce((sum, one) => sum + (one.kind === 'gap' ? one.count : 1), 0);
      expect(hidden).toBe(lines.length);
      const gaps = shown.flatMap((one) => (one.kind === 'gap' ? [one.at] : []));
      expect(folded(lines, context, new Set(gaps))).toEqual(lines);
    }),
  );
});

describe('changes within a line', () => {
  test('joined are the line, and what is not changed is in the other one', () => {
    const words = fc.array(fc.constantFrom('a', 'b', ' ', '=', 'é', '🦦', '0.1'), { maxLength: 20 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const parts = changedParts(a.join(''), b.join(''));
        expect(parts.map((part) => part.text).join('')).toBe(a.join(''));
        for (const part of parts) if (!part.changed) expect(b.join('')).toContain(part.text);
      }),
    );
  });

  test('are the words that differ', () => {
    expect(changedParts('lr = 0.01, seed = 1', 'lr = 0.1, seed = 1').filter((one) => one.changed)).toEqual([
      { text: '01', changed: true },
    ]);
  });

  test('of very long lines are what lies between the same ends', () => {
    const same = 'x'.repeat(1_000);
    expect(changedParts(`${same}A${same}`, `${same}BB${same}`).find((one) => one.changed)?.text).toBe('A');
  });

  test('never cut a character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const { before, changed, after } = middleOf(a, b);
        expect(before + changed + after).toBe(a);
        for (const part of [before, changed, after]) expect(part.isWellFormed()).toBe(true);
      }),
    );
  });
});

test('lines end with their ends', () => {
  expect(linesOf('')).toEqual([]);
  expect(linesOf('a\n')).toEqual(['a']);
  expect(linesOf('a\n\nb')).toEqual(['a', '', 'b']);
});
