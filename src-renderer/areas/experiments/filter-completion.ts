/** What may be written next in a filter. Pure; the grammar is contract/run-filter.ts. */
import { RUN_ATTRIBUTES } from '../../../src-main/contract/run-filter.ts';
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';

export type Suggestion = {
  /** Replaces the text from `from` to the caret. */
  text: string;
  label: string;
  hint: string;
};
export type Completion = { from: number; items: Suggestion[] };

const MOST = 12;
const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];
const OPERATORS: Record<'number' | 'text' | 'both', string[]> = {
  number: ['>', '>=', '<', '<=', '=', '!=', 'IS NULL', 'IS NOT NULL'],
  text: ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'IS NULL', 'IS NOT NULL'],
  both: ['=', '!=', '<', '<=', '>', '>=', 'LIKE', 'ILIKE', 'IN', 'IS NULL', 'IS NOT NULL'],
};

/** A field that ends at the caret, then an operator, then the beginning of a value. */
const FIELD =
  /((?:(?:min|max|last)\()?(?:metrics|params|tags|attributes)\.(?:`[^`]*`|"[^"]*"|[^\s()=!<>"'`,]+)\)?|[A-Za-z_]+)/
    .source;
const AFTER_FIELD = new RegExp(`(?:^|[\\s(])${FIELD}\\s+([A-Z]*)$`, 'i');
const AFTER_OPERATOR = new RegExp(
  `(?:^|[\\s(])${FIELD}\\s*(?:=|!=|<>|LIKE\\s|ILIKE\\s|IN\\s*\\()\\s*('?[^'"()=<>!]*)$`,
  'i',
);
const WORD = /(?:^|[\s(])([^\s()=!<>"',]*)$/;

/** The field whose values would help at the caret: `params.opt` for "params.opt = 'a". */
export function valueFieldAt(text: string, caret: number): string | null {
  return AFTER_OPERATOR.exec(text.slice(0, caret))?.[1] ?? null;
}

export function completionsAt(
  text: string,
  caret: number,
  known: { keys: RunKeys | null; values: readonly string[] },
): Completion {
  const before = text.slice(0, caret);
  const value = AFTER_OPERATOR.exec(before);
  if (value) {
    const typed = value[2] ?? '';
    const bare = typed.replace(/^'/, '').toLowerCase();
    const values = /^status$/i.test(value[1] ?? '') ? STATUSES : known.values;
    return {
      from: caret - typed.length,
      items: values
        .filter((one) => one.toLowerCase().startsWith(bare) && one !== typed)
        .slice(0, MOST)
        .map((one) => ({ text: `${quoted(one)} `, label: one, hint: 'value' })),
    };
  }
  const field = AFTER_FIELD.exec(before);
  if (field && isField(field[1] ?? '', known.keys)) {
    const typed = (field[2] ?? '').toUpperCase();
    return {
      from: caret - typed.length,
      items: OPERATORS[kindOf(field[1] ?? '')]
        .filter((one) => one.startsWith(typed))
        .map((one) => ({ text: one === 'IN' ? 'IN (' : `${one} `, label: one, hint: 'operator' })),
    };
  }
  const typed = WORD.exec(before)?.[1] ?? '';
  return { from: caret - typed.length, items: fieldsFor(typed, known.keys) };
}

function fieldsFor(typed: string, keys: RunKeys | null): Suggestion[] {
  const all: Suggestion[] = [
    ...(keys?.metrics ?? []).map(({ key }) => field('metrics', key, 'metric')),
    ...(keys?.params ?? []).map(({ key }) => field('params', key, 'param')),
    ...(keys?.tags ?? [])
      .filter(({ key }) => !key.startsWith('mlflow.'))
      .map(({ key }) => field('tags', key, 'tag')),
    ...['name', 'status', 'user', 'started', 'ended', 'duration', 'note'].map((key) => ({
      text: `${key} `,
      label: key,
      hint: 'attribute',
    })),
    ...['AND', 'OR', 'NOT'].map((word) => ({ text: `${word} `, label: word, hint: 'joins conditions' })),
  ];
  const wanted = typed.toLowerCase();
  const starts = all.filter(({ label }) => label.toLowerCase().startsWith(wanted));
  const holds = all.filter(
    ({ label }) =>
      wanted.length > 0 && !label.toLowerCase().startsWith(wanted) && label.toLowerCase().includes(wanted),
  );
  return [...starts, ...holds].slice(0, MOST);
}

const field = (type: string, key: string, hint: string): Suggestion => {
  const name = /^[\w./-]+$/.test(key) ? key : `\`${key}\``;
  return { text: `${type}.${name} `, label: `${type}.${key}`, hint };
};
const quoted = (value: string): string =>
  /^[\w.-]+$/.test(value) ? value : value.includes("'") ? `"${value}"` : `'${value}'`;

function isField(text: string, keys: RunKeys | null): boolean {
  if (/[.(]/.test(text)) return true;
  if (Object.hasOwn(RUN_ATTRIBUTES, text.toLowerCase())) return true;
  return [...(keys?.metrics ?? []), ...(keys?.params ?? [])].some(({ key }) => key === text);
}

function kindOf(text: string): keyof typeof OPERATORS {
  if (/^(min|max|last)\(|^metrics\./i.test(text)) return 'number';
  if (/^tags\./i.test(text)) return 'text';
  const attribute = RUN_ATTRIBUTES[text.toLowerCase()];
  return attribute ? (attribute.kind === 'text' ? 'text' : 'number') : 'both';
}
