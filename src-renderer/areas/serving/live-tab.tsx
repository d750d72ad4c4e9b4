/** The traffic of an endpoint as it happens, and the switches that change it. */
import { Radio } from 'lucide-react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { StackedShare } from '../../charts/stacked-share.tsx';
import { armColor, cssColor } from '../../charts/theme.ts';
import { useAction } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { useConnection } from '../../lib/rpc.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { OutsideLink } from '../../ui/OutsideLink.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { LineagePanel } from '../lineage/index.tsx';
import { ArmTable } from './arm-table.tsx';
import { hasTraffic } from './live-figures.ts';
import { LivePanel } from './live-panel.tsx';
import { LiveStats } from './live-stats.tsx';
import { modeText, sharePercent } from './route/route-words.ts';
import { formDraft, formValues } from './try/form-rules.ts';
import { isReady } from './try/request-body.ts';
import { isLong, snippet } from './try/snippets.ts';
import { useStart } from './try/use-start.ts';
import { useSamples } from './use-samples.ts';

export function LiveTab({ endpoint }: { endpoint: Endpoint }) {
  const samples = useSamples(endpoint.name);
  const quiet = samples !== null && !hasTraffic(samples);
  return (
    <>
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_348px]">
        <div className="flex min-w-0 flex-col gap-3">
          {samples && !quiet ? <LiveStats samples={samples} /> : null}
          <Panel title="Arms" hint="last 10 seconds" padded={false}>
            <div className="overflow-x-auto">
              <ArmTable endpoint={endpoint} samples={samples ?? []} />
            </div>
          </Panel>
          {samples === null ? (
            <SkeletonRows rows={6} label="Loading the live traffic" />
          ) : quiet ? (
            <Quiet endpoint={endpoint} />
          ) : (
            <LivePanel endpoint={endpoint} samples={samples} />
          )}
        </div>
        <div className="grid min-w-0 grid-cols-1 items-start gap-3 md:grid-cols-2 xl:grid-cols-1">
          <RouteSummary endpoint={endpoint} />
          <Options endpoint={endpoint} />
          <Addresses endpoint={endpoint} />
        </div>
      </div>
      <div className="mt-3">
        <LineagePanel
          start={{ kind: 'endpoint', name: endpoint.name }}
          none="Nothing is known about where its versions came from."
        />
      </div>
    </>
  );
}

/** Before the first request, and after two minutes without one: how to send one. */
function Quiet({ endpoint }: { endpoint: Endpoint }) {
  const { version, logged, example, settled } = useStart(endpoint);
  const specs = version.data?.inputs ?? [];
  const draft = formDraft(specs, formValues(specs, logged[0]?.features ?? example), logged[0]?.unit ?? '');
  const { name, url } = endpoint;
  const sent =
    settled && url && specs.length > 0 && isReady(draft)
      ? { endpoint: name, url, arm: null, text: draft.text }
      : null;
  return (
    <Panel title="Live traffic" hint="last 2 minutes">
      <EmptyState
        icon={Radio}
        {...(sent && !isLong(sent) ? { snippet: snippet('curl', sent) } : {})}
        title="Nobody has asked it anything in the last two minutes"
        action={
          <Button variant="primary" onClick={() => navigate(`${pathTo('serving', endpoint.name)}?tab=try`)}>
            Send a request from here
          </Button>
        }
      >
        Throughput, latency, batches and what is refused show here with the first request. Any program on this
        machine may send one; “Try it” has the code for it.
      </EmptyState>
    </Panel>
  );
}

/** The route in short; the way to change it is one click on. */
function RouteSummary({ endpoint }: { endpoint: Endpoint }) {
  const { name, arms, mode, shadow } = endpoint;
  return (
    <Panel title="Route" actions={<Link to={`${pathTo('serving', name)}?tab=route`}>Change it</Link>}>
      <div className="flex flex-col gap-2">
        <StackedShare
          label={`Split of ${name}`}
          height={8}
          shares={arms.map((arm, i) => ({
            id: arm.key,
            label: arm.key,
            share: arm.weight / 10_000,
            color: armColor(arm.key, i),
          }))}
        />
        <ul className="num flex flex-col gap-1">
          {arms.map((arm, i) => (
            <li key={arm.key} className="flex items-center gap-2">
              <Swatch color={cssColor(armColor(arm.key, i))} />
              <span className="min-w-0 flex-1 truncate">
                {arm.key} <span className="text-ink-3">v{arm.version}</span>
              </span>
              {sharePercent(arm.weight)}
            </li>
          ))}
        </ul>
        <p className="text-xs text-ink-3">
          {modeText(mode)}
          {endpoint.canary ? `. ${endpoint.canary.text}` : ''}
          {shadow ? ` · shadow v${shadow.version}` : ''}
        </p>
      </div>
    </Panel>
  );
}

function Addresses({ endpoint }: { endpoint: Endpoint }) {
  const grpc = useConnection().hello?.urls.inferenceGrpc ?? null;
  const docs = endpoint.url && new URL('/docs', endpoint.url).href;
  return (
    <Panel title="Addresses">
      <dl className="flex flex-col gap-2 text-xs">
        <Address label="HTTP" value={endpoint.url} />
        <Address label="gRPC" value={grpc} />
      </dl>
      {docs ? (
        <p className="mt-2">
          <OutsideLink href={docs}>All requests that the server understands</OutsideLink>
        </p>
      ) : null}
    </Panel>
  );
}

function Address({ label, value }: { label: string; value: string | null }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <dt className="w-9 shrink-0 text-ink-3">{label}</dt>
      <dd className="flex min-w-0 items-center gap-1">
        {value ? (
          <>
            <code className="truncate" title={value}>
              {value.replace(/^https?:\/\//, '')}
            </code>
            <CopyButton text={value} label={`Copy the ${label} address`} />
          </>
        ) : (
          <span className="text-warn">not listening</span>
        )}
      </dd>
    </div>
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
