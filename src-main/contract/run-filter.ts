/**
 * How the runs table is filtered: MLflow's grammar, and what its users miss in it: OR, NOT, parentheses, params
 * compared as numbers, min() and max() of a metric, IS NULL, dates, and plain words. Terms side by side mean AND.
 *
 *   metrics.auc > 0.8 AND (params.lr < 0.01 OR min(metrics.loss) < 0.2) resnet
 */
import {
  type Comparator,
  type FieldType,
  FilterError,
  type Token,
  TYPES,
  tokensOf,
  unquoted,
} from './search-filter.ts';

export type Aggregate = 'last' | 'min' | 'max';
/** `any` is a name alone: a param, a metric or a tag of that name. */
export type RunField = { type: FieldType | 'any'; key: string; aggregate: Aggregate };
export type RunFilter =
  | { kind: 'and' | 'or'; parts: RunFilter[] }
  | { kind: 'not'; part: RunFilter }
  | { kind: 'compare'; field: RunField; op: Comparator; value: string | number | string[] }
  | { kind: 'null'; field: RunField }
  /** Text that occurs in the name, status, params or tags. */
  | { kind: 'words'; text: string };

/** Attributes by the names people write; `number` ones are milliseconds since the epoch, or seconds (duration). */
export const RUN_ATTRIBUTES: Readonly<Record<string, { key: string; kind: 'text' | 'time' | 'number' }>> = {
  name: { key: 'name', kind: 'text' },
  run_name: { key: 'name', kind: 'text' },
  status: { key: 'status', kind: 'text' },
  user: { key: 'user', kind: 'text' },
  user_id: { key: 'user', kind: 'text' },
  note: { key: 'note', kind: 'text' },
  id: { key: 'id', kind: 'text' },
  run_id: { key: 'id', kind: 'text' },
  start_time: { key: 'start_time', kind: 'time' },
  started: { key: 'start_time', kind: 'time' },
  end_time: { key: 'end_time', kind: 'time' },
  ended: { key: 'end_time', kind: 'time' },
  duration: { key: 'duration', kind: 'number' },
};
const DATASET_KEYS = ['name', 'digest', 'context'];
const AGGREGATES = new Set(['last', 'min', 'max']);
const SIGNS = new Set(['=', '!=', '<>', '>', '>=', '<', '<=']);
/** Deeper nesting than this is a mistake, and would exhaust the stack. */
const DEEPEST = 50;

/** Null for an empty text. Throws FilterError with the offset of what is wrong. */
export function parseRunFilter(text: string): RunFilter | null {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return null;
  let at = 0;
  const peek = (ahead = 0): Token | undefined => tokens[at + ahead];
  const fail = (message: string, token = peek()): never => {
    throw new FilterError(message, token?.at ?? text.length);
  };
  const isWord = (word: string, ahead = 0) =>
    peek(ahead)?.kind === 'word' && peek(ahead)?.text.toUpperCase() === word;
  const isSign = (sign: string, ahead = 0) => peek(ahead)?.kind === 'punct' && peek(ahead)?.text === sign;

  const found = readOr(0);
  if (at < tokens.length)
    fail(isSign(')') ? 'This parenthesis closes nothing.' : 'This was not expected here.');
  return found;

  function readOr(depth: number): RunFilter {
    const parts = [readAnd(depth)];
    while (isWord('OR')) {
      at++;
      parts.push(readAnd(depth));
    }
    return joined('or', parts);
  }
  function readAnd(depth: number): RunFilter {
    const parts = [readTerm(depth)];
    while (peek() && !isWord('OR') && !isSign(')')) {
      if (isWord('AND')) at++;
      parts.push(readTerm(depth));
    }
    return joined('and', parts);
  }
  function readTerm(depth: number): RunFilter {
    if (depth > DEEPEST) fail('This is nested too deeply.');
    if (isWord('NOT')) {
      at++;
      return { kind: 'not', part: readTerm(depth + 1) };
    }
    if (isSign('(')) {
      const opening = peek();
      at++;
      const inner = readOr(depth + 1);
      if (!isSign(')')) fail('This parenthesis is not closed.', opening);
      at++;
      return inner;
    }
    if (!peek() || isWord('AND') || isWord('OR')) fail('A condition is missing here.');
    return readCondition();
  }

  function readCondition(): RunFilter {
    const begin = at;
    const field = readField();
    if (field) {
      const condition = readComparison(field);
      if (condition) return condition;
    }
    at = begin;
    return readWords();
  }
  /** A field that an operator could follow; null for what can only be a word. */
  function readField(): RunField | null {
    const first = peek();
    if (first?.kind === 'word' && AGGREGATES.has(first.text.toLowerCase()) && isSign('(', 1)) {
      const aggregate = first.text.toLowerCase() as Aggregate;
      at += 2;
      const inner = readField();
      if (inner?.type !== 'metric' && inner?.type !== 'any')
        return fail(`${aggregate}() takes a metric, such as ${aggregate}(metrics.loss).`, first);
      if (!isSign(')')) fail('A closing parenthesis is missing here.');
      at++;
      return { type: 'metric', key: inner.key, aggregate };
    }
    if (!first || first.kind === 'op' || first.kind === 'punct' || first.text.startsWith("'")) return null;
    const begin = at;
    const key = readKey();
    const dot = key.indexOf('.');
    const type = first.kind === 'word' && dot > 0 ? TYPES[first.text.toLowerCase()] : undefined;
    if (type === undefined) {
      const attribute = Object.hasOwn(RUN_ATTRIBUTES, key.toLowerCase()) && first.kind === 'word';
      return attribute
        ? { type: 'attribute', key: RUN_ATTRIBUTES[key.toLowerCase()]?.key ?? key, aggregate: 'last' }
        : { type: 'any', key, aggregate: 'last' };
    }
    const name = key.slice(dot + 1);
    if (name === '') return fail(`A name is missing after ${first.text}.`, peek());
    if (type === 'attribute') {
      if (!Object.hasOwn(RUN_ATTRIBUTES, name.toLowerCase()))
        fail(
          `There is no attribute ${name}. There are ${Object.keys(RUN_ATTRIBUTES).join(', ')}.`,
          tokens[begin],
        );
      return { type, key: RUN_ATTRIBUTES[name.toLowerCase()]?.key ?? name, aggregate: 'last' };
    }
    if (type === 'dataset' && !DATASET_KEYS.includes(name))
      fail(`A dataset has ${DATASET_KEYS.join(', ')}.`, tokens[begin]);
    return { type, key: name, aggregate: 'last' };
  }
  /** Tokens without space between them, quotes taken off: `a.b-1`, `params."my key"`. */
  function readKey(): string {
    let key = '';
    for (let last: Token | undefined; peek(); at++) {
      const token = peek() as Token;
      const ends = token.kind === 'op' || '(),'.includes(token.text) || token.text.startsWith("'");
      if (ends || (last && token.at !== last.end)) break;
      key += token.kind === 'quoted' || token.kind === 'backtick' ? unquoted(token) : token.text;
      last = token;
    }
    return key;
  }

  function readComparison(field: RunField): RunFilter | null {
    const sign = peek();
    if (isWord('IS')) {
      at++;
      const negated = isWord('NOT');
      if (negated) at++;
      if (!isWord('NULL')) fail('IS is followed by NULL or NOT NULL.');
      at++;
      return negated ? { kind: 'not', part: { kind: 'null', field } } : { kind: 'null', field };
    }
    if (isWord('IN') || (isWord('NOT') && isWord('IN', 1))) {
      const op = isWord('NOT') ? 'NOT IN' : 'IN';
      at += op === 'IN' ? 1 : 2;
      return { kind: 'compare', field, op, value: readList() };
    }
    if (isWord('LIKE') || isWord('ILIKE')) {
      const op = sign?.text.toUpperCase() as 'LIKE' | 'ILIKE';
      at++;
      if (field.type === 'metric') fail(`${op} compares text, and a metric is a number.`, sign);
      const value = readValue();
      return { kind: 'compare', field, op, value: String(value) };
    }
    if (sign?.kind !== 'op' || !SIGNS.has(sign.text)) return null;
    at++;
    const op = (sign.text === '<>' ? '!=' : sign.text) as Comparator;
    return { kind: 'compare', field, op, value: valueFor(field, op, peek()) };
  }
  function valueFor(field: RunField, op: Comparator, token: Token | undefined): string | number {
    const value = readValue();
    const attribute = field.type === 'attribute' ? attributeKind(field.key) : null;
    if (attribute === 'time' && typeof value === 'string') {
      const ms = Date.parse(value);
      if (Number.isNaN(ms))
        fail(`${value} is no date; write it as '2026-01-31' or '2026-01-31T12:00Z'.`, token);
      return ms;
    }
    const mustBeNumber = field.type === 'metric' || attribute === 'number' || attribute === 'time';
    if (mustBeNumber && typeof value !== 'number') fail('A number is needed here.', token);
    const mustBeText = attribute === 'text' || field.type === 'tag' || field.type === 'dataset';
    if (mustBeText && op !== '=' && op !== '!=') fail(`Text is compared by =, !=, LIKE, ILIKE or IN.`, token);
    return mustBeText ? String(value) : value;
  }
  function readValue(): string | number {
    const token = peek();
    if (token?.kind === 'number') {
      at++;
      return Number(token.text);
    }
    if (token?.kind === 'quoted') {
      at++;
      return unquoted(token);
    }
    if (token?.kind !== 'word') return fail('A value is missing here.');
    const word = readKey();
    if (/^[+-]?(nan|inf(inity)?)$/i.test(word)) return fail('Use IS NULL for what has no value.', token);
    return word;
  }
  function readList(): string[] {
    if (!isSign('(')) fail("A list is needed here, such as ('a', 'b').");
    at++;
    const values: string[] = [];
    for (;;) {
      values.push(String(readValue()));
      if (isSign(')')) break;
      if (!isSign(',')) fail('A comma or a closing parenthesis is missing here.');
      at++;
    }
    at++;
    return values;
  }
  function readWords(): RunFilter {
    const token = peek() as Token;
    if (token.kind === 'op') fail('A name is missing before this sign.');
    if (token.kind === 'punct') fail('This was not expected here.');
    if (token.kind === 'quoted') {
      at++;
      return { kind: 'words', text: unquoted(token) };
    }
    const key = readKey();
    return { kind: 'words', text: key };
  }
}

const joined = (kind: 'and' | 'or', parts: RunFilter[]): RunFilter => {
  const [only, ...others] = parts;
  return only && others.length === 0 ? only : { kind, parts };
};

const attributeKind = (key: string) =>
  Object.values(RUN_ATTRIBUTES).find((attribute) => attribute.key === key)?.kind ?? null;
