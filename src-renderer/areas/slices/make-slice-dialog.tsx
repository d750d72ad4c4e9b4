/** Makes a slice: features with values, ranges or nothing in them; all conditions have to hold. */
import { Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { reportOf } from '../../lib/errors.ts';
import { useAction, useData } from '../../lib/query.ts';
import { setQuery } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import { type ConditionDraft, checkCondition, conditionsText, emptyCondition } from './slice-words.ts';

type Props = { endpoint: string; taken: readonly string[]; onClose: () => void };
type Line = ConditionDraft & { key: number };

const MOST_CONDITIONS = 8;
const LONGEST_NAME = 100;

export function MakeSliceDialog({ endpoint, taken, onClose }: Props) {
  const next = useRef(1);
  const [lines, setLines] = useState<readonly Line[]>([{ ...emptyCondition(), key: 0 }]);
  const [name, setName] = useState('');
  const [asked, setAsked] = useState(false);
  const features = useData(['monitoring', 'drift', endpoint], (rpc, signal) =>
    rpc.monitoring.drift({ endpoint }, { signal }),
  );
  const checked = lines.map((line) => checkCondition(line));
  const conditions = checked.flatMap(({ condition }) => condition ?? []);
  const whole = conditions.length === lines.length;
  const suggested = conditionsText(conditions).slice(0, LONGEST_NAME);
  const wanted = name.trim() || suggested;
  const nameProblem = taken.includes(wanted) ? 'There is a slice of this name already.' : null;
  const create = useAction((rpc) => rpc.slices.create({ endpoint, name: wanted, conditions }), {
    topics: ['monitoring'],
    quiet: true,
    onDone: (slice) => {
      toast.ok(
        `${slice.name} is watched from now on`,
        'Rows that are already logged are being sorted into it.',
      );
      setQuery({ slice: slice.id });
      onClose();
    },
  });
  const failure = create.error ? reportOf(create.error) : null;
  const change = (key: number, patch: Partial<ConditionDraft>) =>
    setLines(lines.map((line) => (line.key === key ? { ...line, ...patch } : line)));
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make a slice"
      description="Rows belong to it when all of these hold."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={create.isPending}
            disabled={nameProblem !== null}
            onClick={() => {
              setAsked(true);
              if (whole) create.mutate();
            }}
          >
            Make slice
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ol className="flex flex-col gap-3">
          {lines.map((line, at) => (
            <li key={line.key} className="flex items-start gap-2 rounded-md border border-line p-3">
              <div className="min-w-0 flex-1">
                <ConditionEditor
                  endpoint={endpoint}
                  draft={line}
                  features={features.data ?? []}
                  problem={asked ? (checked[at]?.problem ?? null) : null}
                  onChange={(patch) => change(line.key, patch)}
                />
              </div>
              {lines.length > 1 ? (
                <IconButton
                  icon={X}
                  size="sm"
                  label={`Remove condition ${at + 1}`}
                  onClick={() => setLines(lines.filter(({ key }) => key !== line.key))}
                />
              ) : null}
            </li>
          ))}
        </ol>
        <div>
          <Button
            size="sm"
            icon={Plus}
            disabled={lines.length >= MOST_CONDITIONS}
            onClick={() => setLines([...lines, { ...emptyCondition(), key: next.current++ }])}
          >
            And another condition
          </Button>
        </div>
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={LONGEST_NAME}
          placeholder={suggested || 'named by its conditions'}
          error={nameProblem}
        />
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}
