/** A reference from a stretch of past traffic: from then on scores tell what changed since. */
import { useState } from 'react';
import { reportOf } from '../../lib/errors.ts';
import type { TimeRange } from '../../lib/monitoring-scope.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { fieldToMs, msToField } from './time-field.ts';
import { useTakeReference } from './use-take-reference.ts';
import { VersionField } from './version-field.tsx';

type Props = { endpoint: string; versions: readonly string[]; range: TimeRange; onClose: () => void };

export function ReferenceFromWindow({ endpoint, versions, range, onClose }: Props) {
  const [version, setVersion] = useState(versions[0] ?? '1');
  const [title, setTitle] = useState('');
  const [from, setFrom] = useState(msToField(range.fromMs));
  const [to, setTo] = useState(msToField(range.toMs));
  const fromMs = fieldToMs(from);
  const toMs = fieldToMs(to);
  const wrong =
    fromMs === null || toMs === null ? 'Enter both ends.' : fromMs >= toMs ? 'The end must be later.' : null;
  const take = useTakeReference(
    (rpc) => rpc.references.fromWindow({ endpoint, version, fromMs: fromMs ?? 0, toMs: toMs ?? 0, title }),
    onClose,
  );
  const failure = take.error ? reportOf(take.error) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a reference from past traffic"
      description="The rows that were served then. Scores against it tell what has changed since, not whether the traffic fits the training data."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={wrong !== null}
            busy={take.isPending}
            onClick={() => take.mutate()}
          >
            Add reference
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="grid grid-cols-2 gap-3">
          <TextField label="From, UTC" type="datetime-local" value={from} onChange={setFrom} />
          <TextField label="To, UTC" type="datetime-local" value={to} onChange={setTo} error={wrong} />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)_160px] gap-3">
          <TextField label="Title (optional)" value={title} onChange={setTitle} maxLength={200} />
          <VersionField versions={versions} value={version} onChange={setVersion} />
        </div>
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}
