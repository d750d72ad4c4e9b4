/** One feature: what it looks like now against the reference, how it came there, and every score taken apart. */
import { ChartNoAxesCombined, ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import { FrozenMethod, WINDOW_SIZE_MS } from '../../../src-main/contract/monitoring-series.ts';
import { BinMap } from '../../charts/bin-map.tsx';
import { DistributionBars } from '../../charts/distribution-bars.tsx';
import { HeatStrip } from '../../charts/heat-strip.tsx';
import { formatCount, formatNumber, formatPercent } from '../../lib/format.ts';
import { type MonitoringScope, scopedPath, scopeOf } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { DRIFT, SPAN_WORD, windowText } from '../../lib/series-words.ts';
import { IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { Explain } from '../explain/index.tsx';
import { ReplayBar } from '../replay/index.tsx';
import { FeatureOverTime } from './feature-over-time.tsx';
import { LevelBadge, whyNoLevel } from './level-badge.tsx';
import { featureTitle, scoreText, tallOf } from './psi.ts';
import { ScopeBar } from './scope-bar.tsx';
import { ScoresPanel } from './scores-panel.tsx';

export function FeaturePage({ endpoint, feature }: { endpoint: string; feature: string }) {
  const { query } = useLocation();
  const overview = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  const watched = overview.data?.find((one) => one.endpoint === endpoint);
  const bounds =
    watched && watched.firstMs !== null && watched.lastMs !== null
      ? { firstMs: watched.firstMs, lastMs: watched.lastMs }
      : null;
  const scope = scopeOf(endpoint, query, bounds);
  const { per, arm, reference } = scope;
  const method = FrozenMethod.safeParse(query.method).data ?? 'lathe.psi.frozen@1';
  const windowMs = query.window && /^\d{1,15}$/.test(query.window) ? Number(query.window) : null;
  const detail = useData(
    ['monitoring', 'feature', endpoint, feature, per, arm, reference, method, windowMs],
    (rpc, signal) =>
      rpc.monitoring.feature(
        {
          endpoint,
          feature,
          per,
          method,
          ...(arm === null ? {} : { arm }),
          ...(reference === null ? {} : { reference }),
          ...(windowMs === null ? {} : { windowMs }),
        },
        { signal },
      ),
    // How old the data is decides the window, unless the query does.
    { keep: true, enabled: query.per !== undefined || !overview.isPending },
  );
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const chosen = detail.data?.windows.find((one) => one.windowMs === detail.data.selectedWindowMs);
  return (
    <Page>
      <PageHeader
        title={detail.data ? featureTitle(detail.data) : feature}
        trail={[
          { label: 'Monitoring', to: '/monitoring' },
          { label: endpoint, to: scopedPath(query, [endpoint]) },
          { label: 'Features', to: scopedPath(query, [endpoint], { tab: 'features' }) },
        ]}
        badge={chosen ? <LevelBadge score={chosen.score} /> : null}
        subtitle={
          detail.data
            ? `${detail.data.kind === 'prediction' ? 'The model’s score' : `${detail.data.kind === 'numeric' ? 'Numeric' : 'Categorical'} input`}, against ${detail.data.referenceTitle || 'the reference'} (${formatCount(detail.data.referenceN)} rows).`
            : null
        }
      />
      <ReplayBar endpoint={endpoint} onlyWithData />
      <ScopeBar scope={scope} serving={serving.data}>
        <div className="w-40">
          <Select<FrozenMethod>
            label="Score"
            hideLabel
            value={method}
            onChange={(next) => setQuery({ method: next === 'lathe.psi.frozen@1' ? null : next })}
            options={FrozenMethod.options.map((value) => ({ value, label: DRIFT[value] ?? value }))}
          />
        </div>
      </ScopeBar>
      <QueryState query={detail} what={`The feature ${feature}`}>
        {(data) =>
          data.windows.length === 0 || scope.range === null ? (
            <Panel>
              <EmptyState icon={ChartNoAxesCombined} title={`No whole ${per} yet`}>
                A window is judged once a later one has rows. Shorter windows show sooner.
              </EmptyState>
            </Panel>
          ) : (
            <Detail detail={data} scope={scope} method={method} />
          )
        }
      </QueryState>
    </Page>
  );
}

const pick = (windowMs: number) => setQuery({ window: String(windowMs) });

type DetailProps = { detail: FeatureDetail; scope: MonitoringScope; method: FrozenMethod };

function Detail({ detail, scope, method }: DetailProps) {
  const { distribution, selectedWindowMs, overTime } = detail;
  const { per, range } = scope;
  const size = WINDOW_SIZE_MS[per];
  const from = range?.fromMs ?? 0;
  const to = range?.toMs ?? size;
  const windows = useMemo(
    () => detail.windows.filter(({ windowMs }) => windowMs >= from && windowMs < to),
    [detail.windows, from, to],
  );
  const shares = useMemo(
    () => overTime.filter(({ windowMs }) => windowMs >= from && windowMs < to),
    [overTime, from, to],
  );
  const at = windows.findIndex(({ windowMs }) => windowMs === selectedWindowMs);
  const chosen = detail.windows.find(({ windowMs }) => windowMs === selectedWindowMs);
  const score = DRIFT[method] ?? method;
  const categorical = distribution.every(({ lower, upper }) => lower === null && upper === null);
  const write = (ms: number) => windowText(ms, per);
  const named = selectedWindowMs === null ? 'the newest window' : write(selectedWindowMs);
  const cells = useMemo(
    () =>
      windows.map(({ windowMs, score: { value, level } }) => ({
        x: windowMs,
        value,
        level,
        tall: tallOf(value, method),
      })),
    [windows, method],
  );

  return (
    <div className="flex flex-col gap-3">
      <Panel
        title={`${score} by ${per}`}
        hint="choose a window: click it, or arrow keys and Enter"
        actions={
          <>
            <IconButton
              icon={ChevronLeft}
              label={`The ${per} before`}
              size="sm"
              disabled={at <= 0}
              onClick={() => pick(windows[at - 1]?.windowMs ?? 0)}
            />
            <span className="num min-w-24 text-center font-medium" aria-live="polite">
              {named}
            </span>
            <IconButton
              icon={ChevronRight}
              label={`The ${per} after`}
              size="sm"
              disabled={at < 0 || at >= windows.length - 1}
              onClick={() => pick(windows[at + 1]?.windowMs ?? 0)}
            />
          </>
        }
      >
        <HeatStrip
          label={`Drift of ${featureTitle(detail)}`}
          cells={cells}
          from={from}
          to={to}
          window={size}
          full={1}
          score={score}
          selected={selectedWindowMs}
          onPick={pick}
          height={40}
        />
      </Panel>
      {chosen ? (
        <StatRow>
          <Stat
            label={score}
            value={
              <Explain
                {...chosen.score}
                referenceN={detail.referenceN}
                of={`${score}: ${scoreText(chosen.score.value, method)}`}
                bins={method === 'lathe.psi.frozen@1' ? distribution : undefined}
              >
                {scoreText(chosen.score.value, method)}
              </Explain>
            }
            delta={chosen.score.level === 'too-few' ? whyNoLevel(chosen.score) : chosen.score.level}
            tone={
              chosen.score.level === 'large' ? 'bad' : chosen.score.level === 'moderate' ? 'warn' : 'neutral'
            }
          />
          <Stat
            label={`Rows of the ${SPAN_WORD[per]}`}
            value={formatCount(chosen.score.n)}
            delta={`a level needs ${formatCount(chosen.score.minN)}`}
            tone={chosen.score.n < chosen.score.minN ? 'warn' : 'neutral'}
          />
          {chosen.mean === null ? null : (
            <Stat
              label="Mean"
              value={
                <Explain
                  method="mean"
                  value={chosen.mean}
                  n={chosen.present}
                  referenceN={detail.referenceN}
                  inForce={
                    detail.referenceMean === null
                      ? null
                      : `The reference has ${formatNumber(detail.referenceMean)}.`
                  }
                  of={`mean: ${formatNumber(chosen.mean)}`}
                >
                  {formatNumber(chosen.mean)}
                </Explain>
              }
              delta={detail.referenceMean === null ? null : `reference ${formatNumber(detail.referenceMean)}`}
            />
          )}
          <Stat
            label="Missing"
            value={
              <Explain
                method="quality.missing"
                value={chosen.missingShare}
                n={chosen.score.n}
                referenceN={detail.referenceN}
                of={`missing values: ${formatPercent(chosen.missingShare)}`}
              >
                {formatPercent(chosen.missingShare)}
              </Explain>
            }
          />
        </StatRow>
      ) : null}
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-2">
        <Panel title={`${SPAN_WORD[per]} to ${named}`} hint="against the reference">
          <DistributionBars
            title="Distribution"
            bins={distribution}
            currentLabel={`to ${named}`}
            referenceLabel="reference"
            layout={categorical ? 'rows' : 'columns'}
            height={300}
            weak={chosen?.score.level === 'too-few'}
          />
        </Panel>
        <ScoresPanel detail={detail} />
      </div>
      {shares.length > 0 ? (
        <Panel>
          <BinMap
            title="Distribution over time"
            bins={distribution}
            windows={shares}
            from={from}
            to={to}
            window={size}
            selected={selectedWindowMs}
            onPick={pick}
            write={write}
          />
        </Panel>
      ) : null}
      <FeatureOverTime scope={scope} detail={detail} method={method} onPick={pick} />
    </div>
  );
}
