import type { Slice } from '../../../src-main/contract/slices.ts';
import { useAction } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { ConfirmDialog } from '../../ui/Dialog.tsx';

export function RemoveSliceDialog({ slice, onClose }: { slice: Slice; onClose: () => void }) {
  const remove = useAction((rpc) => rpc.slices.remove({ id: slice.id }), {
    topics: ['monitoring', 'alerts'],
    onDone: () => {
      toast.ok(`${slice.name} is removed`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      danger
      onClose={onClose}
      onConfirm={() => remove.mutate()}
      busy={remove.isPending}
      title={`Remove the slice ${slice.name}?`}
      confirm="Remove"
    >
      Its figures go and rules on it can judge nothing any more. The rows themselves stay; a slice made again
      is filled from those that are still logged. This cannot be undone.
    </ConfirmDialog>
  );
}
