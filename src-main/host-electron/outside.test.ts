import { expect, it } from 'vitest';
import { outsideUrl } from './outside.ts';

it.each(['https://example.org/a?b#c', 'mailto:a@example.org', 'http://127.0.0.1:8000/docs'])(
  '%s is opened',
  (url) => {
    expect(outsideUrl(url)).toBe(url);
  },
);

it.each([
  'file:///etc/passwd',
  'javascript:alert(1)',
  'lathe://app/',
  'http://example.org/docs',
  'http://127.0.0.1:8000/',
  'http://127.0.0.1:8000/docs?x=1',
  'http://127.0.0.1:8000/docs#x',
  'http://127.0.0.1:8000/docs/../v2/models',
  'http://a@127.0.0.1:8000/docs',
  'http://127.0.0.1.evil.example:80/docs',
  'https://a:b@example.org/',
  'no url',
])('%s is not', (url) => {
  expect(outsideUrl(url)).toBeNull();
});
