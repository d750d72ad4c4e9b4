/** Makes or changes a rule, and says meanwhile how often it would have fired on what is there. */
import { useState } from 'react';
import type { AlertRule } from '../../../src-main/contract/alerts.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction, useData } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { SEVERITIES } from './alert-look.tsx';
import { ConditionFields } from './condition-fields.tsx';
import { checkDraft, draftOf, emptyDraft, type RuleDraft, suggestedName } from './rule-draft.ts';
import { RuleTrial } from './rule-trial.tsx';
import { SeriesFields } from './series-fields.tsx';

type RuleDialogProps = {
  /** The rule that is changed, or copied. */
  rule?: AlertRule;
  copy?: boolean;
  /** What a new one begins with. */
  start?: Partial<RuleDraft>;
  onClose: () => void;
  onSaved?: () => void;
};

export function RuleDialog({ rule, copy, start, onClose, onSaved }: RuleDialogProps) {
  const endpoints = useData(['serving', 'list'], (rpc, signal) => rpc.serving.list(undefined, { signal }));
  const [draft, setDraft] = useState(() =>
    rule ? { ...draftOf(rule), ...(copy ? { name: '' } : {}) } : emptyDraft(start?.endpoint ?? '', start),
  );
  const [touched, setTouched] = useState(false);
  const endpoint = draft.endpoint || (endpoints.data?.[0]?.name ?? '');
  const present = { ...draft, endpoint };
  const set = (patch: Partial<RuleDraft>) => setDraft({ ...draft, ...patch });
  const { rule: checked, problems } = checkDraft(present);
  const changing = rule && !copy ? rule : null;
  const save = useAction(
    (rpc) => {
      if (!checked) throw new Error('The rule has problems.');
      return changing
        ? rpc.alerts.updateRule({ id: changing.id, revision: changing.revision, rule: checked })
        : rpc.alerts.createRule(checked);
    },
    {
      topics: ['alerts'],
      quiet: true,
      onDone: ({ name }) => {
        toast.ok(changing ? `${name} is saved` : `${name} is watched from now on`);
        onClose();
        onSaved?.();
      },
    },
  );
  const failure = save.error ? reportOf(save.error) : null;
  const error = (field: keyof RuleDraft) => problems[field] ?? null;
  return (
    <Dialog
      open
      onClose={onClose}
      width="lg"
      title={changing ? `Change the rule ${changing.name}` : 'Make an alert rule'}
      description="When the condition holds, an alert opens with its evidence and is told on the channels."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={save.isPending}
            disabled={endpoint === ''}
            onClick={() => {
              setTouched(true);
              if (checked) save.mutate();
            }}
          >
            {changing ? 'Save rule' : 'Make rule'}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-x-6 gap-y-4 md:grid-cols-[minmax(0,1fr)_264px]">
        <div className="flex min-w-0 flex-col gap-4">
          <SeriesFields
            draft={present}
            set={set}
            error={error}
            endpoints={endpoints.data?.map(({ name }) => name) ?? (endpoint ? [endpoint] : [])}
            fixedEndpoint={changing !== null}
          />
          <ConditionFields
            draft={present}
            set={set}
            error={touched || draft.value !== '' ? error : () => null}
          />
          <section aria-label="How it is told" className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            <Select
              label="Severity"
              value={draft.severity}
              onChange={(severity) => set({ severity })}
              options={SEVERITIES}
            />
            <TextField
              label="Name"
              value={draft.name}
              onChange={(name) => set({ name })}
              maxLength={120}
              placeholder={suggestedName(present)}
              error={error('name')}
            />
          </section>
          <FailureCallout report={failure} />
        </div>
        <RuleTrial rule={checked} />
      </div>
    </Dialog>
  );
}
