/** Business metrics: what the model does for the business, and how the two move together. */
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { Panel } from '../../ui/Panel.tsx';

export function BusinessView({ endpoint }: MonitoringScope) {
  return <Panel title="Business metrics">{endpoint}</Panel>;
}
