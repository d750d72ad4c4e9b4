import type { BusinessMetric } from '../../../src-main/contract/business-metrics.ts';
import { plural } from '../../lib/format.ts';
import { useAction } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { ConfirmDialog } from '../../ui/Dialog.tsx';

export function RemoveMetricDialog({ metric, onClose }: { metric: BusinessMetric; onClose: () => void }) {
  const { endpoint, name, points } = metric;
  const remove = useAction((rpc) => rpc.businessMetrics.remove({ endpoint, name }), {
    topics: ['monitoring', 'alerts'],
    onDone: () => {
      toast.ok(`${name} is removed`);
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
      title={`Remove ${name}?`}
      confirm="Remove"
    >
      {plural(points, 'value')} of it go, and rules on it can judge nothing any more. This cannot be undone.
    </ConfirmDialog>
  );
}
