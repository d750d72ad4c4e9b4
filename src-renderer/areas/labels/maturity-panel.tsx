/** How the labels come: how much of each window has one, and how long they take. */
import { useMemo } from 'react';
import type { Maturity } from '../../../src-main/contract/labels.ts';
import { WINDOW_SIZE_MS, type WindowSize } from '../../../src-main/contract/monitoring-series.ts';
import { openStretches, placeOf } from '../../charts/from-series.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import { XyChart } from '../../charts/xy-chart.tsx';
import { formatCount, formatDuration, formatPercent, NONE } from '../../lib/format.ts';
import type { TimeRange } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { WINDOW_WORD } from '../../lib/series-words.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { durationTicks } from './delay-ticks.ts';

type Props = { endpoint: string; per: WindowSize; arm: string | null; range: TimeRange | null };

export function MaturityPanel({ endpoint, per, arm, range }: Props) {
  const maturity = useData(
    ['monitoring', 'maturity', endpoint, per, arm],
    (rpc, signal) => rpc.labels.maturity({ endpoint, per, ...(arm === null ? {} : { arm }) }, { signal }),
    { keep: true },
  );
  return (
    <Panel title="How labels come" hint={`by the ${WINDOW_WORD[per]} of the prediction, UTC`}>
      <QueryState query={maturity} what="The labels">
        {(data) => <Charts maturity={data} per={per} range={range} />}
      </QueryState>
    </Panel>
  );
}

function Charts({ maturity, per, range }: { maturity: Maturity; per: WindowSize; range: TimeRange | null }) {
  const { delay, p50Ms, p90Ms, byEntity, replaced } = maturity;
  const cohorts = useMemo(
    () =>
      maturity.cohorts.filter(
        ({ windowMs }) => range === null || (windowMs >= range.fromMs && windowMs < range.toMs),
      ),
    [maturity.cohorts, range],
  );
  const coverage = useMemo(
    () => [
      {
        id: 'labelled',
        label: 'labelled',
        color: 3 as const,
        points: cohorts.map(({ windowMs, predictions, labelled, mature }) => ({
          x: placeOf(windowMs, per),
          y: predictions > 0 ? labelled / predictions : null,
          n: predictions,
          ...(mature ? {} : { weak: true, note: 'still coming' }),
        })),
      },
    ],
    [cohorts, per],
  );
  const hatches = useMemo(
    () =>
      openStretches({
        per,
        points: cohorts.map(({ windowMs, mature }) => ({
          windowMs,
          mature,
          value: null,
          n: 0,
          low: null,
          high: null,
          level: null,
          complete: true,
        })),
      }),
    [cohorts, per],
  );
  const longest = Math.max(1, ...delay.map(({ afterMs }) => afterMs));
  const labelled = cohorts.reduce((sum, one) => sum + one.labelled, 0);
  const predictions = cohorts.reduce((sum, one) => sum + one.predictions, 0);
  const marks = [
    ...(p50Ms === null ? [] : [{ at: p50Ms, label: `half: ${formatDuration(p50Ms)}` }]),
    ...(p90Ms === null ? [] : [{ at: p90Ms, label: `90 %: ${formatDuration(p90Ms)}` }]),
  ];
  return (
    <div className="grid grid-cols-1 gap-x-6 gap-y-4 xl:grid-cols-2">
      <TimeSeries
        title="Labelled share"
        x="time"
        daily={per === 'day'}
        unit="share"
        height={190}
        gap={WINDOW_SIZE_MS[per] * 1.5}
        series={coverage}
        hatches={hatches}
        floor={0}
        ceiling={1}
        fromZero
        emptyText="No prediction yet."
      />
      <XyChart
        title="Delay until the label"
        height={190}
        range={[0, longest]}
        ticks={durationTicks(longest)}
        xLabel="after the prediction"
        yLabel="share that has come"
        join="step"
        color={3}
        marks={marks}
        points={delay.map(({ afterMs, share }) => ({
          x: afterMs,
          y: share,
          label: `after ${formatDuration(afterMs)}`,
        }))}
        summary={`Half of the labels come within ${p50Ms === null ? 'a time not known yet' : formatDuration(p50Ms)}, nine tenths within ${
          p90Ms === null ? 'a time not known yet' : formatDuration(p90Ms)
        }.`}
        emptyText="No label has come yet, so nothing is known of their delay."
      />
      <dl className="num flex flex-wrap gap-x-8 gap-y-1 text-xs xl:col-span-2">
        {[
          [
            'Labelled in this range',
            `${formatCount(labelled)} of ${formatCount(predictions)} (${predictions > 0 ? formatPercent(labelled / predictions) : NONE})`,
          ],
          ['Half come within', p50Ms === null ? NONE : formatDuration(p50Ms)],
          ['Nine tenths within', p90Ms === null ? NONE : formatDuration(p90Ms)],
          ['Joined by entity and time', formatCount(byEntity)],
          ['Replaced another label', formatCount(replaced)],
        ].map(([label, value]) => (
          <div key={label} className="flex gap-1.5">
            <dt className="text-ink-3">{label}</dt>
            <dd className="font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="text-xs text-ink-3 xl:col-span-2">
        A window is mature with 80 % of its labels, or once it is older than nine tenths of the delays.
      </p>
    </div>
  );
}
