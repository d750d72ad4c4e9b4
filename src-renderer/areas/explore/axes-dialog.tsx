/** Which axes a picture has: any metric, parameter or attribute. */
import { useState } from 'react';
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';
import type { ColumnId } from '../../lib/run-columns.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { valueChoices } from './column-choice.ts';

/** More boxes than this help nobody; the search narrows them. */
const MOST = 120;

export function AxesDialog({
  open,
  onClose,
  keys,
  chosen,
  most,
  onChange,
  onReset,
}: {
  open: boolean;
  onClose(): void;
  keys: RunKeys | null;
  chosen: readonly ColumnId[];
  /** No more than this can be chosen. */
  most: number;
  onChange(chosen: ColumnId[]): void;
  onReset(): void;
}) {
  const [search, setSearch] = useState('');
  const words = search.toLowerCase();
  const found = valueChoices(keys).filter(({ label }) => label.toLowerCase().includes(words));
  const set = new Set(chosen);
  const full = chosen.length >= most;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Axes"
      width="lg"
      footer={
        <>
          <Button variant="ghost" onClick={onReset}>
            Usual axes
          </Button>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <TextField
        label="Find an axis"
        hideLabel
        type="search"
        placeholder="Find a metric or parameter"
        value={search}
        onChange={setSearch}
      />
      <div className="mt-3 grid min-h-80 grid-cols-1 content-start gap-x-6 gap-y-1 sm:grid-cols-2">
        {found.slice(0, MOST).map(({ value, label }) => (
          <label key={value} className="flex min-w-0 items-center gap-2">
            <input
              type="checkbox"
              checked={set.has(value)}
              disabled={full && !set.has(value)}
              onChange={() =>
                onChange(set.has(value) ? chosen.filter((one) => one !== value) : [...chosen, value])
              }
              className="size-3.5 shrink-0 accent-(--accent-solid)"
            />
            <span className="min-w-0 flex-1 truncate" title={label}>
              {label}
            </span>
          </label>
        ))}
      </div>
      {found.length > MOST ? (
        <p className="mt-2 text-xs text-ink-3">
          The first {MOST} of {found.length}; the search finds the others.
        </p>
      ) : null}
      {full ? <p className="mt-2 text-xs text-ink-3">{most} axes are the most.</p> : null}
    </Dialog>
  );
}
