import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLoopbackHost, refuseRequest } from './http-guard.ts';

const code = (...args: Parameters<typeof refuseRequest>) => refuseRequest(...args)?.code ?? null;

describe('the guard of local servers', () => {
  test.each(['127.0.0.1', '127.0.0.1:8000', 'localhost:1', 'LOCALHOST', '[::1]:8080', '[::1]'])(
    'answers to %s',
    (host) => expect(code({ host })).toBeNull(),
  );

  test.each([
    '',
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.nip.io:8000',
    '127.0.0.1@evil.example',
    '0.0.0.0:8000',
    '192.168.1.4:8000',
    '127.0.0.1:8000:1',
    'localhost:',
    '[::1',
    '::1',
    '127.0.0.1 ',
  ])('does not answer to %j', (host) => expect(code({ host })).toBe('LATHE_AUTH_HOST'));

  test('no host name but a loopback one passes', () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 0, max: 65_535 }), (domain, port) => {
        expect(isLoopbackHost(`${domain}:${port}`)).toBe(domain === 'localhost');
      }),
    );
  });

  test('a page of any origin is refused where none belongs', () => {
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'file://', ''])
      expect(code({ host: 'localhost', origin })).toBe('LATHE_AUTH_ORIGIN');
  });

  test('only the exact own origin passes where one belongs', () => {
    const rules = { origins: ['http://127.0.0.1:5000'] };
    expect(code({ host: '127.0.0.1:5000', origin: 'http://127.0.0.1:5000' }, rules)).toBeNull();
    for (const origin of [
      'http://127.0.0.1:5001',
      'https://127.0.0.1:5000',
      'http://127.0.0.1:5000.evil.example',
    ])
      expect(code({ host: '127.0.0.1:5000', origin }, rules)).toBe('LATHE_AUTH_ORIGIN');
  });

  test('a request without Origin that a foreign page caused is refused, a link to the page is not', () => {
    const image = { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } as const;
    expect(code(image)).toBe('LATHE_AUTH_ORIGIN');
    expect(code(image, { navigation: true })).toBe('LATHE_AUTH_ORIGIN');
    const link = { ...image, 'sec-fetch-mode': 'navigate' } as const;
    expect(code(link)).toBe('LATHE_AUTH_ORIGIN');
    expect(code(link, { navigation: true })).toBeNull();
    expect(code(link, { navigation: true }, 'POST')).toBe('LATHE_AUTH_ORIGIN');
    expect(code({ host: 'localhost', 'sec-fetch-site': 'none' })).toBeNull();
  });
});
