/** How right the model turned out to be: a metric over time, one stretch in full, and how its labels come. */
import { Target } from 'lucide-react';
import { useState } from 'react';
import type { ArmSummary, PerformancePoint } from '../../../src-main/contract/monitoring.ts';
import { SPANS, WINDOW_SIZE_MS, type WindowSize } from '../../../src-main/contract/monitoring-series.ts';
import type { MonitoringScope, TimeRange } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo, setQuery, useLocation } from '../../lib/router.ts';
import { METRICS } from '../../lib/series-words.ts';
import { useMetric } from '../../lib/use-metric.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { AddLabels, MaturityPanel, SendLabels } from '../labels/index.tsx';
import { ArmsPanel } from './arms-panel.tsx';
import { PerformanceChart } from './performance-chart.tsx';
import { PerformanceDetailPanels } from './performance-detail.tsx';

export function PerformanceView(scope: MonitoringScope) {
  const { endpoint, per, range } = scope;
  const { query } = useLocation();
  const [split, setSplit] = useState<'together' | 'arms'>('together');
  const performance = useData(['monitoring', 'performance', endpoint], (rpc, signal) =>
    rpc.monitoring.performance({ endpoint }, { signal }),
  );
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const picked = pickedWindow(query.window, per);
  const { metric, choices } = useMetric(endpoint);
  const present = serving.data?.arms ?? [];
  const points = performance.data?.points ?? [];
  const arms = armOrder(performance.data?.arms ?? [], points, present);
  const bySide = split === 'arms' && scope.arm === null && arms.length > 1;

  if (range === null)
    return (
      <Panel>
        <EmptyState
          icon={Target}
          title="Nothing was predicted yet"
          action={
            <Button onClick={() => navigate(`${pathTo('serving', endpoint)}?tab=try`)}>
              Try the endpoint
            </Button>
          }
        >
          Performance is measured once predictions have been logged and their labels have come.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <div className="w-48">
          <Select
            label="Metric"
            hideLabel
            value={metric}
            onChange={(value) => setQuery({ metric: value })}
            options={choices.map((value) => ({ value, label: METRICS[value].title }))}
          />
        </div>
        {scope.arm === null && arms.length > 1 ? (
          <SegmentedControl<'together' | 'arms'>
            label="Arms"
            value={split}
            onChange={setSplit}
            options={[
              { value: 'together', label: 'All arms' },
              { value: 'arms', label: 'Each arm' },
            ]}
          />
        ) : null}
        <p className="text-xs text-ink-3 max-lg:hidden">{METRICS[metric].help}</p>
        <span className="ml-auto">
          <AddLabels endpoint={endpoint} />
        </span>
      </div>
      <PerformanceChart scope={scope} metric={metric} arms={bySide ? arms : null} picked={picked} />
      <PerformanceDetailPanels
        scope={scope}
        stretch={picked === null ? range : stretchOf(picked, per)}
        picked={picked}
        versions={versionsOf(performance.data?.arms ?? [], scope.arm)}
        metric={metric}
      />
      {choices.includes('rmse') ? null : (
        <QueryState query={performance} what="Quality by arm">
          {(data) => <ArmsPanel arms={byArm(data.arms, arms)} present={present} />}
        </QueryState>
      )}
      <MaturityPanel endpoint={endpoint} per={per} arm={scope.arm} range={range} />
      <SendLabels endpoint={endpoint} url={serving.data?.url ?? null} />
    </div>
  );
}

const pickedWindow = (text: string | undefined, per: WindowSize): number | null =>
  text && /^\d{1,15}$/.test(text)
    ? Math.floor(Number(text) / WINDOW_SIZE_MS[per]) * WINDOW_SIZE_MS[per]
    : null;

/** The rows that the point of a window stands for: its span. */
const stretchOf = (windowMs: number, per: WindowSize): TimeRange => ({
  fromMs: Math.max(0, windowMs - (SPANS[per] - 1) * WINDOW_SIZE_MS[per]),
  toMs: windowMs + WINDOW_SIZE_MS[per],
});

/** Arms in the order of the route; those that are no longer in it after them. */
function armOrder(
  summaries: readonly ArmSummary[],
  points: readonly PerformancePoint[],
  present: readonly { key: string }[],
): string[] {
  const seen = new Set([...summaries, ...points].map(({ arm }) => arm));
  const routed = present.map(({ key }) => key).filter((key) => seen.has(key));
  return [...new Set([...routed, ...seen])];
}

const byArm = (summaries: readonly ArmSummary[], order: readonly string[]): ArmSummary[] =>
  [...summaries].sort(
    (a, b) => order.indexOf(a.arm) - order.indexOf(b.arm) || Number(a.version) - Number(b.version),
  );

const versionsOf = (arms: readonly ArmSummary[], arm: string | null): string[] => [
  ...new Set(arms.filter((one) => arm === null || one.arm === arm).map(({ version }) => version)),
];
