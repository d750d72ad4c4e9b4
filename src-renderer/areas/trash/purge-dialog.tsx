import type { TrashItem } from '../../../src-main/contract/trash.ts';
import { reportOf } from '../../lib/errors.ts';
import { plural } from '../../lib/format.ts';
import { useAction, useData } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { weightText } from './kinds.ts';

export type PurgeDialogProps = {
  items: 'all' | readonly TrashItem[];
  count: number;
  onClose(): void;
  onDone(): void;
};

/** Asks before something goes for good, and says what that frees. */
export function PurgeDialog({ items, count, onClose, onDone }: PurgeDialogProps) {
  const refs = items === 'all' ? items : items.map(({ kind, id }) => ({ kind, id }));
  const only = items !== 'all' && items.length === 1 ? items[0] : undefined;
  const weight = useData(['trash', 'weigh', refs], (rpc, signal) =>
    rpc.trash.weigh({ items: refs }, { signal }),
  );
  const purge = useAction((rpc) => rpc.trash.purge({ items: refs }), {
    topics: ['trash', 'activity'],
    quiet: true,
    onDone({ accepted }) {
      toast.show('info', `Deleting ${plural(accepted, 'thing')} for good`, {
        detail: 'Activity shows how far it is and what it freed.',
      });
      onDone();
      onClose();
    },
  });
  const failure = purge.error ?? weight.error;
  const report = failure ? reportOf(failure) : null;
  const what = only ? only.title : plural(count, 'thing');
  return (
    <Dialog
      open
      onClose={onClose}
      width="sm"
      title={items === 'all' ? 'Empty the trash?' : `Delete ${what} for good?`}
      description={
        items === 'all'
          ? `${plural(count, 'thing')} will go for good. This cannot be undone.`
          : 'This cannot be undone.'
      }
      footer={
        <>
          <Button onClick={onClose} data-autofocus="">
            Cancel
          </Button>
          <Button variant="danger" busy={purge.isPending} onClick={() => purge.mutate()}>
            {items === 'all' ? 'Empty trash' : 'Delete for good'}
          </Button>
        </>
      }
    >
      {report ? (
        <FailureCallout report={report} />
      ) : (
        <p className="num min-h-5" role="status">
          {weight.data ? weightText(weight.data) : 'Working out what comes back …'}
        </p>
      )}
    </Dialog>
  );
}
