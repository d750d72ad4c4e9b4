/** Which two runs stand against each other. */
import type { ComparedRun } from '../../../src-main/contract/compare.ts';
import { Select } from '../../ui/Select.tsx';

export type Pair = { left: string; right: string };
/** No run on that side. */
export const NOBODY = '';

type PairChoiceProps = {
  runs: readonly ComparedRun[];
  pair: Pair;
  onChange(pair: Pair): void;
  /** What it means that there is nobody on the left: then one is shown alone. */
  alone?: string;
};

export function PairChoice({ runs, pair, onChange, alone }: PairChoiceProps) {
  const options = runs.map(({ id, name }) => ({ value: id, label: name }));
  const all = alone === undefined ? options : [{ value: NOBODY, label: alone }, ...options];
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5 text-xs text-ink-2">
      <div className="w-64">
        <Select
          label="From the run"
          hideLabel
          options={all}
          value={pair.left}
          onChange={(left) => onChange({ ...pair, left })}
        />
      </div>
      <span aria-hidden="true">→</span>
      <div className="w-64">
        <Select
          label="To the run"
          hideLabel
          options={options}
          value={pair.right}
          onChange={(right) => onChange({ ...pair, right })}
        />
      </div>
    </div>
  );
}

/** The baseline against the run that was pointed at, or else against the next one. */
export function firstPair(runs: readonly ComparedRun[], run: string | null): Pair {
  const [base, next] = runs;
  const chosen = runs.find(({ id }) => id === run) ?? next ?? base;
  const left = base && base.id !== chosen?.id ? base : next && next.id !== chosen?.id ? next : base;
  return { left: left?.id ?? NOBODY, right: chosen?.id ?? NOBODY };
}
