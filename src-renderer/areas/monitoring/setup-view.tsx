import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { Panel } from '../../ui/Panel.tsx';

export function SetupView({ endpoint }: MonitoringScope) {
  return <Panel title="Setup">{endpoint}</Panel>;
}
