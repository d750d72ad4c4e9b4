/** The filter: completes what is typed, and shows what is wrong where it is wrong. */
import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { parseRunFilter } from '../../../src-main/contract/run-filter.ts';
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';
import { FilterError } from '../../../src-main/contract/search-filter.ts';
import { useData } from '../../lib/query.ts';
import { IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { INPUT } from '../../ui/Field.tsx';
import { completionsAt, valueFieldAt } from './filter-completion.ts';
import { columnOf } from './runs-model.ts';

/** Typing is not done yet; asking for runs waits this long. */
const SETTLE_MS = 150;

type FilterBarProps = {
  experiment: string;
  value: string;
  keys: RunKeys | null;
  onChange(filter: string): void;
};

export function FilterBar({ experiment, value, keys, onChange }: FilterBarProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  useEffect(() => setText(value), [value]);

  const problem = useMemo(() => problemOf(text), [text]);
  useEffect(() => {
    if (problem || text === value) return;
    const timer = setTimeout(() => onChange(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, value, problem, onChange]);

  const values = useValues(experiment, open ? valueFieldAt(text, caret) : null);
  const completion = useMemo(() => completionsAt(text, caret, { keys, values }), [text, caret, keys, values]);
  const items = open ? completion.items : [];

  const take = (at: number) => {
    const chosen = items[at];
    if (!chosen) return;
    const next = `${text.slice(0, completion.from)}${chosen.text}${text.slice(caret).trimStart()}`;
    const position = completion.from + chosen.text.length;
    setText(next);
    setCaret(position);
    setActive(-1);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(position, position);
    });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setOpen(true);
      setActive(
        (items.length + active + step + (active < 0 && step < 0 ? 1 : 0)) % Math.max(1, items.length),
      );
    } else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === 'Enter') setOpen(false);
    else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
    }
  };

  return (
    <search className="relative min-w-64 flex-1">
      <label htmlFor={id} className="sr-only">
        Filter runs
      </label>
      <Search size={14} aria-hidden="true" className="absolute top-1/2 left-2 -translate-y-1/2 text-ink-3" />
      <input
        ref={input}
        id={id}
        type="text"
        role="combobox"
        spellCheck={false}
        autoComplete="off"
        aria-autocomplete="list"
        aria-expanded={items.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={problem && !open ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        placeholder="Filter: words, metrics.auc > 0.8 AND params.lr < 0.01, (status = FAILED OR …)"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setCaret(event.target.selectionStart ?? event.target.value.length);
          setOpen(true);
          setActive(-1);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        className={cx(INPUT, 'pr-8 pl-7 font-mono text-xs')}
      />
      {text ? (
        <span className="absolute top-1/2 right-0.5 -translate-y-1/2">
          <IconButton
            icon={X}
            label="Clear the filter"
            size="sm"
            onClick={() => {
              setText('');
              onChange('');
            }}
          />
        </span>
      ) : null}
      <Suggestions id={id} items={items} active={active} onTake={take} />
      {problem && (items.length === 0 || active < 0) ? (
        <Problem id={`${id}-problem`} text={text} problem={problem} quiet={open} />
      ) : null}
    </search>
  );
}

function Suggestions({
  id,
  items,
  active,
  onTake,
}: {
  id: string;
  items: readonly { text: string; label: string; hint: string }[];
  active: number;
  onTake(at: number): void;
}) {
  if (items.length === 0) return null;
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label="Suggestions"
      className="absolute top-full left-0 z-30 mt-1 max-h-72 w-96 max-w-full overflow-auto rounded-md border border-line bg-raised p-1 shadow-lg"
    >
      {items.map(({ label, hint }, at) => (
        <div
          key={`${hint}${label}`}
          id={`${id}-${at}`}
          role="option"
          tabIndex={-1}
          aria-selected={at === active}
          // Before the field loses the focus, which would close the list.
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(at);
          }}
          className={cx(
            'flex h-7 items-center gap-3 rounded-sm px-2 font-mono text-xs hover:bg-hover',
            at === active && 'bg-selected',
          )}
        >
          <span className="min-w-0 flex-1 truncate">{label}</span>
          <span className="shrink-0 font-sans text-ink-3">{hint}</span>
        </div>
      ))}
    </div>
  );
}

/** While it is typed, a filter is often unfinished; only what is left that way is marked as wrong. */
function Problem({
  id,
  text,
  problem,
  quiet,
}: {
  id: string;
  text: string;
  problem: FilterError;
  quiet: boolean;
}) {
  if (quiet)
    return (
      <span id={id} className="sr-only">
        {problem.message}
      </span>
    );
  const before = text.slice(Math.max(0, problem.at - 24), problem.at);
  const after = text.slice(problem.at, problem.at + 24);
  return (
    <p
      id={id}
      role="alert"
      className="absolute top-full left-0 z-30 mt-1 rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-lg"
    >
      <span className="text-bad">{problem.message}</span>{' '}
      <code className="whitespace-pre text-ink-2">
        {before}
        <mark className="bg-bad-soft text-bad underline decoration-wavy">{after || ' '}</mark>
      </code>
    </p>
  );
}

function problemOf(text: string): FilterError | null {
  try {
    parseRunFilter(text);
    return null;
  } catch (thrown) {
    if (thrown instanceof FilterError) return thrown;
    throw thrown;
  }
}

/** Values of the param or tag that is being compared. */
function useValues(experiment: string, field: string | null): readonly string[] {
  const [, type, name] = /^(params|tags)\.[`"]?(.*?)[`"]?$/.exec(field ?? '') ?? [];
  const column = columnOf(type === 'tags' ? `t:${name}` : `p:${name ?? field ?? ''}`);
  const wanted = field !== null && column !== null;
  const query = useData(
    ['experiments', 'values', experiment, column],
    (rpc, signal) =>
      column
        ? rpc.experiments.values({ experimentIds: [experiment], column }, { signal })
        : Promise.resolve([]),
    { enabled: wanted },
  );
  return wanted ? (query.data ?? []) : [];
}
