import { expect, test } from 'vitest';
import { BusinessPoint } from '../../../src-main/contract/business-metrics.ts';
import { LANGUAGES, pushSnippet } from './snippets.ts';

const place = {
  endpoint: 'flights',
  metric: 'bookings',
  url: 'http://10.0.0.2:9000/v2/models/flights/infer',
};

test('figures go to the server that answered', () => {
  for (const { value } of LANGUAGES)
    expect(pushSnippet(value, place)).toContain('http://10.0.0.2:9000/v2/lathe/business-metrics');
  expect(pushSnippet('curl', { ...place, url: null })).toContain('http://127.0.0.1:8000/');
});

test('the body of curl holds points as the contract has them', () => {
  const body = JSON.parse(/-d '(.*)'$/.exec(pushSnippet('curl', place))?.[1] ?? '') as { points: unknown[] };
  expect(body).toMatchObject({ endpoint: 'flights' });
  expect(body.points.map((point) => BusinessPoint.safeParse(point).success)).toEqual([true]);
});
