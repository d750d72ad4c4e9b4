import { Split } from 'lucide-react';
import { useMemo } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { armColor, cssColor } from '../../charts/theme.ts';
import { formatDuration, formatFixed, formatPercent, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { useLiveBuffer } from '../../lib/use-live.ts';
import { StatusDot, Swatch } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import type { Tone } from '../../ui/tone.ts';
import { joinSamples, type Traffic, trafficOf } from './endpoint-traffic.ts';

/** Each endpoint, its arms, and what goes through them this second. */
export function EndpointsPanel() {
  const query = useData(['serving', 'list'], (rpc, signal) => rpc.serving.list(undefined, { signal }));
  return (
    <Panel
      title="Endpoints"
      hint={query.data && query.data.length > 0 ? 'live, mean of 5 s' : undefined}
      padded={false}
    >
      <QueryState query={query} what="The endpoints">
        {(endpoints) =>
          endpoints.length === 0 ? (
            <EmptyState
              icon={Split}
              title="Nothing is served yet"
              action={<Button onClick={() => navigate('/models')}>Choose a model to serve</Button>}
            >
              An endpoint serves a registered model over HTTP and can split its traffic over versions.
            </EmptyState>
          ) : (
            <ul>
              {endpoints.map((endpoint) => (
                <EndpointRow key={endpoint.name} endpoint={endpoint} />
              ))}
            </ul>
          )
        }
      </QueryState>
    </Panel>
  );
}

const SECONDS = 120;

function useTraffic(name: string): Traffic {
  const past = useData(['serving', 'recent', name], (rpc, signal) =>
    rpc.serving.recent({ name }, { signal }),
  );
  const live = useLiveBuffer(
    `serving.live:${name}`,
    (rpc, signal) => rpc.serving.live({ name }, { signal }),
    SECONDS,
  );
  return useMemo(() => trafficOf(joinSamples(past.data ?? [], live).slice(-SECONDS)), [past.data, live]);
}

function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const traffic = useTraffic(endpoint.name);
  const { tone, word } = endpointState(endpoint);
  return (
    <li className="border-b border-line px-3 py-2.5 last:border-b-0">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex items-center gap-2.5">
            <Link to={pathTo('serving', endpoint.name)} quiet className="truncate font-medium">
              {endpoint.name}
            </Link>
            <StatusDot tone={tone}>
              <span className="text-xs text-ink-2">{word}</span>
            </StatusDot>
          </p>
          <p className="num truncate text-xs text-ink-3">
            {endpoint.model}
            {traffic.queued > 0 && `, ${plural(traffic.queued, 'request')} waiting`}
            {traffic.errors > 0 && `, ${plural(traffic.errors, 'error')} in 2 min`}
          </p>
        </div>
        <Sparkline
          label={`Requests a second of ${endpoint.name}`}
          values={traffic.trend}
          unit="count"
          width={150}
          height={28}
          atLeast={5}
        />
        <p className="num w-20 text-right text-lg font-semibold">
          {formatFixed(traffic.requestsPerSecond, 1)}
          <span className="ml-1 text-xs font-normal text-ink-3">req/s</span>
        </p>
      </div>
      <ArmBar endpoint={endpoint} />
      <table aria-label={`Arms of ${endpoint.name}`} className="w-full">
        <thead className="sr-only">
          <tr>
            <th>Arm</th>
            <th>Share</th>
            <th>Requests a second</th>
            <th>95th percentile</th>
          </tr>
        </thead>
        <tbody className="num text-xs">
          {endpoint.arms.map((arm, at) => {
            const now = traffic.arms[arm.key];
            return (
              <tr key={arm.key} className="h-6">
                <td>
                  <span className="flex items-center gap-2">
                    <Swatch color={cssColor(armColor(arm.key, at))} />
                    {arm.key}
                    <span className="text-ink-3">version {arm.version}</span>
                    {arm.state !== 'ready' && (
                      <span className={arm.state === 'failed' ? 'text-bad' : 'text-warn'}>{arm.state}</span>
                    )}
                  </span>
                </td>
                <td className="w-20 text-right">{formatPercent(arm.weight / 10_000, 0)}</td>
                <td className="w-24 text-right">{formatFixed(now?.requestsPerSecond ?? 0, 1)} req/s</td>
                <td className="w-28 text-right text-ink-2">p95 {formatDuration(now?.p95Ms)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </li>
  );
}

function ArmBar({ endpoint }: { endpoint: Endpoint }) {
  return (
    <div className="mt-2 mb-1 flex h-1.5 gap-px overflow-hidden rounded-full" aria-hidden="true">
      {endpoint.arms.map((arm, at) => (
        <span key={arm.key} style={{ flexGrow: arm.weight, background: cssColor(armColor(arm.key, at)) }} />
      ))}
    </div>
  );
}

export function endpointState(endpoint: Endpoint): { tone: Tone; word: string } {
  if (!endpoint.enabled) return { tone: 'neutral', word: 'Stopped' };
  if (endpoint.url === null) return { tone: 'warn', word: 'Waiting for the gateway' };
  const states = endpoint.arms.map(({ state }) => state);
  if (states.includes('failed')) return { tone: 'bad', word: 'An arm failed' };
  if (states.includes('unavailable')) return { tone: 'warn', word: 'An arm is unavailable' };
  if (states.includes('loading')) return { tone: 'info', word: 'Loading' };
  return { tone: 'ok', word: 'Serving' };
}
