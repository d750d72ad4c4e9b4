/** What one does about an alert, in the inbox and on its own page. */
import { BellOff, BellRing } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Alert } from '../../../src-main/contract/alerts.ts';
import { formatDateTime } from '../../lib/format.ts';
import { useAction } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { Menu } from '../../ui/Menu.tsx';
import { isSnoozed, snoozeChoices } from './inbox-model.ts';

const TOPICS = { topics: ['alerts' as const, 'overview' as const] };

export function useAcknowledge(onDone?: () => void) {
  const takeBack = useAction((rpc, { id }: Alert) => rpc.alerts.unacknowledge({ id }), TOPICS);
  return useAction(
    (rpc, { alert, note }: { alert: Alert; note: string }) => rpc.alerts.acknowledge({ id: alert.id, note }),
    {
      ...TOPICS,
      onDone: (_, { alert }) => {
        toast.undo(`Acknowledged: ${alert.title}`, () => takeBack.mutate(alert));
        onDone?.();
      },
    },
  );
}

export function useSnooze() {
  const wake = useAction((rpc, alert: Alert) => rpc.alerts.snooze({ id: alert.id, untilMs: 0 }), TOPICS);
  const snooze = useAction(
    (rpc, { alert, untilMs }: { alert: Alert; untilMs: number }) =>
      rpc.alerts.snooze({ id: alert.id, untilMs }),
    {
      ...TOPICS,
      onDone: (_, { alert, untilMs }) =>
        toast.undo(`Snoozed until ${formatDateTime(untilMs)}: ${alert.title}`, () => wake.mutate(alert)),
    },
  );
  return { snooze, wake };
}

export function SnoozeMenu({ alert, trigger }: { alert: Alert; trigger: ReactNode }) {
  const { snooze, wake } = useSnooze();
  const now = Date.now();
  return (
    <Menu
      trigger={trigger}
      items={[
        ...snoozeChoices(now).map(({ id, label, untilMs }) => ({
          id,
          label,
          icon: BellOff,
          run: () => snooze.mutate({ alert, untilMs }),
        })),
        ...(isSnoozed(alert, now)
          ? [
              'separator' as const,
              { id: 'wake', label: 'Wake it now', icon: BellRing, run: () => wake.mutate(alert) },
            ]
          : []),
      ]}
    />
  );
}
