/** Methods and limits of single columns, which go before those of all. */
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { type ColumnAskDraft, newAsk } from './column-asks-rules.ts';
import { METHOD_OPTIONS } from './report-words.ts';

const OPTIONS = METHOD_OPTIONS.map((option) =>
  option.value === '' ? { ...option, label: 'As above' } : option,
);

type Props = {
  asks: readonly ColumnAskDraft[];
  /** By place; null where there is none, or it is not told yet. */
  problems: readonly (string | null)[];
  onChange: (asks: readonly ColumnAskDraft[]) => void;
};

export function ColumnAsks({ asks, problems, onChange }: Props) {
  const set = (at: number, patch: Partial<ColumnAskDraft>) =>
    onChange(asks.map((ask, place) => (place === at ? { ...ask, ...patch } : ask)));
  return (
    <div className="flex flex-col gap-2">
      {asks.map((ask, at) => (
        <fieldset key={ask.id}>
          <legend className="sr-only">Column {at + 1} with a method or limit of its own</legend>
          <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)_auto] items-end gap-3 max-sm:grid-cols-1">
            <TextField label="Column" value={ask.column} onChange={(column) => set(at, { column })} />
            <Select<ColumnAskDraft['method']>
              label="Its method"
              value={ask.method}
              onChange={(method) => set(at, { method })}
              options={OPTIONS}
            />
            <TextField
              label="It drifted at"
              value={ask.threshold}
              onChange={(threshold) => set(at, { threshold })}
              inputMode="decimal"
              placeholder="the method’s own limit"
            />
            <IconButton
              icon={X}
              label={`Remove column ${at + 1}`}
              onClick={() => onChange(asks.filter((_, place) => place !== at))}
            />
          </div>
          {problems[at] ? (
            <p role="alert" className="mt-1 text-xs text-bad">
              {problems[at]}
            </p>
          ) : null}
        </fieldset>
      ))}
      <div>
        <Button size="sm" icon={Plus} onClick={() => onChange([...asks, newAsk(asks)])}>
          Set a column’s own method
        </Button>
      </div>
    </div>
  );
}
