/** One endpoint: its traffic as it happens, who gets what, and how to call it. */
import { Activity, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ViewTabs } from '../../ui/ViewTabs.tsx';
import { AbTestView } from '../ab-tests/index.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { EndpointStatus } from './arm-look.tsx';
import { LiveTab } from './live-tab.tsx';
import { RemoveEndpointDialog } from './remove-dialog.tsx';
import { RouteTab } from './route-tab.tsx';
import { TryTab } from './try-tab.tsx';

const TABS = [
  { id: 'live', label: 'Live' },
  { id: 'try', label: 'Try it' },
  { id: 'route', label: 'Route' },
  { id: 'test', label: 'A/B test' },
] as const;
type Tab = (typeof TABS)[number]['id'];

export function EndpointPage({ name }: { name: string }) {
  const endpoint = useData(['serving', 'get', name], (rpc, signal) => rpc.serving.get({ name }, { signal }));
  return (
    <Page>
      <QueryState query={endpoint} what={`The endpoint ${name}`}>
        {(data) => <EndpointView endpoint={data} />}
      </QueryState>
    </Page>
  );
}

function EndpointView({ endpoint }: { endpoint: Endpoint }) {
  const [removing, setRemoving] = useState(false);
  const { query } = useLocation();
  const tab: Tab = TABS.find(({ id }) => id === query.tab)?.id ?? (query.add ? 'route' : 'live');
  const path = pathTo('serving', endpoint.name);
  return (
    <>
      <PageHeader
        title={endpoint.name}
        badge={<EndpointStatus endpoint={endpoint} />}
        trail={[{ label: 'Serving', to: '/serving' }]}
        subtitle={
          <>
            serves <Link to={pathTo('models', endpoint.model)}>{endpoint.model}</Link>
          </>
        }
        actions={
          <>
            <Button icon={Activity} onClick={() => navigate(pathTo('monitoring', endpoint.name))}>
              Monitoring
            </Button>
            <Button icon={Trash2} onClick={() => setRemoving(true)}>
              Remove
            </Button>
          </>
        }
      />
      {endpoint.enabled ? null : (
        <div className="mb-3">
          <Callout tone="warn" title="This endpoint is disabled: it answers every request with 404.">
            Switch it on under Options when it should serve again.
          </Callout>
        </div>
      )}
      <ViewTabs
        label={`Parts of ${endpoint.name}`}
        tabs={TABS.map(({ id, label }) => ({ id, label, to: id === 'live' ? path : `${path}?tab=${id}` }))}
        current={tab}
      />
      {tab === 'live' ? (
        <>
          <ReplayBar endpoint={endpoint.name} />
          <LiveTab endpoint={endpoint} />
        </>
      ) : null}
      {tab === 'route' ? <RouteTab endpoint={endpoint} /> : null}
      {tab === 'test' ? <AbTestView endpoint={endpoint.name} url={endpoint.url} /> : null}
      {tab === 'try' ? <TryTab endpoint={endpoint} /> : null}
      {removing ? <RemoveEndpointDialog endpoint={endpoint} onClose={() => setRemoving(false)} /> : null}
    </>
  );
}
