/** One condition of a slice: a feature, and which of its values. */
import { useMemo, useState } from 'react';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import { formatNumber, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { featureName } from '../../lib/series-words.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import type { ConditionDraft } from './slice-words.ts';

type Props = {
  endpoint: string;
  draft: ConditionDraft;
  features: readonly FeatureDrift[];
  problem: string | null;
  onChange: (patch: Partial<ConditionDraft>) => void;
};

export function ConditionEditor({ endpoint, draft, features, problem, onChange }: Props) {
  const { feature, op } = draft;
  const known = useData(
    ['monitoring', 'slice-values', endpoint, feature],
    (rpc, signal) => rpc.slices.values({ endpoint, feature }, { signal }),
    { enabled: feature !== '' && feature !== undefined },
  );
  const numeric = known.data?.kind === 'numeric';
  const choose = (name: string) => {
    const kind =
      features.find((one) => one.feature === name)?.kind === 'categorical' ? 'categorical' : 'numeric';
    onChange({
      feature: name,
      kind,
      op: kind === 'categorical' ? 'in' : 'range',
      values: [],
      from: '',
      to: '',
    });
  };
  const inputs = features.filter(({ kind }) => kind !== 'prediction');
  const hasValues = (known.data?.values.length ?? 0) > 0;
  return (
    <div className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-end gap-2">
        <div className="w-52">
          <Select
            label="Feature"
            value={feature}
            onChange={choose}
            options={[
              { value: '', label: 'Choose a feature' },
              ...inputs.map((one) => ({ value: one.feature, label: featureName(one.feature) })),
            ]}
          />
        </div>
        {feature === '' ? null : (
          <SegmentedControl<ConditionDraft['op']>
            label={`What of ${feature}`}
            value={op}
            onChange={(value) => onChange({ op: value })}
            options={[
              ...(numeric ? [{ value: 'range' as const, label: 'from – to' }] : []),
              ...(hasValues || !numeric ? [{ value: 'in' as const, label: 'is one of' }] : []),
              { value: 'missing', label: 'is missing' },
            ]}
          />
        )}
      </div>
      {feature !== '' && op === 'in' ? (
        <Values
          feature={feature}
          values={known.data?.values ?? []}
          loading={known.isPending}
          chosen={draft.values}
          onChange={(values) => onChange({ values })}
        />
      ) : null}
      {feature !== '' && op === 'range' ? (
        <div className="grid grid-cols-2 gap-2">
          <TextField
            label="From"
            value={draft.from}
            onChange={(from) => onChange({ from })}
            inputMode="decimal"
            placeholder={known.data?.min == null ? 'no lower end' : `least ${formatNumber(known.data.min)}`}
            help="included"
          />
          <TextField
            label="To"
            value={draft.to}
            onChange={(to) => onChange({ to })}
            inputMode="decimal"
            placeholder={known.data?.max == null ? 'no upper end' : `largest ${formatNumber(known.data.max)}`}
            help="not included"
          />
        </div>
      ) : null}
      {problem ? (
        <p role="alert" className="text-xs text-bad">
          {problem}
        </p>
      ) : null}
    </div>
  );
}

type ValuesProps = {
  feature: string;
  values: readonly string[];
  loading: boolean;
  chosen: readonly string[];
  onChange: (values: readonly string[]) => void;
};

/** So many fit without a search. */
const FEW = 12;
const MOST_SHOWN = 60;
const MOST_CHOSEN = 100;

function Values({ feature, values, loading, chosen, onChange }: ValuesProps) {
  const [search, setSearch] = useState('');
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    const fitting = values.filter((value) => value.toLowerCase().includes(wanted));
    return [...new Set([...chosen, ...fitting])];
  }, [values, search, chosen]);
  if (loading) return <p className="text-xs text-ink-3">Reading the values …</p>;
  return (
    <div className="flex flex-col gap-2">
      {values.length > FEW ? (
        <TextField
          label={`Search the ${plural(values.length, 'value')} of ${feature}`}
          hideLabel
          value={search}
          onChange={setSearch}
          placeholder={`Search ${plural(values.length, 'value')}`}
        />
      ) : null}
      <fieldset className="flex max-h-36 flex-wrap gap-1.5 overflow-y-auto p-0.5">
        <legend className="sr-only">Values of {feature}</legend>
        {shown.slice(0, MOST_SHOWN).map((value) => {
          const on = chosen.includes(value);
          return (
            <label
              key={value}
              className="flex h-6 max-w-60 items-center rounded-sm border border-line-strong/55 px-2 text-xs select-none hover:bg-hover has-checked:border-accent-solid has-checked:bg-selected has-checked:font-medium has-focus-visible:outline-2 has-focus-visible:outline-focus"
            >
              <input
                type="checkbox"
                className="sr-only"
                checked={on}
                disabled={!on && chosen.length >= MOST_CHOSEN}
                onChange={() => onChange(on ? chosen.filter((one) => one !== value) : [...chosen, value])}
              />
              <span className="truncate">{value === '' ? '(empty text)' : value}</span>
            </label>
          );
        })}
      </fieldset>
      {shown.length > MOST_SHOWN ? (
        <p className="text-xs text-ink-3">and {shown.length - MOST_SHOWN} more: search for them</p>
      ) : null}
      {values.length === 0 ? <p className="text-xs text-ink-3">No value of it has been seen yet.</p> : null}
    </div>
  );
}
