import { describe, expect, test } from 'vitest';
import { Feedback } from '../../../src-main/contract/ab-tests.ts';
import { EntityLabel } from '../../../src-main/contract/labels.ts';
import { LANGUAGES, labelSnippet } from './label-snippets.ts';

const place = { endpoint: 'flights', url: 'http://10.0.0.2:9000/v2/models/flights/infer' };

describe('labels as code', () => {
  test('every way but the command line names the server that answered', () => {
    for (const { value } of LANGUAGES.filter(({ value: language }) => language !== 'cli'))
      for (const way of ['id', 'entity'] as const)
        expect(labelSnippet(value, way, place)).toContain('http://10.0.0.2:9000/v2/lathe/feedback');
  });

  test('without a server the usual address stands there', () => {
    expect(labelSnippet('curl', 'id', { ...place, url: null })).toContain(
      'http://127.0.0.1:8000/v2/lathe/feedback',
    );
  });

  test.each([
    ['id', Feedback],
    ['entity', EntityLabel],
  ] as const)('the body of curl by %s is a label as the contract has it', (way, schema) => {
    const body = /-d '(.*)'$/.exec(labelSnippet('curl', way, place))?.[1] ?? '';
    const { items } = JSON.parse(body) as { items: unknown[] };
    expect(items.map((item) => schema.safeParse(item).error)).toEqual([undefined]);
  });
});
