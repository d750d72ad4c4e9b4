/** All curves of one run; the same measure over training and held-out rows shares a chart. */
import { useMemo, useState } from 'react';
import type { Range } from '../../charts/curve.ts';
import { createHighlight, type Highlight } from '../../charts/highlight.ts';
import { seriesColor } from '../../charts/theme.ts';
import { useData } from '../../lib/query.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { LinePanel } from './line-panel.tsx';
import { xOf } from './lines-view.tsx';
import { Toggle } from './toggle.tsx';

type MetricGroup = { base: string; keys: readonly string[] };

export function RunCurves({
  runId,
  experiment,
  metrics,
  groupsOf,
}: {
  runId: string;
  experiment: string;
  /** Names of all metrics of the run. */
  metrics: readonly string[];
  /** Which of them share a chart. */
  groupsOf(keys: readonly string[]): readonly MetricGroup[];
}) {
  const keys = useData(['experiments', 'keys', experiment], (rpc, signal) =>
    rpc.experiments.keys({ experimentIds: [experiment] }, { signal }),
  );
  const [highlight] = useState(createHighlight);
  const [x, setX] = useState('step');
  const [logY, setLogY] = useState(false);
  return (
    <QueryState query={keys} what="Metric curves">
      {({ metrics: known }) => {
        // A metric that the newest runs do not have is not known to be without a curve.
        const single = new Set(known.filter(({ curve }) => !curve).map(({ key }) => key));
        const groups = groupsOf(metrics.filter((key) => !single.has(key)));
        return groups.length === 0 ? (
          <Panel title="Curves">
            <p className="text-ink-3">
              {metrics.length === 0
                ? 'Metrics are drawn here once they are logged at several steps.'
                : 'This run logged single values only; a metric logged at several steps is drawn here.'}
            </p>
          </Panel>
        ) : (
          <div className="flex min-w-0 flex-col gap-3">
            <div className="flex items-center gap-2">
              <div className="w-40">
                <Select
                  label="What lies along x"
                  hideLabel
                  value={x}
                  onChange={setX}
                  options={[
                    { value: 'step', label: 'By step' },
                    { value: 'time', label: 'By time' },
                    { value: 'relative', label: 'By time since start' },
                  ]}
                />
              </div>
              <Toggle label="Log y" on={logY} onChange={setLogY} />
            </div>
            <div className={`grid min-w-0 grid-cols-1 gap-3 ${groups.length > 1 ? '2xl:grid-cols-2' : ''}`}>
              {groups.map((group) => (
                <Panel key={group.base}>
                  <GroupChart
                    runId={runId}
                    group={group}
                    x={x}
                    logY={logY}
                    height={groups.length === 1 ? 320 : 220}
                    highlight={highlight}
                  />
                </Panel>
              ))}
            </div>
          </div>
        );
      }}
    </QueryState>
  );
}

const NOBODY: ReadonlySet<string> = new Set();

function GroupChart({
  runId,
  group,
  x,
  logY,
  height,
  highlight,
}: {
  runId: string;
  group: MetricGroup;
  x: string;
  logY: boolean;
  height: number;
  highlight: Highlight;
}) {
  const [zoom, setZoom] = useState<Range | null>(null);
  const names = group.keys.join('\n');
  const sources = useMemo(() => names.split('\n').map((key) => ({ key, runIds: [runId] })), [names, runId]);
  const lookOf = useMemo(() => {
    const keys = names.split('\n');
    return (_run: string, key: string) => ({
      id: key,
      label: key,
      color: seriesColor(keys.indexOf(key)),
      dashed: false,
    });
  }, [names]);
  return (
    <LinePanel
      title={group.base}
      sources={sources}
      lookOf={lookOf}
      x={xOf(x)}
      smoothing={0}
      logX={false}
      logY={logY}
      clip={false}
      height={height}
      zoom={zoom}
      onZoom={setZoom}
      highlight={highlight}
      pinned={NOBODY}
      onPick={() => {}}
      syncKey="run"
      names
    />
  );
}
