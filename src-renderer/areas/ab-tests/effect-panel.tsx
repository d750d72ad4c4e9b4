/** The difference to the baseline: now, and how its interval became narrower. */
import type { AbResult, AbSeries } from '../../../src-main/contract/ab-tests.ts';
import { readValue } from '../../charts/format.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import { formatCompact, formatDuration, formatPercent } from '../../lib/format.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { differenceText, effectSeries, intervalText, unitOf } from './result-words.ts';

export function EffectPanel({ result, series }: { result: AbResult; series: AbSeries }) {
  const { effects, metric, baseline, arms, minEffect, need, confidence } = result;
  const lines = effectSeries(series, arms);
  const thresholds = [
    { value: 0, label: 'no difference', color: 'muted' as const },
    ...(minEffect === null
      ? []
      : [
          { value: minEffect, label: 'matters', color: 'reference' as const },
          { value: -minEffect, label: 'matters', color: 'reference' as const },
        ]),
  ];
  return (
    <Panel
      title={`Difference to ${baseline}`}
      hint={`intervals that hold at every look, ${formatPercent(confidence, 0)}`}
    >
      <div className="flex flex-col gap-3">
        <ul className="num flex flex-col gap-1">
          {effects.map((effect) => (
            <li key={effect.arm} className="flex flex-wrap items-baseline gap-x-3">
              <span className="inline-flex items-center gap-2 font-medium">
                <Swatch
                  color={cssColor(
                    armColor(
                      effect.arm,
                      arms.findIndex(({ key }) => key === effect.arm),
                    ),
                  )}
                />
                {effect.arm}
              </span>
              <span className="text-md font-semibold">{differenceText(metric, effect.effect)}</span>
              <span className="text-ink-2">{intervalText(metric, effect)}</span>
              {effect.relative === null ? null : (
                <span className="text-xs text-ink-3">
                  {effect.relative > 0 ? '+' : ''}
                  {formatPercent(effect.relative)} of the baseline
                </span>
              )}
              <span className="text-xs text-ink-3">
                {formatCompact(effect.units)} units
                {effect.used !== null && effect.used < 0.999
                  ? `, ${formatPercent(effect.used, 0)} of them used`
                  : ''}
              </span>
            </li>
          ))}
        </ul>
        <TimeSeries
          title="Difference over time"
          hideTitle
          series={lines}
          x="time"
          unit={unitOf(metric)}
          height={220}
          thresholds={thresholds}
          legend={lines.length > 1 ? 'all' : 'values'}
          emptyText="There is nothing to draw yet: each arm needs some units with values."
        />
        {need ? (
          <p className="num text-xs text-ink-2">
            To see a difference of {readValue(need.minEffect, unitOf(metric))} it takes about{' '}
            {formatCompact(need.perArmSequential)} units in each arm; {formatCompact(need.collected)} are
            there
            {need.remaining > 0 ? `, ${formatCompact(need.remaining)} to go` : ''}
            {need.remaining > 0 && need.remainingMs !== null
              ? `, ${formatDuration(need.remainingMs)} at this pace`
              : ''}
            .
          </p>
        ) : null}
      </div>
    </Panel>
  );
}
