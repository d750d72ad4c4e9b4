/** How right the model turned out to be. */
import type { ArmSummary, PerformancePoint } from '../../../src-main/contract/monitoring.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { ArmsPanel } from './arms-panel.tsx';

export function PerformanceView({ endpoint }: MonitoringScope) {
  const performance = useData(['monitoring', 'performance', endpoint], (rpc, signal) =>
    rpc.monitoring.performance({ endpoint }, { signal }),
  );
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  return (
    <QueryState query={performance} what="Quality">
      {({ arms, points }) => {
        const order = armOrder(points, serving.data?.arms ?? []);
        return <ArmsPanel arms={byArm(arms, order)} present={serving.data?.arms ?? []} />;
      }}
    </QueryState>
  );
}

/** Arms in the order of the route; those that are no longer in it after them. */
const armOrder = (points: readonly PerformancePoint[], present: readonly { key: string }[]): string[] => {
  const seen = new Set(points.map(({ arm }) => arm));
  const routed = present.map(({ key }) => key).filter((key) => seen.has(key));
  return [...new Set([...routed, ...seen])];
};

const byArm = (summaries: readonly ArmSummary[], order: readonly string[]): ArmSummary[] =>
  [...summaries].sort(
    (a, b) => order.indexOf(a.arm) - order.indexOf(b.arm) || Number(a.version) - Number(b.version),
  );
