/** One endpoint that is watched: its health at a glance, and the parts that say why. */
import { Radio } from 'lucide-react';
import type { ComponentType } from 'react';
import { type MonitoringScope, scopedPath, scopeOf } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ViewTabs } from '../../ui/ViewTabs.tsx';
import { BusinessView } from '../business-metrics/index.tsx';
import { ReportsView } from '../drift-reports/index.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { SlicesView } from '../slices/index.tsx';
import { FeaturesView } from './features-view.tsx';
import { HealthView } from './health-view.tsx';
import { PerformanceView } from './performance-view.tsx';
import { ScopeBar } from './scope-bar.tsx';
import { SetupView } from './setup-view.tsx';

type Tab = {
  id: string;
  label: string;
  View: ComponentType<MonitoringScope>;
  /** What it shows follows the bar above the tabs. */
  scoped: boolean;
};

const TABS: readonly Tab[] = [
  { id: 'health', label: 'Health', View: HealthView, scoped: true },
  { id: 'features', label: 'Features', View: FeaturesView, scoped: true },
  { id: 'performance', label: 'Performance', View: PerformanceView, scoped: true },
  { id: 'slices', label: 'Slices', View: SlicesView, scoped: true },
  { id: 'business', label: 'Business', View: BusinessView, scoped: true },
  { id: 'reports', label: 'Reports', View: ReportsView, scoped: true },
  { id: 'setup', label: 'Setup', View: SetupView, scoped: false },
];

export function EndpointPage({ endpoint }: { endpoint: string }) {
  const { query } = useLocation();
  const overview = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const tab = TABS.find(({ id }) => id === query.tab) ?? (TABS[0] as Tab);
  return (
    <Page>
      <PageHeader
        title={endpoint}
        trail={[{ label: 'Monitoring', to: '/monitoring' }]}
        actions={
          <Button icon={Radio} onClick={() => navigate(pathTo('serving', endpoint))}>
            Serving
          </Button>
        }
      />
      <ViewTabs
        label={`Parts of ${endpoint}`}
        tabs={TABS.map(({ id, label }) => ({
          id,
          label,
          to: scopedPath(query, [endpoint], { tab: id === 'health' ? null : id }),
        }))}
        current={tab.id}
      />
      <ReplayBar endpoint={endpoint} onlyWithData />
      <QueryState query={overview} what={`The endpoint ${endpoint}`}>
        {(watched) => {
          const found = watched.find((one) => one.endpoint === endpoint);
          const bounds =
            found && found.firstMs !== null && found.lastMs !== null
              ? { firstMs: found.firstMs, lastMs: found.lastMs }
              : null;
          const scope = scopeOf(endpoint, query, bounds);
          return (
            <>
              {tab.scoped && scope.range ? <ScopeBar scope={scope} serving={serving.data} /> : null}
              <tab.View {...scope} />
            </>
          );
        }}
      </QueryState>
    </Page>
  );
}
