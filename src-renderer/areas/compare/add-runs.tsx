/** Chooses runs to compare, from any experiment. */
import { useState } from 'react';
import { MOST_COMPARED } from '../../../src-main/contract/compare.ts';
import { formatRelative, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';

type AddRunsProps = {
  open: boolean;
  onClose(): void;
  present: readonly string[];
  onAdd(runs: readonly string[]): void;
};

/** So many are listed; more are found by words. */
const LISTED = 100;
const EVERY = '';

export function AddRunsDialog(props: AddRunsProps) {
  return props.open ? <OpenDialog {...props} /> : null;
}

function OpenDialog({ onClose, present, onAdd }: AddRunsProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [experiment, setExperiment] = useState(EVERY);
  const [filter, setFilter] = useState('');
  const experiments = useData(['experiments', 'list'], (rpc, signal) =>
    rpc.experiments.list(undefined, { signal }),
  );
  const ids = (experiments.data ?? []).slice(0, 100).map(({ id }) => id);
  const searched = experiment === EVERY ? ids : [experiment];
  const found = useData(
    ['experiments', 'to-compare', searched, filter],
    async (rpc, signal) => {
      const order = await rpc.experiments.order({ experimentIds: searched, filter }, { signal });
      const listed = order.ids.slice(0, LISTED);
      const runs =
        listed.length === 0 ? [] : await rpc.experiments.cells({ runIds: listed, columns: [] }, { signal });
      return { runs, found: order.ids.length };
    },
    { enabled: searched.length > 0, keep: true },
  );
  const room = MOST_COMPARED - present.length - chosen.size;
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const add = () => {
    onAdd([...chosen]);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add runs"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={chosen.size === 0} onClick={add}>
            {chosen.size === 0 ? 'Add' : `Add ${plural(chosen.size, 'run')}`}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label="Find"
          type="search"
          placeholder="Words, or metrics.auc > 0.6"
          value={filter}
          onChange={setFilter}
          error={found.error ? found.error.report.cause : null}
        />
        <Select
          label="Experiment"
          value={experiment}
          onChange={setExperiment}
          options={[
            { value: EVERY, label: 'All experiments' },
            ...(experiments.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </div>
      <ScrollRegion label="Runs found" className="mt-3 h-80 rounded-sm border border-line">
        {experiments.data?.length === 0 ? (
          <p className="p-3 text-ink-3">There are no runs yet.</p>
        ) : found.error ? null : (
          <QueryState query={found} what="The runs">
            {({ runs, found: count }) => (
              <ul aria-label="Runs">
                {runs.map((run) => (
                  <RunChoice
                    key={run.id}
                    run={run}
                    isPresent={present.includes(run.id)}
                    isChosen={chosen.has(run.id)}
                    isFull={room <= 0}
                    onToggle={() => toggle(run.id)}
                  />
                ))}
                {count === 0 ? <li className="p-3 text-ink-3">No run matches.</li> : null}
                {count > runs.length ? (
                  <li className="num p-3 text-xs text-ink-3">
                    The first {runs.length} of {plural(count, 'run')}. Words find the others.
                  </li>
                ) : null}
              </ul>
            )}
          </QueryState>
        )}
      </ScrollRegion>
      {room <= 0 ? (
        <p role="status" className="mt-2 text-xs text-warn">
          {MOST_COMPARED} runs are the most that are compared at once.
        </p>
      ) : null}
    </Dialog>
  );
}

function RunChoice({
  run,
  isPresent,
  isChosen,
  isFull,
  onToggle,
}: {
  run: { id: string; name: string; status: string; startedMs: number };
  isPresent: boolean;
  isChosen: boolean;
  isFull: boolean;
  onToggle(): void;
}) {
  const now = useNow();
  return (
    <li className="border-b border-line last:border-b-0">
      <label className="flex h-(--row-h) items-center gap-2.5 px-3 hover:bg-hover has-disabled:opacity-60">
        <input
          type="checkbox"
          checked={isPresent || isChosen}
          disabled={isPresent || (isFull && !isChosen)}
          onChange={onToggle}
          className="block size-3.5 accent-(--accent-solid)"
        />
        <RunStatus status={run.status} hideLabel />
        <span className="min-w-0 flex-1 truncate">{run.name}</span>
        <span className="num text-xs text-ink-3">
          {isPresent ? 'compared already' : formatRelative(run.startedMs, now)}
        </span>
      </label>
    </li>
  );
}
