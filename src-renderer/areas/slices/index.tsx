/** Slices: quality of parts of the traffic that the user names. */
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { Panel } from '../../ui/Panel.tsx';

export function SlicesView({ endpoint }: MonitoringScope) {
  return <Panel title="Slices">{endpoint}</Panel>;
}
