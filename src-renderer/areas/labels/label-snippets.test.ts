import { expect, test } from 'vitest';
import { LANGUAGES, labelSnippet } from './label-snippets.ts';

test('every way names the server that answered', () => {
  for (const { value } of LANGUAGES.filter(({ value: way }) => way !== 'cli'))
    expect(labelSnippet(value, 'http://10.0.0.2:9000/v2/models/flights/infer')).toContain(
      'http://10.0.0.2:9000/v2/lathe/feedback',
    );
});

test('without a server the usual address stands there', () => {
  expect(labelSnippet('curl', null)).toContain('http://127.0.0.1:8000/v2/lathe/feedback');
});

test('the body of curl is valid JSON', () => {
  const body = /-d '(.*)'$/.exec(labelSnippet('curl', null))?.[1] ?? '';
  expect(JSON.parse(body)).toEqual({ items: [{ requestId: '<id of the answer>', label: '1' }] });
});
