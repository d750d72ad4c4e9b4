/** How a series of the model and a business metric move together at each lag, with the warnings that this needs. */
import type { BusinessMetric, LaggedCorrelation } from '../../../src-main/contract/business-metrics.ts';
import type { SeriesRef } from '../../../src-main/contract/monitoring-series.ts';
import { LagBars } from '../../charts/lag-bars.tsx';
import { formatFixed, plural } from '../../lib/format.ts';
import { type MonitoringScope, seriesScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { seriesTitle, WINDOW_WORD } from '../../lib/series-words.ts';
import { useMetric } from '../../lib/use-metric.ts';
import { Callout } from '../../ui/Callout.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { Explain } from '../explain/index.tsx';
import { bestText, keyOfSeries, lagText, seriesFromKey } from './correlation-words.ts';

const MAX_LAG = 14;

export function CorrelationPanel({ scope, metric }: { scope: MonitoringScope; metric: BusinessMetric }) {
  const { query } = useLocation();
  const choices = useChoices(scope);
  const series = seriesFromKey(query.with);
  const key = keyOfSeries(series);
  const correlation = useData(
    ['monitoring', 'correlation', scope.endpoint, metric.name, key, JSON.stringify(seriesScope(scope))],
    (rpc, signal) =>
      rpc.businessMetrics.correlation(
        { query: { ...seriesScope(scope), series }, metric: metric.name, maxLag: MAX_LAG },
        { signal },
      ),
    { keep: true },
  );
  return (
    <Panel
      title="Does it move with the model?"
      actions={
        <div className="w-64">
          <Select
            label="Series of the model"
            hideLabel
            value={key}
            onChange={(value) => setQuery({ with: value })}
            options={[
              ...new Map([...choices, series].map((one) => [keyOfSeries(one), seriesTitle(one)])),
            ].map(([value, label]) => ({ value, label }))}
          />
        </div>
      }
    >
      <QueryState query={correlation} what="The correlation">
        {(data) => <Found found={data} series={seriesTitle(series)} metric={metric.name} />}
      </QueryState>
    </Panel>
  );
}

function Found({ found, series, metric }: { found: LaggedCorrelation; series: string; metric: string }) {
  const { per, n, lags, best, prewhitening, warnings } = found;
  const { title, clear } = bestText(found);
  const at = lags.find(({ lag }) => lag === best?.lag);
  const first = warnings.find((warning) => /cause/.test(warning)) ?? warnings[0];
  return (
    <div className="flex flex-col gap-3">
      <p className="font-medium">
        {best ? (
          <Explain
            method="correlation"
            value={best.r}
            n={n}
            counts="windows"
            low={at?.low ?? null}
            high={at?.high ?? null}
            inForce={`p ${best.p < 0.001 ? '< 0.001' : formatFixed(best.p, 3)} at ${lagText(best.lag, per)}, corrected for ${plural(lags.length, 'lag')}.`}
            of={title}
          >
            {title}
          </Explain>
        ) : (
          title
        )}
        <span className="ml-2 text-xs font-normal text-ink-3">
          {plural(n, WINDOW_WORD[per])} that both have
        </span>
      </p>
      <Callout tone="warn" title={first ?? 'Two series that move together are no proof of a cause.'}>
        {warnings.length > 1 ? (
          <ul className="flex list-disc flex-col gap-0.5 pl-4">
            {warnings
              .filter((warning) => warning !== first)
              .map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
          </ul>
        ) : null}
      </Callout>
      <LagBars
        title={`Correlation of ${series} and ${metric} by lag`}
        lags={lags}
        best={best && clear ? best.lag : null}
        lagWords={(lag) => lagText(lag, per)}
        axisLabel={`lag in ${WINDOW_WORD[per]}s: to the left the metric leads, to the right the model`}
        emptyText="Too few windows in common to tell."
      />
      <p className="num text-xs text-ink-3">
        Lines are 95 % intervals at each lag; where one leaves zero out, the bar is strong.{' '}
        {prewhitening > 0
          ? `Both were filtered by an autoregression of order ${prewhitening}, so that what each repeats of itself does not count.`
          : 'Neither repeats itself enough to be filtered.'}
      </p>
    </div>
  );
}

/** What can be laid beside it: quality, drift, the score and the traffic. */
function useChoices({ endpoint }: MonitoringScope): SeriesRef[] {
  const { choices } = useMetric(endpoint);
  const drift = useData(['monitoring', 'drift', endpoint], (rpc, signal) =>
    rpc.monitoring.drift({ endpoint }, { signal }),
  );
  const features = drift.data ?? [];
  return [
    ...choices.map((metric) => ({ of: 'performance' as const, metric })),
    { of: 'drifted-share' },
    { of: 'volume' },
    ...features
      .filter(({ kind }) => kind === 'prediction')
      .map(({ feature }) => ({ of: 'mean' as const, feature })),
    ...features.map(({ feature }) => ({
      of: 'drift' as const,
      feature,
      method: 'lathe.psi.frozen@1' as const,
    })),
  ];
}
