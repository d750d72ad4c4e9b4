import { expect, test } from 'vitest';
import { pagesOf } from './alerts.ts';

test('all pages of alerts are asked for, each by the end of the one before', async () => {
  const pages = [
    { alerts: ['a', 'b'], next: 'open-2' },
    { alerts: ['c'], next: 'over-7' },
    { alerts: ['d'], next: null },
  ];
  const asked: unknown[] = [];
  const found: string[] = [];
  const list = async (where: unknown) => {
    asked.push(where);
    return pages[asked.length - 1] ?? { alerts: [], next: null };
  };
  const wanted = { state: 'all', limit: 2 } as const;
  for await (const { alerts } of pagesOf(list, wanted)) found.push(...alerts);
  expect(found).toEqual(['a', 'b', 'c', 'd']);
  expect(asked).toEqual([wanted, { ...wanted, before: 'open-2' }, { ...wanted, before: 'over-7' }]);
});
