import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { Panel } from '../../ui/Panel.tsx';

export function FeaturesView({ endpoint }: MonitoringScope) {
  return <Panel title="Features">{endpoint}</Panel>;
}
