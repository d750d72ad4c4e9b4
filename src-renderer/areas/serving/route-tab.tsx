/** Who gets what: the route and its change, the ramp, the shadow, and every route there was. */
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { Panel } from '../../ui/Panel.tsx';
import { BanditPanel } from '../ab-tests/index.tsx';
import { ArmTable } from './arm-table.tsx';
import { CanaryPanel } from './route/canary-panel.tsx';
import { HistoryPanel } from './route/history-panel.tsx';
import { RouteEditor } from './route/route-editor.tsx';
import { ShadowPanel } from './route/shadow-panel.tsx';
import { useSamples } from './use-samples.ts';

export function RouteTab({ endpoint }: { endpoint: Endpoint }) {
  const samples = useSamples(endpoint.name);
  return (
    <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_392px] xl:grid-rows-[auto_1fr]">
      {/* What happens by itself comes first where everything is in one column. */}
      <div className="flex min-w-0 flex-col gap-3 empty:hidden xl:col-start-2">
        <CanaryPanel endpoint={endpoint} />
        {endpoint.mode.kind === 'bandit' ? <BanditPanel endpoint={endpoint.name} /> : null}
        <ShadowPanel endpoint={endpoint} />
      </div>
      <div className="flex min-w-0 flex-col gap-3 xl:col-start-1 xl:row-span-2 xl:row-start-1">
        <RouteEditor endpoint={endpoint} />
        <Panel title="Arms" hint="last 10 seconds" padded={false}>
          <div className="overflow-x-auto">
            <ArmTable endpoint={endpoint} samples={samples ?? []} />
          </div>
        </Panel>
      </div>
      <div className="min-w-0 xl:col-start-2">
        <HistoryPanel endpoint={endpoint} />
      </div>
    </div>
  );
}
