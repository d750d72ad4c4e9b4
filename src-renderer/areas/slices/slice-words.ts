/** Slices in words, and a slice while it is made. Pure. */
import type { SliceCondition, SliceRow } from '../../../src-main/contract/slices.ts';
import { formatNumber } from '../../lib/format.ts';

const number = (value: number): string => formatNumber(value).replace(/^-/, '−');
const SHOWN_VALUES = 3;

/** "origin is EWR", "dep_hour from 17", "temp is missing". */
export function conditionText(condition: SliceCondition): string {
  const { feature } = condition;
  switch (condition.op) {
    case 'missing':
      return `${feature} is missing`;
    case 'in': {
      const names = condition.values.map(String);
      const shown = names.slice(0, SHOWN_VALUES);
      const more = names.length - shown.length;
      return `${feature} is ${shown.join(' or ')}${more > 0 ? ` or ${more} more` : ''}`;
    }
    case 'range': {
      const { from, to } = condition;
      if (from !== null && to !== null) return `${feature} from ${number(from)} to ${number(to)}`;
      return from === null ? `${feature} below ${number(to ?? 0)}` : `${feature} from ${number(from)}`;
    }
  }
}

export const conditionsText = (conditions: readonly SliceCondition[]): string =>
  conditions.map(conditionText).join(' and ');

/** One condition as it is written; `kind` is what the feature's values are. */
export type ConditionDraft = {
  feature: string;
  kind: 'numeric' | 'categorical';
  op: SliceCondition['op'];
  values: readonly string[];
  from: string;
  to: string;
};

export const emptyCondition = (): ConditionDraft => ({
  feature: '',
  kind: 'categorical',
  op: 'in',
  values: [],
  from: '',
  to: '',
});

/** The condition that is meant, or why it is none. */
export function checkCondition(draft: ConditionDraft): {
  condition: SliceCondition | null;
  problem: string | null;
} {
  const refuse = (problem: string) => ({ condition: null, problem });
  const { feature, op } = draft;
  if (feature === '') return refuse('Choose a feature.');
  if (op === 'missing') return { condition: { feature, op }, problem: null };
  if (op === 'in') {
    if (draft.values.length === 0) return refuse('Choose at least one value.');
    const values = draft.kind === 'numeric' ? draft.values.map(Number) : [...draft.values];
    return { condition: { feature, op, values }, problem: null };
  }
  const [from, to] = [readEnd(draft.from), readEnd(draft.to)];
  if (from === undefined || to === undefined) return refuse('Ends of a range are numbers.');
  if (from === null && to === null) return refuse('Enter at least one end.');
  if (from !== null && to !== null && from >= to) return refuse('The first end must be below the second.');
  return { condition: { feature, op, from, to }, problem: null };
}

/** Null where nothing is written, undefined where it is no number. */
function readEnd(text: string): number | null | undefined {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * How much a slice matters: the rows that it costs or saves against the rest of the traffic, its share times its
 * distance. Slices that stand apart come before all others, slices without figures last.
 */
export function byWeight(rows: readonly SliceRow[]): SliceRow[] {
  const weight = ({ value, rest, share, apart }: SliceRow) =>
    value === null || rest === null ? -1 : (apart ? 1 : 0) + Math.min(0.999, Math.abs(value - rest) * share);
  return [...rows].sort((a, b) => weight(b) - weight(a));
}
