import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armOf, bucketOf } from './router.ts';

const arms = (...weights: number[]) =>
  weights.map((weight, at) => ({ key: String.fromCharCode(97 + at), version: String(at + 1), weight }));

describe('the split', () => {
  it('takes the first 8 bytes of SHA-256(salt:unit) modulo 10,000', () => {
    const property = fc.property(fc.string(), fc.string(), (salt, unit) => {
      const digest = createHash('sha256').update(`${salt}:${unit}`).digest();
      expect(bucketOf(salt, unit)).toBe(Number(digest.readBigUInt64BE(0) % 10_000n));
    });
    fc.assert(property);
  });

  it('is 80/20 over many units, within five standard deviations', () => {
    const split = arms(8_000, 2_000);
    const n = 20_000;
    let first = 0;
    for (let unit = 0; unit < n; unit++)
      if (armOf(split, bucketOf('salt', `UA${unit}`))?.key === 'a') first += 1;
    const deviation = Math.sqrt(n * 0.8 * 0.2);
    expect(Math.abs(first - n * 0.8)).toBeLessThan(5 * deviation);
  });

  it('another salt is another, independent split', () => {
    const split = arms(5_000, 5_000);
    let same = 0;
    for (let unit = 0; unit < 4_000; unit++) {
      const one = armOf(split, bucketOf('one', `u${unit}`));
      if (one === armOf(split, bucketOf('two', `u${unit}`))) same += 1;
    }
    expect(Math.abs(same - 2_000)).toBeLessThan(5 * Math.sqrt(4_000 * 0.25));
  });

  it('moves only the units that a changed weight must move', () => {
    const property = fc.property(fc.nat(10_000), fc.nat(10_000), (before, after) => {
      const [low, high] = [Math.min(before, after), Math.max(before, after)];
      for (let bucket = 0; bucket < 10_000; bucket += 7) {
        const was = armOf(arms(before, 10_000 - before), bucket)?.key;
        const is = armOf(arms(after, 10_000 - after), bucket)?.key;
        expect(was !== is).toBe(bucket >= low && bucket < high);
      }
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('never sends anything to an arm without weight', () => {
    const property = fc.property(
      fc.array(fc.constantFrom(0, 0, 1_000, 2_500), { minLength: 1, maxLength: 8 }),
      fc.nat(9_999),
      (weights, bucket) => {
        const arm = armOf(arms(...weights), bucket);
        if (weights.every((weight) => weight === 0)) expect(arm).toBeNull();
        else expect(arm?.weight).toBeGreaterThan(0);
      },
    );
    fc.assert(property);
  });
});
