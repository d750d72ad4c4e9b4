/** One endpoint: its traffic as it happens, who gets what, and how to call it. */
import { Activity, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { useAction, useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { LineagePanel } from '../lineage/index.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { EndpointStatus } from './arm-look.tsx';
import { CallPanel } from './call-panel.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { LivePanel } from './live-panel.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { SplitEditor } from './split-editor.tsx';

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
      <ReplayBar endpoint={endpoint.name} />
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_348px] xl:grid-rows-[auto_1fr]">
        <div className="flex min-w-0 flex-col gap-3">
          <LivePanel endpoint={endpoint} />
        </div>
        <div className="grid min-w-0 grid-cols-1 items-start gap-3 md:grid-cols-2 xl:col-start-2 xl:row-span-2 xl:row-start-1 xl:grid-cols-1">
          <SplitEditor endpoint={endpoint} />
          <Options endpoint={endpoint} />
          <HistoryPanel endpoint={endpoint} />
        </div>
        <CallPanel endpoint={endpoint} />
      </div>
      <div className="mt-3">
        <LineagePanel
          start={{ kind: 'endpoint', name: endpoint.name }}
          none="Nothing is known about where its versions came from."
        />
      </div>
      {removing ? <RemoveDialog endpoint={endpoint} onClose={() => setRemoving(false)} /> : null}
    </>
  );
}

function Options({ endpoint }: { endpoint: Endpoint }) {
  const { name, revision } = endpoint;
  const topics = { topics: ['serving' as const, 'overview' as const] };
  const setLogging = useAction(
    (rpc, logging: boolean) => rpc.serving.setLogging({ name, revision, logging }),
    topics,
  );
  const setEnabled = useAction(
    (rpc, enabled: boolean) => rpc.serving.setEnabled({ name, revision, enabled }),
    topics,
  );
  return (
    <Panel title="Options">
      <div className="flex flex-col gap-3">
        <Switch
          label="Serve requests"
          help="Off: the URL answers 404 and the models are unloaded."
          checked={endpoint.enabled}
          disabled={setEnabled.isPending}
          onChange={(enabled) => setEnabled.mutate(enabled)}
        />
        <Switch
          label="Log predictions"
          help="Inputs, scores and labels are kept in this workspace for monitoring."
          checked={endpoint.logging}
          disabled={setLogging.isPending}
          onChange={(logging) => setLogging.mutate(logging)}
        />
      </div>
    </Panel>
  );
}
