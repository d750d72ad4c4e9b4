import { expect, test } from 'vitest';
import { clientEnvironment, mirrorIn } from './configuration.mjs';

test.each([
  ['one line', 'deb http://mirror.example/debian bookworm main\n', 'http://mirror.example/debian'],
  [
    'with options',
    'deb [signed-by=/k.gpg] https://m.example/debian/ trixie main',
    'https://m.example/debian/',
  ],
  [
    'deb822',
    'Types: deb\n# http://old.example/debian\nURIs: http://mirror.example/debian\n',
    'http://mirror.example/debian',
  ],
  ['another archive', 'deb http://mirror.example/debian-security bookworm-security main', null],
  ['Ubuntu', 'deb http://archive.example/ubuntu noble main', null],
])('the mirror in a source list: %s', (_, text, mirror) => {
  expect(mirrorIn(text)).toBe(mirror);
});

test('a bare machine gets no more of the environment than it needs to fetch', () => {
  process.env.HTTPS_PROXY = 'http://proxy.example';
  process.env.MY_TOKEN = 'secret';
  const env = clientEnvironment();
  delete process.env.HTTPS_PROXY;
  delete process.env.MY_TOKEN;
  expect(env).toMatchObject({ HTTPS_PROXY: 'http://proxy.example', HOME: '/root' });
  expect(env).not.toHaveProperty('MY_TOKEN');
});
