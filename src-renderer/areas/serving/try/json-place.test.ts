import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorAt, placeIn } from './json-place.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place where JSON ends', () => {
  it.each([
    ['{"a":[}', 6],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['[1,]', 3],
    ['01', 1],
    ['"open', 0],
    ['[1', 2],
    ['', 0],
    ['1 2', 2],
  ])('of %j is %i', (text, at) => {
    expect(jsonErrorAt(text)).toBe(at);
  });

  it('is nowhere in what the parser takes, and somewhere in what it refuses', () => {
    const cut = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', ']', '}', ':', '"', '1', ' '));
    fc.assert(
      fc.property(cut, ([json, at, sign]) => {
        const place = at % (json.length + 1);
        const text = json.slice(0, place) + sign + json.slice(place + (at % 2));
        expect(jsonErrorAt(text) === null).toBe(isJson(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is said as line and column', () => {
    expect(placeIn('{\n  "inputs": [}', 15)).toBe('line 2, column 14');
  });
});
