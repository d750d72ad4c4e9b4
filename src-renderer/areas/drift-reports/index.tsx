/** Reports: exact scores of two sets of rows. */
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { Panel } from '../../ui/Panel.tsx';

export function ReportsView({ endpoint }: MonitoringScope) {
  return <Panel title="Reports">{endpoint}</Panel>;
}
