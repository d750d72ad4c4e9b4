import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunFilter, type RunFilter } from '../../../contract/run-filter.ts';
import { FilterError } from '../../../contract/search-filter.ts';

/** The filter with every parenthesis written out. */
function shown(filter: RunFilter | null): string {
  if (!filter) return '';
  if (filter.kind === 'words') return `"${filter.text}"`;
  if (filter.kind === 'not') return `NOT ${shown(filter.part)}`;
  if ('parts' in filter) return `(${filter.parts.map(shown).join(` ${filter.kind} `)})`;
  const { type, key, aggregate } = filter.field;
  const field = `${aggregate === 'last' ? '' : `${aggregate}:`}${type}:${key}`;
  return filter.kind === 'null' ? `${field} null` : `${field} ${filter.op} ${JSON.stringify(filter.value)}`;
}

test.each([
  ['', ''],
  ['metrics.auc > 0.8', 'metric:auc > 0.8'],
  ['a = 1 OR b = 2 AND c = 3', '(any:a = 1 or (any:b = 2 and any:c = 3))'],
  ['(a = 1 OR b = 2) c = 3', '((any:a = 1 or any:b = 2) and any:c = 3)'],
  ['NOT (params.lr < 1e-3)', 'NOT param:lr < 0.001'],
  ["params.opt = 'adam'", 'param:opt = "adam"'],
  ['params.opt = adam', 'param:opt = "adam"'],
  ['lr=0.1', 'any:lr = 0.1'],
  ['min(metrics.val/loss) <= 0.2', 'min:metric:val/loss <= 0.2'],
  ['max(loss) > 1', 'max:metric:loss > 1'],
  ['params.`a b.c` IS NULL', 'param:a b.c null'],
  ['metrics."x y" IS NOT NULL', 'NOT metric:x y null'],
  ['params.a.b-c_1 != 3', 'param:a.b-c_1 != 3'],
  ["status IN ('FAILED', 'KILLED')", 'attribute:status IN ["FAILED","KILLED"]'],
  ['status not in (FAILED)', 'attribute:status NOT IN ["FAILED"]'],
  ["start_time > '2026-01-01'", 'attribute:start_time > 1767225600000'],
  ['duration > 60', 'attribute:duration > 60'],
  ["name LIKE 'a%' resnet-50", '(attribute:name LIKE "a%" and "resnet-50")'],
  ['calm otter', '("calm" and "otter")'],
  ['"two words"', '"two words"'],
  ['v1.2', '"v1.2"'],
  ['größe 日本語', '("größe" and "日本語")'],
  ["dataset.name = 'flights'", 'dataset:name = "flights"'],
])('%s', (text, meaning) => {
  expect(shown(parseRunFilter(text))).toBe(meaning);
});

test.each([
  ['metrics.auc >', 13],
  ['metrics.auc > x', 14],
  ['metrics.auc LIKE "x"', 12],
  ['(a = 1', 0],
  ['a = 1)', 5],
  ['a = 1 AND', 9],
  ['OR a = 1', 0],
  ['tags.a > 3', 9],
  ["start_time > 'soon'", 13],
  ['status IN ()', 11],
  ['attributes.nope = 1', 0],
  ['dataset.nope = "x"', 0],
  ['min(params.a) > 1', 0],
  ['= 3', 0],
  ['a IS 3', 5],
  ["a = 'x", 4],
  ['params. = 3', 8],
])('%s is wrong at %i', (text, at) => {
  let thrown: unknown;
  try {
    parseRunFilter(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(FilterError);
  expect((thrown as FilterError).at).toBe(at);
});

describe('any text', () => {
  test('is a filter or a FilterError inside it, never anything else', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      'AND',
      'OR',
      'NOT',
      'a',
      '=',
      '<',
      "'x'",
      '1',
      '.',
      ',',
      'IN',
      'IS',
      'NULL',
      ' ',
      'min(',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(' ')),
        ),
        (text) => {
          try {
            parseRunFilter(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
            expect((error as FilterError).at).toBeGreaterThanOrEqual(0);
            expect((error as FilterError).at).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('deep nesting is refused, not a crash', () => {
    expect(() => parseRunFilter('('.repeat(10_000))).toThrow(FilterError);
    expect(() => parseRunFilter(`${'NOT '.repeat(10_000)} a`)).toThrow(FilterError);
  });
});
