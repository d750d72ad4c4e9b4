/** Which runs are compared, kept in the address so that it can be linked. The first one is the baseline. */
import { MOST_COMPARED } from '../../../src-main/contract/compare.ts';
import type { Location } from '../../lib/router.ts';

export type CompareState = {
  runs: readonly string[];
  /** More were named than are compared. */
  tooMany: boolean;
  all: boolean;
  aggregate: 'last' | 'min' | 'max';
  filter: string;
  /** The row that is looked at closely, and the run in it. */
  row: string | null;
  run: string | null;
};

export function stateOf({ query }: Location): CompareState {
  const named = [...new Set((query.runs ?? '').split(',').filter((id) => id !== '' && id.length <= 64))];
  const { aggregate } = query;
  return {
    runs: named.slice(0, MOST_COMPARED),
    tooMany: named.length > MOST_COMPARED,
    all: query.all === '1',
    aggregate: aggregate === 'min' || aggregate === 'max' ? aggregate : 'last',
    filter: query.filter ?? '',
    row: query.row ?? null,
    run: query.run ?? null,
  };
}

/** The run at one place put to another one. */
export function moved(runs: readonly string[], from: number, to: number): string[] {
  const next = [...runs];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, one);
  return next;
}
