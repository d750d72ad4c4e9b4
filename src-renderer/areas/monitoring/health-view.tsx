/** Model health: what is going on in a sentence, the open alerts, and all lanes on one axis of time. */
import { Activity, CircleAlert, CircleCheck, CircleHelp, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { scopedPath } from '../../lib/monitoring-scope.ts';
import { pathTo, useLocation } from '../../lib/router.ts';
import { useMetric } from '../../lib/use-metric.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { type Health, SCORE, useHealth } from './health-data.ts';
import { HealthLanes } from './health-lanes.tsx';
import { type HealthWords, healthWords } from './health-words.ts';
import { OpenAlerts } from './open-alerts.tsx';

export function HealthView(scope: MonitoringScope) {
  const { endpoint, range } = scope;
  const { metric, choices } = useMetric(endpoint);
  const health = useHealth(scope, metric);
  if (range === null)
    return (
      <Panel>
        <EmptyState
          icon={Activity}
          title="No prediction has been seen yet"
          action={<Link to={pathTo('serving', endpoint)}>Look at its traffic</Link>}
        >
          Inputs, predictions and quality show here from the first request on. Start the replay, or send
          requests with logging on.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="flex flex-col gap-3">
      <Summary scope={scope} health={health} />
      <QueryState query={health.drift} what="Drift">
        {() => <HealthLanes scope={scope} range={range} health={health} metric={metric} choices={choices} />}
      </QueryState>
    </div>
  );
}

const LOOKS: Record<HealthWords['tone'], { icon: LucideIcon; text: string; edge: string }> = {
  ok: { icon: CircleCheck, text: 'text-ok', edge: 'border-l-ok-fill' },
  warn: { icon: TriangleAlert, text: 'text-warn', edge: 'border-l-warn-fill' },
  bad: { icon: CircleAlert, text: 'text-bad', edge: 'border-l-bad-fill' },
  neutral: { icon: CircleHelp, text: 'text-ink-3', edge: 'border-l-line-strong' },
};

function Summary({ scope, health }: { scope: MonitoringScope; health: Health }) {
  const { query } = useLocation();
  const { drift, quality, performance, estimated } = health;
  if (!drift.data) return drift.error ? null : <SkeletonRows label="Loading the summary" rows={2} />;
  const words = healthWords({
    per: scope.per,
    score: SCORE,
    features: drift.data,
    quality: quality.data?.features ?? [],
    performance: performance.data ?? null,
    estimated: estimated.data ?? null,
  });
  const { icon: Icon, text, edge } = LOOKS[words.tone];
  return (
    <section
      aria-label="Summary"
      className={`overflow-hidden rounded-md border border-l-[3px] border-line bg-surface ${edge}`}
    >
      <div className="flex items-start gap-3 px-3 py-2.5">
        <Icon size={18} aria-hidden="true" className={`mt-0.5 shrink-0 ${text}`} />
        <div className="min-w-0 flex-1">
          <p className="num text-md font-semibold text-pretty">{words.headline}</p>
          {words.details.length > 0 ? (
            <p className="num mt-0.5 max-w-[110ch] text-pretty text-ink-2">{words.details.join(' ')}</p>
          ) : null}
        </div>
        {words.feature ? (
          <Link
            to={scopedPath(query, [scope.endpoint, words.feature])}
            className="shrink-0 whitespace-nowrap"
          >
            See the feature
          </Link>
        ) : null}
      </div>
      <OpenAlerts endpoint={scope.endpoint} />
    </section>
  );
}
