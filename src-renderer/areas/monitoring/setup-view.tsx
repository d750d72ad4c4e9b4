/** What an endpoint is compared with, and what is kept of its traffic. */
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { CapturePanel } from './capture-panel.tsx';
import { ReferencesPanel } from './references-panel.tsx';

export function SetupView({ endpoint, range }: MonitoringScope) {
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  return (
    <div className="flex flex-col gap-3">
      <QueryState query={serving} what="The endpoint’s versions">
        {(data) => <ReferencesPanel endpoint={data} range={range} />}
      </QueryState>
      <CapturePanel endpoint={endpoint} />
    </div>
  );
}
