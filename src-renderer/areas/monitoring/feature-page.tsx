/** One feature: its distribution in a window against the reference, over time, and its score taken apart. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import { DistributionBars } from '../../charts/distribution-bars.tsx';
import { DAY_MS } from '../../charts/format.ts';
import { HeatStrip } from '../../charts/heat-strip.tsx';
import { TimeSeries } from '../../charts/time-series.tsx';
import { formatCount, formatDate, formatNumber, formatPercent } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo, setQuery, useLocation } from '../../lib/router.ts';
import { IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { ExplainPanel } from './explain-panel.tsx';
import { LevelBadge, whyNoLevel } from './level-badge.tsx';
import { featureTitle, LARGE, MODERATE } from './psi.ts';

export function FeaturePage({ endpoint, feature }: { endpoint: string; feature: string }) {
  const { query } = useLocation();
  const arm = query.arm ?? null;
  const windowMs = query.window && /^\d+$/.test(query.window) ? Number(query.window) : null;
  const detail = useData(
    ['monitoring', 'feature', endpoint, feature, arm, windowMs],
    (rpc, signal) =>
      rpc.monitoring.feature(
        { endpoint, feature, ...(arm ? { arm } : {}), ...(windowMs === null ? {} : { windowMs }) },
        { signal },
      ),
    { keep: true },
  );
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const overview = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  const size = overview.data?.find((one) => one.endpoint === endpoint)?.windowSizeMs ?? DAY_MS;
  const newest = detail.data?.windows.at(-1);
  return (
    <Page>
      <PageHeader
        title={detail.data ? featureTitle(detail.data) : feature}
        trail={[
          { label: 'Monitoring', to: '/monitoring' },
          { label: endpoint, to: pathTo('monitoring', endpoint) },
        ]}
        badge={newest ? <LevelBadge score={newest.score} /> : null}
        subtitle={
          detail.data
            ? `${detail.data.kind === 'prediction' ? 'the model’s score' : `${detail.data.kind} input`}, against ${formatCount(detail.data.referenceN)} training rows`
            : null
        }
        actions={
          <div className="w-44">
            <Select
              label="Arm"
              hideLabel
              value={arm ?? ''}
              onChange={(value) => setQuery({ arm: value || null })}
              options={[
                { value: '', label: 'All arms' },
                ...(serving.data?.arms ?? []).map(({ key }) => ({ value: key, label: key })),
              ]}
            />
          </div>
        }
      />
      <ReplayBar endpoint={endpoint} />
      <QueryState query={detail} what={`The feature ${feature}`}>
        {(data) => (data.windows.length === 0 ? <NoWindows /> : <Detail detail={data} size={size} />)}
      </QueryState>
    </Page>
  );
}

function NoWindows() {
  return (
    <Panel>
      <EmptyState icon={ChevronRight} title="No whole day yet">
        Drift is computed per day of event time, once a day is over.
      </EmptyState>
    </Panel>
  );
}

const LEVEL_TEXT = {
  stable: `stable: below ${MODERATE}`,
  moderate: `moderate: ${MODERATE} to ${LARGE}`,
  large: `large: above ${LARGE}`,
} as const;

const pick = (windowMs: number) => setQuery({ window: String(windowMs) });

function Detail({ detail, size }: { detail: FeatureDetail; size: number }) {
  const { windows, distribution, selectedWindowMs } = detail;
  const at = windows.findIndex(({ windowMs }) => windowMs === selectedWindowMs);
  const chosen = windows[at];
  const range = useMemo<readonly [number, number]>(
    () => [windows[0]?.windowMs ?? 0, (windows.at(-1)?.windowMs ?? 0) + size],
    [windows, size],
  );
  const series = useMemo(() => {
    const points = (read: (window: FeatureDetail['windows'][number]) => number | null) =>
      windows.map((window) => ({
        x: window.windowMs + size / 2,
        y: read(window),
        n: window.score.n,
        weak: window.score.level === 'too-few',
      }));
    return {
      cells: windows.map(({ windowMs, score }) => ({ x: windowMs, value: score.value, level: score.level })),
      psi: [{ id: 'psi', label: 'PSI', color: 1 as const, points: points(({ score }) => score.value) }],
      mean: [{ id: 'mean', label: 'mean', color: 3 as const, points: points(({ mean }) => mean) }],
      missing: [
        {
          id: 'missing',
          label: 'missing',
          color: 4 as const,
          points: points(({ missingShare }) => missingShare),
        },
      ],
    };
  }, [windows, size]);
  const categorical = distribution.every(({ lower, upper }) => lower === null && upper === null);
  const weak = chosen?.score.level === 'too-few';
  const shared = {
    x: 'time' as const,
    daily: true,
    gap: size * 1.5,
    xRange: range,
    syncKey: 'feature',
    onPick: (x: number) => pick(Math.floor(x / size) * size),
    ...(selectedWindowMs === null ? {} : { mark: { x: selectedWindowMs + size / 2, width: size } }),
  };
  const day = formatDate(selectedWindowMs, true);

  return (
    <div className="flex flex-col gap-3">
      <Panel
        title="Window"
        hint="click a day, or use the arrow keys"
        actions={
          <div className="flex items-center gap-1">
            <IconButton
              icon={ChevronLeft}
              label="Day before"
              size="sm"
              disabled={at <= 0}
              onClick={() => pick(windows[at - 1]?.windowMs ?? 0)}
            />
            <span className="num min-w-24 text-center font-medium" aria-live="polite">
              {day}
            </span>
            <IconButton
              icon={ChevronRight}
              label="Day after"
              size="sm"
              disabled={at < 0 || at >= windows.length - 1}
              onClick={() => pick(windows[at + 1]?.windowMs ?? 0)}
            />
          </div>
        }
      >
        <HeatStrip
          label={`Drift of ${detail.feature}`}
          cells={series.cells}
          from={range[0]}
          to={range[1]}
          window={size}
          full={LARGE * 2}
          selected={selectedWindowMs}
          onPick={pick}
          height={40}
        />
      </Panel>
      {chosen ? (
        <StatRow>
          <Stat
            label="PSI"
            value={formatNumber(chosen.score.value, 3)}
            delta={
              chosen.score.level === 'too-few' ? whyNoLevel(chosen.score) : LEVEL_TEXT[chosen.score.level]
            }
            tone={
              chosen.score.level === 'large' ? 'bad' : chosen.score.level === 'moderate' ? 'warn' : 'neutral'
            }
          />
          <Stat
            label="Rows"
            value={formatCount(chosen.score.n)}
            delta={`a level needs ${formatCount(chosen.score.minN)}`}
            tone={chosen.score.n < chosen.score.minN ? 'warn' : 'neutral'}
          />
          {chosen.mean === null ? null : (
            <Stat
              label="Mean"
              value={formatNumber(chosen.mean)}
              delta={detail.referenceMean === null ? null : `training ${formatNumber(detail.referenceMean)}`}
            />
          )}
          <Stat label="Missing" value={formatPercent(chosen.missingShare)} />
        </StatRow>
      ) : null}
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-2">
        <Panel>
          <DistributionBars
            title="Distribution"
            bins={distribution}
            currentLabel={`week to ${day}`}
            referenceLabel="training"
            layout={categorical ? 'rows' : 'columns'}
            height={332}
            weak={weak}
          />
        </Panel>
        <ExplainPanel detail={detail} />
      </div>
      <Panel title="Over time">
        <div className="grid grid-cols-1 gap-x-6 gap-y-4 xl:grid-cols-2">
          <div className="xl:col-span-2">
            <TimeSeries
              {...shared}
              title="PSI"
              unit="number"
              series={series.psi}
              floor={0}
              fromZero
              thresholds={[
                { value: MODERATE, label: 'moderate 0.1', color: 'warn' },
                { value: LARGE, label: 'large 0.25', color: 'bad' },
              ]}
            />
          </div>
          {windows.some(({ mean }) => mean !== null) ? (
            <TimeSeries
              {...shared}
              title="Mean"
              unit="number"
              series={series.mean}
              thresholds={
                detail.referenceMean === null
                  ? []
                  : [{ value: detail.referenceMean, label: 'training mean', color: 'reference' }]
              }
            />
          ) : null}
          <TimeSeries
            {...shared}
            title="Missing share"
            unit="share"
            series={series.missing}
            floor={0}
            ceiling={1}
            fromZero
          />
        </div>
      </Panel>
    </div>
  );
}
