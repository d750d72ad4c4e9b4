/** One endpoint, everything on one axis of event time: inputs, predictions, quality, and the arms compared. */
import { Activity, Radio } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ArmSummary, FeatureDrift, PerformancePoint } from '../../../src-main/contract/monitoring.ts';
import { DAY_MS } from '../../charts/format.ts';
import { HeatStrip } from '../../charts/heat-strip.tsx';
import { formatCount, formatDate, formatDay, formatNumber, formatPercent, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { ArmsPanel } from './arms-panel.tsx';
import { Lane } from './lane.tsx';
import { LevelBadge } from './level-badge.tsx';
import { PerformanceLanes } from './performance-lanes.tsx';
import { PredictionLane } from './prediction-lane.tsx';
import { PredictionTable } from './prediction-table.tsx';
import { featureTitle, LARGE, trendOf, worstFirst } from './psi.ts';

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
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const [period, setPeriod] = useState<Period>('recent');
  const window = watched?.windowSizeMs ?? DAY_MS;
  const shown = useMemo(
    () => inPeriod(drift.data ?? [], performance.data?.points ?? [], window, period),
    [drift.data, performance.data, window, period],
  );
  const arms = armOrder(performance.data?.points ?? [], serving.data?.arms ?? []);

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
          {({ arms: summaries }) => (
            <ArmsPanel arms={byArm(summaries, arms)} present={serving.data?.arms ?? []} />
          )}
        </QueryState>
        <QueryState query={drift} what="Drift">
          {(features) =>
            shown === null ? (
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
              <>
                {shown.longer ? (
                  <div className="flex items-center justify-between gap-3">
                    <h2 className="text-sm">
                      {formatDate(shown.range[0], true)} – {formatDate(shown.range[1] - 1, true)}
                    </h2>
                    <SegmentedControl<Period>
                      label="Period"
                      value={period}
                      onChange={setPeriod}
                      options={[
                        { value: 'recent', label: `Newest ${RECENT_WINDOWS} days` },
                        { value: 'whole', label: 'Whole time' },
                      ]}
                    />
                  </div>
                ) : null}
                <Lanes endpoint={endpoint} features={features} arms={arms} window={window} {...shown} />
              </>
            )
          }
        </QueryState>
        <PredictionTable endpoint={endpoint} />
      </div>
    </Page>
  );
}

type Period = 'recent' | 'whole';
/** As many days as the drift strips tell apart at any width. */
const RECENT_WINDOWS = 90;

type Shown = {
  range: readonly [number, number];
  points: readonly PerformancePoint[];
  /** There is more than the newest days. */
  longer: boolean;
};

/** The shared axis, and the points on it; null before the first window. */
function inPeriod(
  features: readonly FeatureDrift[],
  points: readonly PerformancePoint[],
  window: number,
  period: Period,
): Shown | null {
  const starts = [
    ...features.flatMap(({ trend }) => trend.map(({ windowMs }) => windowMs)),
    ...points.map(({ windowMs }) => windowMs),
  ];
  if (starts.length === 0) return null;
  const first = starts.reduce((a, b) => Math.min(a, b));
  const to = starts.reduce((a, b) => Math.max(a, b)) + window;
  const recent = Math.max(first, to - RECENT_WINDOWS * window);
  const from = period === 'recent' ? recent : first;
  return {
    range: [from, to],
    points: points.filter(({ windowMs }) => windowMs >= from),
    longer: recent > first,
  };
}

/** Arms in the order of the route; those that are no longer in it after them. */
const armOrder = (points: readonly PerformancePoint[], present: readonly { key: string }[]): string[] => {
  const seen = new Set(points.map(({ arm }) => arm));
  const routed = present.map(({ key }) => key).filter((key) => seen.has(key));
  return [...new Set([...routed, ...seen])];
};

const byArm = (summaries: readonly ArmSummary[], order: readonly string[]): ArmSummary[] =>
  [...summaries].sort(
    (a, b) => order.indexOf(a.arm) - order.indexOf(b.arm) || Number(a.version) - Number(b.version),
  );

type LanesProps = {
  endpoint: string;
  features: readonly FeatureDrift[];
  points: readonly PerformancePoint[];
  arms: readonly string[];
  range: readonly [number, number];
  window: number;
};

function Lanes({ endpoint, features, points, arms, range, window }: LanesProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const inputs = worstFirst(features.filter(({ kind }) => kind !== 'prediction'));
  const predictions = features.filter(({ kind }) => kind === 'prediction');
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
          <div className="flex flex-col">
            <Lane label={null}>
              <div className="num flex justify-between text-2xs text-ink-3">
                <span>{formatDay(range[0], true)}</span>
                <span>{formatDay((range[0] + range[1]) / 2, true)}</span>
                <span>{formatDay(range[1] - 1, true)}</span>
              </div>
            </Lane>
            {inputs.map(strip)}
          </div>
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
        <PerformanceLanes points={points} arms={arms} range={range} window={window} onCursor={setCursor} />
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
  const cells = useMemo(
    () =>
      feature.trend
        .filter(({ windowMs }) => windowMs >= range[0])
        .map(({ windowMs, value, level }) => ({ x: windowMs, value, level })),
    [feature.trend, range],
  );
  return (
    <Lane
      label={
        <span className="flex min-w-0 flex-col py-1">
          <Link to={path} quiet data-row-link="">
            <span className="block truncate font-medium">{featureTitle(feature)}</span>
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
            <span>
              <LevelBadge score={latest} />
            </span>
            <span className="text-right text-2xs leading-3 whitespace-nowrap text-ink-3">
              n {formatCount(latest.n)}
              <span className="block" title="Change over the last seven days">
                {trend === null || Math.abs(trend) < 0.005
                  ? ''
                  : `${trend >= 0 ? '▲' : '▼'} ${formatNumber(Math.abs(trend), 2)}`}
              </span>
            </span>
          </span>
        ) : (
          <span className="text-xs text-ink-3">no whole day yet</span>
        )
      }
    >
      <HeatStrip
        label={`Drift of ${featureTitle(feature)}`}
        cells={cells}
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
