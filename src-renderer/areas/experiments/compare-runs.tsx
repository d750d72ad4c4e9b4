/** One metric's curves of several runs on one chart. */
import { useMemo, useState } from 'react';
import type { MetricSeries } from '../../../src-main/contract/experiments.ts';
import { smoothEma } from '../../charts/smooth.ts';
import { seriesColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import type { Series } from '../../charts/time-series-data.ts';
import { formatPercent } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { rankMetrics } from './runs-model.ts';

const HEIGHT = 210;

type Named = { id: string; name: string };

export function CompareRuns({ runIds, ofSelected }: { runIds: readonly string[]; ofSelected: number }) {
  const named = useData(
    ['experiments', 'cells', runIds, []],
    (rpc, signal) => rpc.experiments.cells({ runIds: [...runIds], columns: [] }, { signal }),
    { keep: true },
  );
  const runs: readonly Named[] = named.data ?? [];
  const histories = useData(
    ['experiments', 'metrics', runIds],
    (rpc, signal) => rpc.experiments.metrics({ runIds: [...runIds] }, { signal }),
    { keep: true },
  );
  const [wanted, setWanted] = useState<string | null>(null);
  const [smoothing, setSmoothing] = useState(0);
  const [logY, setLogY] = useState(false);

  const keys = useMemo(() => curveKeys(histories.data ?? []), [histories.data]);
  const key = wanted !== null && keys.includes(wanted) ? wanted : keys[0];
  const series = useMemo(
    () => toSeries(runs, histories.data ?? [], key, smoothing),
    [runs, histories.data, key, smoothing],
  );

  return (
    <div className="shrink-0">
      <Panel
        title="Compare"
        hint={
          ofSelected > runs.length
            ? `the first ${runs.length} of ${ofSelected} selected runs`
            : `${runs.length} selected`
        }
        actions={
          <div className="flex flex-wrap items-center gap-4">
            <div className="flex w-44 items-center gap-2 text-xs text-ink-2">
              <span aria-hidden="true">Smoothing</span>
              <Slider
                label="Smoothing"
                hideLabel
                min={0}
                max={0.99}
                step={0.01}
                value={smoothing}
                onChange={setSmoothing}
                valueText={formatPercent(smoothing, 0)}
              />
            </div>
            <Switch label="Log scale" checked={logY} onChange={setLogY} />
            <div className="w-48">
              <Select
                label="Metric"
                hideLabel
                options={keys.map((name) => ({ value: name, label: name }))}
                value={key ?? ''}
                onChange={setWanted}
                disabled={keys.length === 0}
              />
            </div>
          </div>
        }
      >
        <QueryState query={histories} what="Metric curves" loading={<div style={{ height: HEIGHT + 28 }} />}>
          {() => (
            <TimeSeries
              title={key ?? 'Metric'}
              series={series}
              x="step"
              unit="number"
              height={HEIGHT}
              logY={logY}
              emptyText="The selected runs have logged no curve, only single values."
            />
          )}
        </QueryState>
      </Panel>
    </div>
  );
}

/** Metrics with a curve in at least one run, in the order of the table's columns. */
function curveKeys(histories: readonly MetricSeries[]): string[] {
  const counts = new Map<string, number>();
  for (const { key, points } of histories) if (points.length > 1) counts.set(key, (counts.get(key) ?? 0) + 1);
  return rankMetrics(
    [...counts].map(([key, runs]) => ({ key, runs })),
    new Set(histories.map(({ runId }) => runId)).size,
  );
}

function toSeries(
  runs: readonly Named[],
  histories: readonly MetricSeries[],
  key: string | undefined,
  smoothing: number,
): Series[] {
  const names = new Map<string, number>();
  for (const { name } of runs) names.set(name, (names.get(name) ?? 0) + 1);
  return runs.map((run, i) => {
    const raw = (histories.find((one) => one.runId === run.id && one.key === key)?.points ?? []).map(
      ({ step, value }) => ({ x: step, y: value }),
    );
    return {
      id: run.id,
      label: (names.get(run.name) ?? 0) > 1 ? `${run.name} ${run.id.slice(-4)}` : run.name,
      color: seriesColor(i),
      dashed: i >= 8,
      points: smoothing > 0 ? smoothEma(raw, smoothing) : raw,
      ...(smoothing > 0 ? { ghost: raw } : {}),
    };
  });
}
