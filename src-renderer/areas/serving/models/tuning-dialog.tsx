/** How the versions of one model are loaded, batched and queued; what is left empty Lathe chooses. */
import { useState } from 'react';
import { ProviderWish } from '../../../../src-main/contract/devices.ts';
import type { ModelTuning, TunedModel, VersionPolicy } from '../../../../src-main/contract/serving.ts';
import { reportOf } from '../../../lib/errors.ts';
import { queryClient, useAction } from '../../../lib/query.ts';
import { toast } from '../../../lib/store.ts';
import { Button } from '../../../ui/Button.tsx';
import { Callout } from '../../../ui/Callout.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { FailureCallout } from '../../../ui/FailureCallout.tsx';
import { Select } from '../../../ui/Select.tsx';
import { TextField } from '../../../ui/TextField.tsx';
import { optionalNumber, versionList } from './held-rules.ts';

type NumberKey = 'sloMs' | 'maxBatchRows' | 'maxQueueRows' | 'priority' | 'weight' | 'threads';
const NUMBERS: readonly {
  key: NumberKey;
  label: string;
  help: string;
  min: number;
  max: number;
  integer: boolean;
}[] = [
  {
    key: 'sloMs',
    label: 'Answer within (ms)',
    help: 'Batches are sized to keep it; what would be later is refused at once.',
    min: 1,
    max: 600_000,
    integer: false,
  },
  {
    key: 'maxBatchRows',
    label: 'Most rows in a batch',
    help: 'Lathe finds the size that keeps the target.',
    min: 1,
    max: 4096,
    integer: true,
  },
  {
    key: 'maxQueueRows',
    label: 'Most rows that may wait',
    help: 'Beyond it requests are refused.',
    min: 1,
    max: 1_000_000,
    integer: true,
  },
  {
    key: 'priority',
    label: 'Priority',
    help: 'Of requests that name none: 1 goes first, 16 last.',
    min: 1,
    max: 16,
    integer: true,
  },
  {
    key: 'weight',
    label: 'Share of the device',
    help: 'When models compete: 2 gets twice the time of 1.',
    min: 0.01,
    max: 100,
    integer: false,
  },
  {
    key: 'threads',
    label: 'Threads of a run',
    help: 'On the CPU: all cores, unless a run is too short to share.',
    min: 1,
    max: 256,
    integer: true,
  },
];

const POLICIES: readonly { value: VersionPolicy['kind']; label: string }[] = [
  { value: 'routed', label: 'Those that endpoints route to' },
  { value: 'latest', label: 'Those, and the newest ones' },
  { value: 'specific', label: 'Those, and chosen ones' },
  { value: 'all', label: 'Every version' },
];

type Fields = Record<NumberKey, string> & {
  kind: VersionPolicy['kind'];
  count: string;
  chosen: string;
  padded: 'auto' | 'yes' | 'no';
  provider: 'setting' | ProviderWish;
};

function fieldsOf({ versions, padded, provider, ...tuning }: ModelTuning): Fields {
  const text = (value: number | null) => (value === null ? '' : String(value));
  return {
    sloMs: text(tuning.sloMs),
    maxBatchRows: text(tuning.maxBatchRows),
    maxQueueRows: text(tuning.maxQueueRows),
    priority: text(tuning.priority),
    weight: text(tuning.weight),
    threads: text(tuning.threads),
    kind: versions.kind,
    count: versions.kind === 'latest' ? String(versions.count) : '1',
    chosen: versions.kind === 'specific' ? versions.versions.join(', ') : '',
    padded: padded === null ? 'auto' : padded ? 'yes' : 'no',
    provider: provider ?? 'setting',
  };
}

function policyOf({ kind, count, chosen }: Fields): { policy: VersionPolicy } | { problem: string } {
  if (kind === 'latest') {
    const number = optionalNumber(count, { min: 1, max: 100, integer: true });
    if ('problem' in number) return number;
    return number.value === null ? { problem: 'Write how many.' } : { policy: { kind, count: number.value } };
  }
  if (kind === 'specific') {
    const list = versionList(chosen);
    return 'problem' in list ? list : { policy: { kind, versions: list.versions } };
  }
  return { policy: { kind } };
}

export function TuningDialog({ tuned, onClose }: { tuned: TunedModel; onClose: () => void }) {
  const { model } = tuned;
  // What was seen when it was opened: a change from elsewhere must not be overwritten unseen.
  const [base] = useState(tuned);
  const [fields, setFields] = useState(() => fieldsOf(base.tuning));
  const change = (part: Partial<Fields>) => setFields({ ...fields, ...part });
  const save = useAction((rpc, next: TunedModel) => rpc.serving.setTuning(next), {
    quiet: true,
    topics: ['serving', 'models', 'overview'],
    onDone: (saved) => {
      queryClient.setQueryData(['serving', 'tuning', model], saved);
      toast.ok(`How ${model} is served is changed`, 'It takes effect without a pause.');
      onClose();
    },
  });
  const failure = save.error ? reportOf(save.error) : null;
  const numbers = NUMBERS.map((one) => ({ ...one, read: optionalNumber(fields[one.key], one) }));
  const policy = policyOf(fields);
  const ready = 'policy' in policy && numbers.every(({ read }) => 'value' in read);

  const submit = () => {
    if (!('policy' in policy)) return;
    const tuning: ModelTuning = {
      ...base.tuning,
      versions: policy.policy,
      padded: fields.padded === 'auto' ? null : fields.padded === 'yes',
      provider: fields.provider === 'setting' ? null : fields.provider,
    };
    for (const { key, read } of numbers) if ('value' in read) tuning[key] = read.value;
    save.mutate({ model, revision: base.revision, tuning });
  };

  return (
    <Dialog
      open
      onClose={onClose}
      width="md"
      title={`How ${model} is served`}
      description="For all its versions. What is left empty Lathe chooses, from what it measures."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!ready} busy={save.isPending} onClick={submit}>
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="grid grid-cols-2 items-start gap-3">
          <Select<VersionPolicy['kind']>
            label="Versions kept in memory"
            value={fields.kind}
            onChange={(kind) => change({ kind })}
            options={POLICIES}
          />
          {fields.kind === 'latest' ? (
            <TextField
              label="How many of the newest"
              value={fields.count}
              onChange={(count) => change({ count })}
              inputMode="numeric"
              error={'problem' in policy ? policy.problem : null}
            />
          ) : null}
          {fields.kind === 'specific' ? (
            <TextField
              label="Version numbers"
              value={fields.chosen}
              onChange={(chosen) => change({ chosen })}
              placeholder="3, 5"
              error={'problem' in policy ? policy.problem : null}
            />
          ) : null}
          <Select<Fields['provider']>
            label="Runs on"
            value={fields.provider}
            onChange={(provider) => change({ provider })}
            options={[
              { value: 'setting', label: 'As set for all models' },
              ...ProviderWish.options.map((value) => ({
                value,
                label: value === 'auto' ? 'The best there is' : value,
              })),
            ]}
          />
        </div>
        <div className="grid grid-cols-2 items-start gap-3">
          {numbers.map(({ key, label, help, read }) => (
            <TextField
              key={key}
              label={label}
              help={help}
              value={fields[key]}
              onChange={(text) => change({ [key]: text })}
              placeholder="chosen by Lathe"
              inputMode="decimal"
              error={'problem' in read ? read.problem : null}
            />
          ))}
          <Select<Fields['padded']>
            label="Fill batches to a power of two"
            help="Helps where a device plans anew for every size."
            value={fields.padded}
            onChange={(padded) => change({ padded })}
            options={[
              { value: 'auto', label: 'chosen by Lathe' },
              { value: 'yes', label: 'Yes' },
              { value: 'no', label: 'No' },
            ]}
          />
        </div>
        {failure?.code === 'LATHE_CONFLICT' ? (
          <Callout
            tone="warn"
            title="It was changed elsewhere meanwhile"
            actions={
              <Button size="sm" onClick={onClose}>
                Close
              </Button>
            }
          >
            Nothing of yours was applied. Close this and open it again to see how it is now.
          </Callout>
        ) : failure ? (
          <FailureCallout report={failure} />
        ) : null}
      </div>
    </Dialog>
  );
}
