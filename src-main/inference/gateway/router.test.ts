import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armFor, armOf, bucketOf, unitOfInput } from './router.ts';
import { unitOf } from './units.ts';

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

  it('moves, whatever the arms, only the units between the old and the new boundaries', () => {
    const weights = fc.array(fc.nat(3_000), { minLength: 3, maxLength: 3 });
    const property = fc.property(weights, weights, (before, after) => {
      const [was, is] = [before, after].map((each) => arms(...each, 10_000 - sum(each)));
      const range = (each: number[], at: number) => [sum(each.slice(0, at)), sum(each.slice(0, at + 1))];
      for (let bucket = 0; bucket < 10_000; bucket += 3) {
        const left = armOf(was ?? [], bucket);
        const right = armOf(is ?? [], bucket);
        if (left?.key === right?.key) continue;
        // It left its arm's old range and is in the new arm's new one: a boundary passed it.
        const at = 'abcd'.indexOf(left?.key ?? '');
        const [from, to] = at === 3 ? [sum(after), 10_000] : range(after, at);
        expect(bucket < (from as number) || bucket >= (to as number)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('leaves everyone outside its range where they are when an arm comes at the end', () => {
    const property = fc.property(fc.nat(10_000), fc.nat(10_000), (first, share) => {
      const rest = 10_000 - first;
      const taken = Math.min(share, rest);
      const was = arms(first, rest);
      const is = arms(first, rest - taken, taken);
      for (let bucket = 0; bucket < 10_000; bucket += 3)
        expect(armOf(is, bucket)?.key).toBe(bucket >= 10_000 - taken ? 'c' : armOf(was, bucket)?.key);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('hashes nothing while one arm has all the traffic', () => {
    const never = () => {
      throw new Error('hashed');
    };
    expect(armFor(arms(0, 10_000, 0), never)?.key).toBe('b');
    expect(armFor(arms(0, 0), never)).toBeNull();
    expect(() => armFor(arms(1, 9_999), never)).toThrow('hashed');
  });
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('a unit', () => {
  const headers: Record<string, string> = {
    'x-lathe-unit': 'l',
    'x-user-id': 'u',
    'x-own': 'o',
    cookie: 'a=1;sid="q r" ; b=2;sid=2; empty=',
  };
  const named = (unit: string | null, without: string[] = []) => ({
    unit,
    header: (name: string) => (without.includes(name) ? null : (headers[name] ?? null)),
  });

  it('is the parameter, the header of that name, the user, or what the route names', () => {
    expect(unitOf(named('p'))).toBe('p');
    expect(unitOf(named(null), { kind: 'unit' })).toBe('l');
    expect(unitOf(named(null, ['x-lathe-unit']))).toBe('u');
    expect(unitOf(named(null, ['x-lathe-unit', 'x-user-id']))).toBeNull();
    expect(unitOf(named('p'), { kind: 'header', name: 'x-own' })).toBe('o');
    expect(unitOf(named('p'), { kind: 'header', name: 'x-none' })).toBeNull();
    expect(unitOf(named('p'), { kind: 'cookie', name: 'sid' })).toBe('"q r"');
    expect(unitOf(named('p'), { kind: 'cookie', name: 'empty' })).toBeNull();
    expect(unitOf(named('p', ['cookie']), { kind: 'cookie', name: 'sid' })).toBeNull();
    expect(unitOf(named('p'), { kind: 'input' })).toBeNull();
  });

  it('is as good as the input it stands for, part by part', () => {
    const of = (...parts: string[]) => unitOfInput(parts.map((part) => Buffer.from(part)));
    expect(of('ab', 'c')).not.toBe(of('a', 'bc'));
    expect(of('ab')).toBe(of('ab'));
    const large = Buffer.alloc(200_000, 'x');
    const other = Buffer.from(large);
    other[199_999] = 0;
    expect(unitOfInput([large])).not.toBe(unitOfInput([other]));
  });

  it('of images with blank borders, what is in the middle tells them apart', () => {
    const image = (shade: number) => Buffer.alloc(602_112).fill(shade, 150_000, 450_000);
    const units = new Set([1, 2, 3, 4].map((shade) => unitOfInput([image(shade)])));
    expect(units.size).toBe(4);
    expect(unitOfInput([image(1)])).toBe(unitOfInput([image(1)]));
  });
});
