import { expect, test } from 'vitest';
import { tablePage } from './table-page.ts';

const rows = Array.from({ length: 720 }, (_, at) => at);

test('a long table begins with its newest rows, and page by page comes to all of them', () => {
  const [one, two, three] = [1, 2, 3].map((pages) => tablePage(rows, pages));
  expect([one?.rows[0], one?.rows.at(-1), one?.next]).toEqual([420, 719, 300]);
  expect(one?.says).toBe('The newest 300 of 720 rows');
  expect([two?.rows.length, two?.rows[0], two?.next]).toEqual([600, 120, 120]);
  expect(three).toEqual({ rows, says: null, next: 0 });
});

test('a table that keeps its first rows grows at its end', () => {
  const page = tablePage(rows, 1, 'first');
  expect([page.rows[0], page.rows.at(-1), page.says]).toEqual([0, 299, 'The first 300 of 720 rows']);
});

test('a short table is whole', () => {
  expect(tablePage(rows.slice(0, 300), 1)).toMatchObject({ says: null, next: 0 });
  expect(tablePage([], 1)).toEqual({ rows: [], says: null, next: 0 });
});
