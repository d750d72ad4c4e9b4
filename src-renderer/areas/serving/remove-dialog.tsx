import { useState } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction } from '../../lib/query.ts';
import { navigate } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { TextField } from '../../ui/TextField.tsx';

/** Removing cannot be taken back, so the name has to be typed. */
export function RemoveEndpointDialog({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const remove = useAction(
    (rpc) => rpc.serving.remove({ name: endpoint.name, revision: endpoint.revision }),
    {
      topics: ['serving', 'models', 'monitoring', 'overview'],
      quiet: true,
      onDone: () => {
        toast.ok(`${endpoint.name} is removed`);
        navigate('/serving');
      },
    },
  );
  const failure = remove.error ? reportOf(remove.error) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      width="sm"
      title={`Remove ${endpoint.name}?`}
      description="Its URL stops answering at once. The model and its versions stay. This cannot be undone."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="danger"
            disabled={typed !== endpoint.name}
            busy={remove.isPending}
            onClick={() => remove.mutate()}
          >
            Remove endpoint
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <TextField
          label={`Type ${endpoint.name} to confirm`}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
        />
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}
