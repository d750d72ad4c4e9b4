import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FeatureValue } from '../../contract/common.ts';
import {
  featureNames,
  loggedPredictions,
  NO_TEXT,
  noLogged,
  type TapBlock,
  type TapColumn,
} from '../../platform/tap-block.ts';
import { openTestContext, type TestContext } from '../testing.ts';
import { inTransaction } from './database.ts';
import { createFeatureReader, createFeatureWriter } from './packed-features.ts';

let context: TestContext;
beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => context.close());

const NOTHING: ReadonlySet<string> = new Set();
const layouts = () => context.db.prepare('SELECT count(*) FROM feature_layout').pluck().get();

function blockOf(rows: number, columns: TapColumn[]): TapBlock {
  const at = Array.from({ length: rows }, (_, row) => row);
  return {
    ...{ endpoint: 'e', arm: 'a', version: '1', revision: 1, rows, columns, score: null },
    ...{ eventMs: new Float64Array(rows), receivedMs: new Float64Array(rows) },
    logged: { ...noLogged(), at },
  };
}

const ROWS = 4;
const any = fc.oneof(fc.string(), fc.boolean(), fc.double(), fc.constant(null)) as fc.Arbitrary<FeatureValue>;
const column = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 4 }))
  .chain(([width, kind]) => {
    const count = { minLength: ROWS * width, maxLength: ROWS * width };
    const nulls = new Uint32Array(0);
    const texts = ['', 'a', 'ü€😀', '\uFEFFx', 'null'];
    return fc.tuple(
      fc.string(),
      [
        fc
          .array(fc.float(), count)
          .map((values) => ({ width, kind: 'f32', values: Float32Array.from(values), nulls })),
        fc
          .array(fc.double(), count)
          .map((values) => ({ width, kind: 'f64', values: Float64Array.from(values), nulls })),
        fc
          .array(fc.constantFrom(0, 1, 2), count)
          .map((values) => ({ width, kind: 'bool', values: Uint8Array.from(values) })),
        fc
          .array(fc.constantFrom(0, 1, 2, 3, 4, NO_TEXT), count)
          .map((values) => ({ width, kind: 'text', values: Uint32Array.from(values), texts })),
        fc.array(any, count).map((values) => ({ width, kind: 'any', values })),
      ][kind] as fc.Arbitrary<Omit<TapColumn, 'name'>>,
    );
  });
/** As the log has them: what is not finite is null, and −0 is 0, as in JSON. */
const asLogged = (features: Record<string, FeatureValue>) =>
  JSON.parse(JSON.stringify(features)) as Record<string, FeatureValue>;
const plain = (features: Record<string, FeatureValue>) =>
  Object.fromEntries(Object.entries(features).map(([name, value]) => [name, value === 0 ? 0 : value]));

it('gives back what was packed, of every kind, whatever the order, and nothing that is masked', () => {
  const { db } = context;
  const write = createFeatureWriter(db);
  const read = createFeatureReader(db);
  fc.assert(
    fc.property(
      fc.uniqueArray(column, { maxLength: 6, selector: ([name]) => name }),
      fc.nat(9),
      (drawn, hidden) => {
        const columns = drawn.map(([name, rest], at) => ({ name: `${name}${at}`, ...rest }) as TapColumn);
        const names = columns.flatMap(featureNames);
        const masked = new Set(names.slice(hidden, hidden + 2));
        const block = blockOf(ROWS, columns);
        const pack = write(block, masked);
        // One after the other: each is packed into the same bytes.
        const stored = block.logged.at.map((row) => Uint8Array.from(pack(row)));
        for (const [row, { features }] of loggedPredictions(block).entries()) {
          const kept = Object.fromEntries(Object.entries(features).filter(([name]) => !masked.has(name)));
          expect(plain(read(stored[row] as Uint8Array))).toEqual(asLogged(kept));
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('packs a row that is longer than all before it', () => {
  const texts = ['x'.repeat(100_000)];
  const block = blockOf(1, [{ name: 't', width: 2, kind: 'text', values: Uint32Array.of(0, 0), texts }]);
  const packed = createFeatureWriter(context.db)(block, NOTHING)(0);
  expect(createFeatureReader(context.db)(packed)).toEqual({ 't[0]': texts[0], 't[1]': texts[0] });
});

it('writes a layout down once, for every connection, and not on the word of a transaction that failed', () => {
  const { db } = context;
  const block = blockOf(1, [
    { name: 'x', width: 1, kind: 'f32', values: Float32Array.of(1.5), nulls: new Uint32Array(0) },
  ]);
  const write = createFeatureWriter(db);
  expect(() =>
    inTransaction(db, () => {
      write(block, NOTHING);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(layouts()).toBe(0);
  const packed = write(block, NOTHING)(0);
  write(block, NOTHING);
  createFeatureWriter(db)(block, NOTHING);
  expect(layouts()).toBe(1);
  expect(createFeatureReader(db)(packed)).toEqual({ x: 1.5 });
});

it('reads rows that were logged as JSON, and rows that were moved away', () => {
  const read = createFeatureReader(context.db);
  expect(read('{"x":1,"c":null}')).toEqual({ x: 1, c: null });
  expect(read('')).toEqual({});
});
