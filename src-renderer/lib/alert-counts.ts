/** How many alerts are open, and how many of them wait for somebody: the badge, the status bar, the overview. */
import { useData } from './query.ts';

export type AlertCounts = { open: number; unacknowledged: number };

export function useAlertCounts(): AlertCounts {
  const { data } = useData(['alerts', 'counts'], (rpc, signal) =>
    rpc.alerts.list({ state: 'open', limit: 1 }, { signal }),
  );
  return { open: data?.open ?? 0, unacknowledged: data?.unacknowledged ?? 0 };
}
