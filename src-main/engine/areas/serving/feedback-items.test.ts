/** What is no feedback is refused as a whole, and the place of it is named. */
import { describe, expect, it } from 'vitest';
import { checkedFeedback } from './feedback-items.ts';

const label = { requestId: 'a', label: '1' };
const entity = { entity: 'customer-7', endpoint: 'churn', label: '1', atMs: 1_790_000_000_000, withinMs: 1 };

describe('an item of feedback', () => {
  it('is a label or a reward of one prediction', () => {
    const items = [label, { predictionId: 'a#1', reward: -2.5 }, { ...label, row: 3, atMs: 5 }, entity];
    expect(checkedFeedback(items)).toEqual(items);
  });

  it.each<[string, unknown, string]>([
    ['null', null, ''],
    ['a text', 'a', ''],
    ['a list', [label], ''],
    ['of nothing', {}, ''],
    ['without what it is about', { label: '1' }, 'give either'],
    ['about two things', { ...label, predictionId: 'a' }, 'give either'],
    ['without a word', { requestId: 'a' }, 'give a reward'],
    ['with a number as a label', { requestId: 'a', label: 1 }, 'label'],
    ['with an empty label', { requestId: 'a', label: '' }, 'label'],
    ['with a label of a page', { requestId: 'a', label: 'x'.repeat(201) }, 'label'],
    // NaN of a body comes as null.
    ['with NaN as a reward', { requestId: 'a', reward: null }, 'reward'],
    ['with NaN itself', { requestId: 'a', reward: Number.NaN }, 'reward'],
    ['with a reward without end', { requestId: 'a', reward: Number.POSITIVE_INFINITY }, 'reward'],
    ['with a text as a reward', { requestId: 'a', reward: '1' }, 'reward'],
    ['with a time in words', { ...label, atMs: 'today' }, 'atMs'],
    ['with half a millisecond', { ...label, atMs: 0.5 }, 'atMs'],
    ['with half a row', { ...label, row: 0.5 }, 'row'],
    ['with a row before the first', { ...label, row: -1 }, 'row'],
    ['of an entity without a time', { ...entity, atMs: undefined }, 'an entity comes with'],
    ['of an entity with a reward', { ...entity, reward: 1 }, 'an entity comes with'],
    ['of an endpoint that is a path', { ...entity, endpoint: '../etc' }, 'endpoint'],
  ])('%s is refused, with all that came with it', (_, item, word) => {
    expect(() => checkedFeedback([label, item])).toThrow(
      expect.objectContaining({
        code: 'LATHE_INPUT_INVALID',
        message: expect.stringMatching(new RegExp(`item 1.*${word}`)),
      }),
    );
  });

  it('is one of a thousand at most, and of one at least', () => {
    expect(checkedFeedback(Array(1_000).fill(label))).toHaveLength(1_000);
    expect(() => checkedFeedback(Array(1_001).fill(label))).toThrow();
    expect(() => checkedFeedback([])).toThrow();
  });
});
