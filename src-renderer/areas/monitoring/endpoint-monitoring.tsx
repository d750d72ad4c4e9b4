/** One endpoint, everything on one axis of event time: inputs, predictions, quality, and the arms compared. */
import { Activity, Radio } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { FeatureDrift, PerformancePoint } from '../../../src-main/contract/monitoring.ts';
import { DAY_MS } from '../../charts/format.ts';
import { HeatStrip } from '../../charts/heat-strip.tsx';
import { formatCount, formatDate, formatNumber, formatPercent, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { ArmsPanel } from './arms-panel.tsx';
import { Lane } from './lane.tsx';
import { LevelBadge } from './level-badge.tsx';
import { PerformanceLanes } from './performance-lanes.tsx';
import { PredictionLane } from './prediction-lane.tsx';
import { PredictionTable } from './prediction-table.tsx';
import { LARGE, trendOf, worstFirst } from './psi.ts';

export function EndpointMonitoring({ endpoint }: { endpoint: string }) {
  const overview = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  const watched = overview.data?.find((one) => one.endpoint === endpoint);
  const drift = useData(['monitoring', 'drift', endpoint], (rpc, signal) =>
    rpc.monitoring.drift({ endpoint }, { signal }),
  );
  const performance = useData(['monitoring', 'performance', endpoint], (rpc, signal) =>
    rpc.monitoring.performance({ endpoint }, { signal }),
  );
  const window = watched?.windowSizeMs ?? DAY_MS;
  const range = useMemo(
    () => axisOf(drift.data ?? [], performance.data?.points ?? [], window),
    [drift.data, performance.data, window],
  );

  return (
    <Page>
      <PageHeader
        title={endpoint}
        trail={[{ label: 'Monitoring', to: '/monitoring' }]}
        subtitle="Inputs, predictions and quality by day of event time, UTC."
        actions={
          <Button icon={Radio} onClick={() => navigate(pathTo('serving', endpoint))}>
            Serving
          </Button>
        }
      />
      <ReplayBar endpoint={endpoint} />
      <div className="flex flex-col gap-3">
        <StatRow>
          <Stat label="Predictions logged" value={formatCount(watched?.predictions ?? 0)} />
          <Stat
            label="Labelled"
            value={
              watched && watched.predictions > 0 ? formatPercent(watched.labelled / watched.predictions) : '–'
            }
            delta={formatCount(watched?.labelled ?? 0)}
          />
          <Stat
            label="Features drifted"
            value={watched ? `${watched.drifted} of ${watched.features}` : '–'}
            tone={watched && watched.drifted > 0 ? 'bad' : 'neutral'}
            delta={watched && !watched.hasReference ? 'no training reference' : 'large PSI, newest whole day'}
          />
          <Stat
            label="Event time"
            value={watched?.lastMs ? formatDate(watched.lastMs, true) : '–'}
            delta={watched?.firstMs ? `since ${formatDate(watched.firstMs, true)}` : null}
          />
        </StatRow>
        <QueryState query={performance} what="Quality">
          {({ arms }) => <ArmsPanel endpoint={endpoint} arms={arms} />}
        </QueryState>
        <QueryState query={drift} what="Drift">
          {(features) =>
            range === null ? (
              <Panel title="Drift and quality">
                <EmptyState
                  icon={Activity}
                  title="No whole day yet"
                  action={<Link to={pathTo('serving', endpoint)}>Look at its traffic</Link>}
                >
                  Drift and accuracy are computed per day of event time, once a day is over. Start the replay,
                  or send requests with logging on.
                </EmptyState>
              </Panel>
            ) : (
              <Lanes
                endpoint={endpoint}
                features={features}
                points={performance.data?.points ?? []}
                range={range}
                window={window}
              />
            )
          }
        </QueryState>
        <PredictionTable endpoint={endpoint} />
      </div>
    </Page>
  );
}

/** From the first to the end of the last window that anything has. */
function axisOf(
  features: readonly FeatureDrift[],
  points: readonly PerformancePoint[],
  window: number,
): readonly [number, number] | null {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  const see = (windowMs: number) => {
    from = Math.min(from, windowMs);
    to = Math.max(to, windowMs + window);
  };
  for (const { trend } of features) for (const { windowMs } of trend) see(windowMs);
  for (const { windowMs } of points) see(windowMs);
  return from < to ? [from, to] : null;
}

type LanesProps = {
  endpoint: string;
  features: readonly FeatureDrift[];
  points: readonly PerformancePoint[];
  range: readonly [number, number];
  window: number;
};

function Lanes({ endpoint, features, points, range, window }: LanesProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const inputs = worstFirst(features.filter(({ kind }) => kind !== 'prediction'));
  const predictions = features.filter(({ kind }) => kind === 'prediction');
  const arms = [...new Map(points.map(({ arm }) => [arm, arm])).values()];
  const strip = (feature: FeatureDrift) => (
    <FeatureLane
      key={feature.feature}
      endpoint={endpoint}
      feature={feature}
      range={range}
      window={window}
      cursor={cursor}
      onCursor={setCursor}
    />
  );
  return (
    <>
      <Panel
        title="Inputs"
        hint={`${plural(inputs.length, 'feature')}, worst first; bars are PSI against the training reference`}
      >
        {inputs.length === 0 ? (
          <p className="text-ink-3">
            No served version has a training reference, so drift cannot be computed.
          </p>
        ) : (
          <div className="flex flex-col">{inputs.map(strip)}</div>
        )}
      </Panel>
      <Panel title="Predictions" hint="drift of the score, and its mean per arm">
        {predictions.map(strip)}
        {predictions[0] ? (
          <PredictionLane
            endpoint={endpoint}
            feature={predictions[0].feature}
            arms={arms}
            range={range}
            window={window}
            onCursor={setCursor}
          />
        ) : (
          <p className="text-ink-3">
            No score to watch: the model version does not say which output is its score.
          </p>
        )}
      </Panel>
      <Panel title="Quality" hint="by the day of the prediction, as labels arrive">
        <PerformanceLanes points={points} range={range} window={window} onCursor={setCursor} />
      </Panel>
    </>
  );
}

type FeatureLaneProps = Pick<LanesProps, 'endpoint' | 'range' | 'window'> & {
  feature: FeatureDrift;
  cursor: number | null;
  onCursor: (x: number | null) => void;
};

function FeatureLane({ endpoint, feature, range, window, cursor, onCursor }: FeatureLaneProps) {
  const path = pathTo('monitoring', endpoint, feature.feature);
  const { latest } = feature;
  const trend = trendOf(feature);
  return (
    <Lane
      label={
        <span className="flex min-w-0 flex-col py-1">
          <Link to={path} quiet data-row-link="">
            <span className="block truncate font-medium">{feature.feature}</span>
          </Link>
          {feature.missingShare > feature.referenceMissingShare + 0.02 ? (
            <span className="truncate text-2xs text-warn">
              {formatPercent(feature.missingShare)} missing (was{' '}
              {formatPercent(feature.referenceMissingShare)})
            </span>
          ) : null}
        </span>
      }
      figures={
        latest ? (
          <span className="num grid grid-cols-[52px_1fr_auto] items-center gap-2">
            <span className="text-right font-medium">{formatNumber(latest.value, 3)}</span>
            <LevelBadge level={latest.level} />
            <span className="text-right text-2xs leading-3 text-ink-3">
              n {formatCount(latest.n)}
              <span className="block">
                {trend === null ? '' : `${trend >= 0 ? '▲' : '▼'} ${formatNumber(Math.abs(trend), 2)}`}
              </span>
            </span>
          </span>
        ) : (
          <span className="text-xs text-ink-3">no whole day yet</span>
        )
      }
    >
      <HeatStrip
        label={`Drift of ${feature.feature}`}
        cells={feature.trend.map(({ windowMs, value, level }) => ({ x: windowMs, value, level }))}
        from={range[0]}
        to={range[1]}
        window={window}
        full={LARGE * 2}
        cursor={cursor}
        onHover={(x) => onCursor(x === null ? null : x + window / 2)}
        onPick={(x) => navigate(`${path}?window=${x}`)}
      />
    </Lane>
  );
}
