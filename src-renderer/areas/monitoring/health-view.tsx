import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { Panel } from '../../ui/Panel.tsx';

export function HealthView({ endpoint }: MonitoringScope) {
  return <Panel title="Health">{endpoint}</Panel>;
}
