import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tarReader } from './tar-members.ts';
import { tarOf } from './testing.ts';

const file = fc.record({
  name: fc.stringMatching(/^[a-z]{1,20}(\/[a-z.]{1,20}){0,3}$/),
  bytes: fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
});

describe('a tar stream', () => {
  it('gives every wanted file whole, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(file, { maxLength: 6, selector: ({ name }) => name }),
        fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1 }),
        (files, cuts) => {
          const found = new Map<string, Buffer[]>();
          const read = tarReader((name, bytes) => {
            const wanted = files.findIndex((each) => each.name === name) % 2 === 0;
            expect(files.find((each) => each.name === name)?.bytes.length).toBe(bytes);
            if (!wanted) return null;
            const pieces: Buffer[] = [];
            found.set(name, pieces);
            return (piece) => void pieces.push(Buffer.from(piece));
          });
          const archive = tarOf(files.map(({ name, bytes }) => [name, bytes] as const));
          for (let at = 0, cut = 0; at < archive.length; cut++) {
            const length = cuts[cut % cuts.length] ?? 1;
            read(archive.subarray(at, at + length));
            at += length;
          }
          const wanted = files.filter((_, at) => at % 2 === 0);
          expect([...found].map(([name, pieces]) => [name, Buffer.concat(pieces).toString('hex')])).toEqual(
            wanted.map(({ name, bytes }) => [name, bytes.toString('hex')]),
          );
        },
      ),
    );
  });

  it('that is none is refused', () => {
    const read = tarReader(() => null);
    expect(() => read(Buffer.from('<html>'.repeat(200)))).toThrow('it is not a tar archive');
  });
});
