import { HeartPulse } from 'lucide-react';
import type { Alert } from '../../../src-main/contract/alerts.ts';
import type { Series } from '../../../src-main/contract/monitoring-series.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { useData, useDataList } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { valueText, windowText } from '../../lib/series-words.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';

type Watched = Awaited<ReturnType<Rpc['monitoring']['overview']>>[number];

/** Each watched model in a line or two: drift, quality, and the alerts that are open. */
export function ModelHealthPanel() {
  const watched = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  const alerts = useData(['alerts', 'list', 'open'], (rpc, signal) =>
    rpc.alerts.list({ state: 'open' }, { signal }),
  );
  const quality = useDataList(
    (watched.data ?? []).map(({ endpoint }) => ({
      key: ['monitoring', 'overview-accuracy', endpoint] as const,
      load: (rpc, signal) =>
        rpc.monitoring.series(
          { endpoint, per: 'day', series: { of: 'performance', metric: 'accuracy' } },
          { signal },
        ),
    })),
    { enabled: watched.data !== undefined },
  );
  const open = alerts.data?.open ?? 0;
  return (
    <Panel
      title="Model health"
      padded={false}
      actions={
        open > 0 ? (
          <Link to="/alerts" className="text-xs">
            {plural(open, 'open alert')}
          </Link>
        ) : null
      }
    >
      <QueryState query={watched} what="Model health">
        {(endpoints) =>
          endpoints.length === 0 ? (
            <EmptyState
              icon={HeartPulse}
              title="No model is watched yet"
              action={<Button onClick={() => navigate('/monitoring')}>Go to Monitoring</Button>}
            >
              A model is watched from its first logged prediction; its drift and quality show here.
            </EmptyState>
          ) : (
            <ul>
              {endpoints.map((one, at) => (
                <Row
                  key={one.endpoint}
                  watched={one}
                  quality={quality[at]?.data ?? null}
                  alerts={alerts.data?.alerts.filter(({ endpoint }) => endpoint === one.endpoint) ?? []}
                />
              ))}
            </ul>
          )
        }
      </QueryState>
    </Panel>
  );
}

type RowProps = { watched: Watched; quality: Series | null; alerts: readonly Alert[] };

/** So many days of accuracy in the small line. */
const DAYS = 30;

function Row({ watched, quality, alerts }: RowProps) {
  const { endpoint, predictions, labelled } = watched;
  const critical = alerts.filter(({ severity }) => severity === 'critical').length;
  const points = quality?.points.filter(({ complete }) => complete) ?? [];
  const last = points.findLast(
    ({ value, mature, n }) => value !== null && mature && n >= (quality?.minN ?? 0),
  );
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-3 py-2 last:border-b-0">
      <div className="min-w-0 flex-1 basis-44">
        <Link to={pathTo('monitoring', endpoint)} quiet className="block truncate font-medium">
          {endpoint}
        </Link>
        <p className="num truncate text-xs text-ink-3">
          {plural(predictions, 'prediction')}, {formatCount(labelled)} labelled
        </p>
      </div>
      <Drift watched={watched} />
      <div className="num flex items-center gap-3">
        {last ? (
          <>
            <Sparkline
              label={`Accuracy of ${endpoint} by day`}
              values={points.slice(-DAYS).map(({ value }) => value)}
              behind={points.slice(-DAYS).map(({ n, mature, low, high }) => ({
                ...{ n, low, high },
                weak: !mature || n < (quality?.minN ?? 0),
              }))}
              unit="share"
              width={96}
            />
            <p className="text-right text-xs text-ink-3">
              <span className="block text-sm font-semibold text-ink">{valueText(last.value, 'share')}</span>
              accuracy, n {formatCount(last.n)}
              <span className="sr-only"> on {windowText(last.windowMs, 'day')}</span>
            </p>
          </>
        ) : (
          <p className="text-xs text-ink-3">no mature accuracy yet</p>
        )}
      </div>
      <div className="flex w-32 justify-end text-xs">
        {alerts.length > 0 ? (
          <Link to={`/alerts?endpoint=${encodeURIComponent(endpoint)}`}>
            {plural(alerts.length, 'alert')}
            {critical > 0 ? `, ${critical} critical` : ''}
          </Link>
        ) : (
          <span className="text-ink-3">no alert</span>
        )}
      </div>
    </li>
  );
}

function Drift({ watched: { drifted, features, hasReference } }: { watched: Watched }) {
  if (!hasReference) return <Badge>no reference</Badge>;
  if (features === 0) return <Badge>too few rows yet</Badge>;
  return (
    <Badge tone={drifted > 0 ? 'bad' : 'ok'}>
      {drifted} of {features} drifted
    </Badge>
  );
}
