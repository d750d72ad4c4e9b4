/** Which columns the runs table has, of any number of metrics, params and tags. */
import { useMemo, useState } from 'react';
import type { RunColumn, RunKeys } from '../../../src-main/contract/runs-table.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { ATTRIBUTES, type ColumnId, columnId, columnTitle, rankMetrics } from './runs-model.ts';

/** More boxes than this help nobody; the search narrows them. */
const MOST = 100;
const AGGREGATES = ['last', 'min', 'max'] as const;

type ColumnsDialogProps = {
  open: boolean;
  onClose(): void;
  keys: RunKeys;
  chosen: readonly ColumnId[];
  onChange(chosen: readonly ColumnId[]): void;
  onReset(): void;
};

export function ColumnsDialog({ open, onClose, keys, chosen, onChange, onReset }: ColumnsDialogProps) {
  const [search, setSearch] = useState('');
  const groups = useMemo(() => groupsOf(keys), [keys]);
  const words = search.toLowerCase();
  const set = new Set(chosen);
  const toggle = (id: ColumnId) =>
    onChange(set.has(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Columns"
      width="lg"
      footer={
        <>
          <Button variant="ghost" onClick={onReset}>
            Usual columns
          </Button>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <TextField
        label="Find a column"
        hideLabel
        type="search"
        placeholder="Find a metric, parameter or tag"
        value={search}
        onChange={setSearch}
      />
      <div className="mt-3 min-h-80">
        {groups.map(({ title, rows }) => {
          const found = rows.filter(({ name }) => name.toLowerCase().includes(words));
          return found.length === 0 ? null : (
            <fieldset key={title} className="mb-4">
              <legend className="mb-1.5 text-xs font-medium text-ink-3">
                {title}
                {found.length > MOST ? `: the first ${MOST} of ${plural(found.length, 'name')}` : ''}
              </legend>
              <div className="grid grid-cols-1 gap-x-6 gap-y-1 sm:grid-cols-2">
                {found.slice(0, MOST).map(({ name, columns }) => (
                  <div key={name} className="flex min-w-0 items-center gap-3">
                    <span className="min-w-0 flex-1 truncate" title={name}>
                      {name}
                    </span>
                    {columns.map((column) => (
                      <Box
                        key={columnId(column)}
                        label={column.kind === 'metric' ? column.aggregate : null}
                        name={columnTitle(column)}
                        checked={set.has(columnId(column))}
                        onChange={() => toggle(columnId(column))}
                      />
                    ))}
                  </div>
                ))}
              </div>
            </fieldset>
          );
        })}
      </div>
    </Dialog>
  );
}

function Box({
  label,
  name,
  checked,
  onChange,
}: {
  label: string | null;
  name: string;
  checked: boolean;
  onChange(): void;
}) {
  return (
    <label className="inline-flex shrink-0 items-center gap-1 text-xs text-ink-3">
      <input
        type="checkbox"
        aria-label={label === 'last' ? `${name} (last)` : name}
        className="size-3.5 shrink-0 accent-(--accent-solid)"
        checked={checked}
        onChange={onChange}
      />
      {label}
    </label>
  );
}

type Row = { name: string; columns: RunColumn[] };

function groupsOf(keys: RunKeys): { title: string; rows: Row[] }[] {
  const params = (varying: boolean): Row[] =>
    keys.params
      .filter(({ varies }) => varies === varying)
      .map(({ key }) => ({ name: key, columns: [{ kind: 'param', key }] }));
  return [
    {
      title: 'Metrics',
      rows: rankMetrics(keys.metrics, keys.sampled).map((key) => ({
        name: key,
        columns: AGGREGATES.map((aggregate) => ({ kind: 'metric', key, aggregate })),
      })),
    },
    { title: 'Parameters that vary', rows: params(true) },
    { title: 'Parameters that are the same in all runs', rows: params(false) },
    {
      title: 'Of the run',
      rows: ATTRIBUTES.filter((key) => key !== 'name').map((key) => ({
        name: columnTitle({ kind: 'attribute', key }),
        columns: [{ kind: 'attribute', key }],
      })),
    },
    { title: 'Tags', rows: keys.tags.map(({ key }) => ({ name: key, columns: [{ kind: 'tag', key }] })) },
  ];
}
