import { describe, expect, it } from 'vitest';
import { chooseEncoding } from './http-send.ts';

describe('the encoding of an answer', () => {
  it.each([
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate, br, zstd', 'gzip'],
    ['deflate;q=0.9, gzip;q=0.2', 'deflate'],
    ['GZIP ; Q=1.0', 'gzip'],
    ['*', 'gzip'],
    ['gzip;q=0, deflate', 'deflate'],
    ['gzip;q=0', null],
    ['identity', null],
    ['br', null],
    ['', null],
    ['gzip;q=x', null],
  ])('for Accept-Encoding "%s" is %s', (accepted, expected) => {
    expect(chooseEncoding(accepted)).toBe(expected);
  });
});
