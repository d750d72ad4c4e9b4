/** Inputs, predictions, performance and business of an endpoint on one axis of time, with what happened to it. */
import { Table2 } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { type FeatureDrift, MOST_TREND } from '../../../src-main/contract/monitoring.ts';
import { methodOfSeries } from '../../../src-main/contract/monitoring-methods.ts';
import {
  type PerformanceMetric,
  type Series,
  WINDOW_SIZE_MS,
} from '../../../src-main/contract/monitoring-series.ts';
import { ChartSurface } from '../../charts/chart-surface.tsx';
import { LanePlot } from '../../charts/lane-plot.tsx';
import type { LaneAxis } from '../../charts/lane-rules.ts';
import { TimeAxis } from '../../charts/time-axis.tsx';
import { useWidth } from '../../charts/use-width.ts';
import { reportOf } from '../../lib/errors.ts';
import { plural } from '../../lib/format.ts';
import { type MonitoringScope, scopedPath, type TimeRange, writeRange } from '../../lib/monitoring-scope.ts';
import { navigate, setQuery, useLocation } from '../../lib/router.ts';
import { chartUnit, METRICS, SPAN_WORD, valueText, windowText } from '../../lib/series-words.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import { flagsOf } from './event-flags.ts';
import { EventMarks } from './event-marks.tsx';
import { FeatureStrip } from './feature-strip.tsx';
import { type Health, referenceLine, useLines } from './health-data.ts';
import { HealthTable } from './health-table.tsx';
import { Heading, Lane, Marks, Name, Remark } from './lane.tsx';
import { type About, LaneFigures } from './lane-figures.tsx';
import { worstFirst } from './psi.ts';

/** Strips in sight before the rest is asked for. */
const FOLDED = 6;

/** What explains a lane's numbers, with what it is judged by where it has that. */
function aboutOf(series: Series | undefined): About | undefined {
  if (!series) return undefined;
  const { minN, warnAt, alertAt, reference, unit } = series;
  const parts = [
    ...(warnAt === null ? [] : [`moderate from ${valueText(warnAt, unit)}`]),
    ...(alertAt === null ? [] : [`large from ${valueText(alertAt, unit)}`]),
    ...(warnAt !== null || reference === null ? [] : [`the reference has ${valueText(reference, unit)}`]),
  ];
  return {
    method: methodOfSeries(series.series),
    ...(series.series.of === 'business' ? { counts: 'values' as const } : {}),
    minN,
    inForce: parts.length > 0 ? `Here: ${parts.join(', ')}.` : null,
  };
}

/** By the lines' ids. */
const aboutAll = (series: Readonly<Record<string, Series | undefined>>): Record<string, About> =>
  Object.fromEntries(
    Object.entries(series).flatMap(([id, one]) => {
      const about = aboutOf(one);
      return about ? [[id, about]] : [];
    }),
  );

type HealthLanesProps = {
  scope: MonitoringScope;
  range: TimeRange;
  health: Health;
  metric: PerformanceMetric;
  choices: readonly PerformanceMetric[];
};

export function HealthLanes({ scope, range, health, metric, choices }: HealthLanesProps) {
  const { endpoint, per } = scope;
  const { query } = useLocation();
  const [cursor, setCursor] = useState<number | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const [plotRef, width] = useWidth();
  const size = WINDOW_SIZE_MS[per];
  const axis: LaneAxis = useMemo(
    () => ({ from: range.fromMs, to: range.toMs, window: size, width }),
    [range.fromMs, range.toMs, size, width],
  );
  const flags = useMemo(() => flagsOf(health.changes.data ?? [], axis), [health.changes.data, axis]);
  const lines = useLines(health, range, metric);
  const about = aboutAll({
    ...{ share: health.driftedShare.data, mean: health.mean.data, volume: health.volume.data },
    ...{ realised: health.performance.data, estimated: health.estimated.data },
  });
  const features = health.drift.data ?? [];
  const inputs = worstFirst(features.filter(({ kind }) => kind !== 'prediction'));
  const predictions = features.filter(({ kind }) => kind === 'prediction');
  const to = (segments: readonly string[], more: Record<string, string | null> = {}) =>
    scopedPath(query, [endpoint, ...segments], more);
  const tab = (id: string, x: number | null = null) =>
    to([], { tab: id, ...(x === null ? {} : { range: spanRange(x, size, per) }) });

  const onKeyDown = (event: KeyboardEvent) => {
    // Arrow keys of a control inside mean that control.
    if (event.target !== event.currentTarget) return;
    const last = range.toMs - size;
    const by = event.shiftKey ? 10 * size : size;
    if (event.key === 'ArrowLeft') setCursor(cursor === null ? last : Math.max(range.fromMs, cursor - by));
    else if (event.key === 'ArrowRight')
      setCursor(cursor === null ? range.fromMs : Math.min(last, cursor + by));
    else if (event.key === 'Home') setCursor(range.fromMs);
    else if (event.key === 'End') setCursor(last);
    else if (event.key === 'Escape') setCursor(null);
    else return;
    event.preventDefault();
  };
  const strip = (feature: FeatureDrift) => (
    <FeatureStrip
      key={feature.feature}
      feature={feature}
      range={range}
      scope={scope}
      size={size}
      cursor={cursor}
      onCursor={setCursor}
      path={(x) => to([feature.feature], { window: x === null ? null : String(x) })}
    />
  );
  const shared = { axis, cursor, onCursor: setCursor };

  return (
    <Panel
      title="Over time"
      hint={`each point is the ${SPAN_WORD[per]} that end with its window`}
      padded={false}
      actions={
        <>
          <output aria-live="polite" className="num text-xs text-ink-2">
            {cursor === null ? null : windowText(cursor, per)}
          </output>
          <IconButton
            icon={Table2}
            size="sm"
            label={asTable ? 'Show as lanes' : 'Show as a table'}
            pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          />
        </>
      }
    >
      {asTable ? (
        <HealthTable scope={scope} range={range} health={health} lines={lines} />
      ) : (
        <ChartSurface
          label="Health over time. Arrow keys move the cursor from window to window."
          onKeyDown={onKeyDown}
          className="relative px-3 pt-2 pb-1 -outline-offset-2"
        >
          <Marks axis={axis} cursor={cursor} flags={flags.map(({ at }) => at)} pointed={pointed} />
          <div className="relative flex flex-col">
            <Lane label={<span className="text-xs text-ink-3">Events</span>} plotRef={plotRef}>
              <EventMarks
                failure={health.changes.error ? reportOf(health.changes.error).cause : null}
                flags={flags}
                axis={axis}
                onPoint={setPointed}
              />
            </Lane>
            <Heading name="Inputs" note={inputs.length > 0 ? plural(inputs.length, 'feature') : null} />
            {lines.share ? (
              <Lane
                top
                label={<Name to={tab('features')} title="Drifted" note="share of the inputs" />}
                figures={<LaneFigures lines={[lines.share]} unit="share" cursor={cursor} about={about} />}
              >
                <LanePlot
                  {...shared}
                  title="Share of drifted inputs"
                  lines={[lines.share]}
                  unit="share"
                  height={46}
                  floor={0}
                  fromZero
                  ceiling={1}
                  onPick={(x) => navigate(tab('features', x))}
                  emptyText="No whole window yet."
                />
              </Lane>
            ) : null}
            {inputs.length === 0 && health.drift.data ? (
              <Remark>
                No served version has a reference, so drift cannot be told.{' '}
                <Link to={to([], { tab: 'setup' })} className="underline">
                  Add a reference
                </Link>
              </Remark>
            ) : null}
            {(all ? inputs : inputs.slice(0, FOLDED)).map(strip)}
            {scope.reach > MOST_TREND ? (
              <Remark>Strips show the newest {MOST_TREND} windows; a feature’s page has all of them.</Remark>
            ) : null}
            {inputs.length > FOLDED ? (
              <div className="pt-1">
                <Button variant="ghost" size="sm" onClick={() => setAll(!all)} aria-expanded={all}>
                  {all ? 'Show the worst 6' : `Show all ${inputs.length}`}
                </Button>
              </div>
            ) : null}

            <Heading name="Predictions" />
            {predictions.map(strip)}
            {lines.mean && health.mean.data ? (
              <Lane
                top
                label={
                  <Name to={to([health.score ?? ''])} title="Mean score" note="with its 95 % interval" />
                }
                figures={<LaneFigures lines={[lines.mean]} unit="number" cursor={cursor} about={about} />}
              >
                <LanePlot
                  {...shared}
                  title="Mean score"
                  lines={[lines.mean]}
                  unit="number"
                  height={76}
                  thresholds={referenceLine(health.mean.data)}
                  onPick={(x) => navigate(to([health.score ?? ''], { window: String(x) }))}
                  emptyText="No whole window yet."
                />
              </Lane>
            ) : predictions.length === 0 && health.drift.data ? (
              <Remark>No score to watch: the version does not say which output is its score.</Remark>
            ) : null}

            <Heading name="Performance" />
            <Lane
              top
              label={
                <div className="pr-10">
                  <Select<PerformanceMetric>
                    label="Metric of performance"
                    hideLabel
                    value={metric}
                    onChange={(next) => setQuery({ metric: next })}
                    options={choices.map((value) => ({ value, label: METRICS[value].title }))}
                  />
                </div>
              }
              figures={
                <LaneFigures
                  lines={lines.performance}
                  unit={chartUnit(METRICS[metric].unit)}
                  cursor={cursor}
                  about={about}
                />
              }
            >
              <LanePlot
                {...shared}
                title={METRICS[metric].title}
                lines={lines.performance}
                unit={chartUnit(METRICS[metric].unit)}
                height={lines.performance.length > 0 ? 108 : 40}
                thresholds={health.performance.data ? referenceLine(health.performance.data) : []}
                onPick={(x) => navigate(tab('performance', x))}
                emptyText="No label has come yet."
              />
            </Lane>
            <Remark>
              Hatched: the window is not over, or its labels are still coming.
              {lines.performance.length > 1 ? ' Dashed: estimated from the scores, without labels.' : ''}
            </Remark>

            <Heading name="Business" />
            {lines.business.map(({ line, series, unit }) => (
              <Lane
                key={line.id}
                top
                label={<Name to={tab('business')} title={line.label} note={unit} />}
                figures={
                  <LaneFigures
                    lines={[line]}
                    unit="number"
                    cursor={cursor}
                    about={aboutAll({ [line.id]: series })}
                  />
                }
              >
                <LanePlot
                  {...shared}
                  title={line.label}
                  lines={[line]}
                  unit={chartUnit(series.unit)}
                  height={60}
                  onPick={() => navigate(tab('business'))}
                  emptyText="No value in this range."
                />
              </Lane>
            ))}
            {health.metrics.error ? <Remark>{reportOf(health.metrics.error).cause}</Remark> : null}
            {health.metrics.data?.length === 0 ? (
              <Remark>
                What the model does for the business can be watched too.{' '}
                <Link to={tab('business')} className="underline">
                  Add a business metric
                </Link>
              </Remark>
            ) : null}

            <Heading name="Volume" />
            {lines.volume ? (
              <Lane
                top
                label={<Name title="Rows served" note={`by ${per}`} />}
                figures={<LaneFigures lines={[lines.volume]} unit="count" cursor={cursor} about={about} />}
              >
                <LanePlot
                  {...shared}
                  title="Rows served"
                  lines={[lines.volume]}
                  unit="count"
                  height={48}
                  bars
                  floor={0}
                  fromZero
                  emptyText="No rows in this range."
                />
              </Lane>
            ) : null}
            <Lane label={null}>
              <TimeAxis from={range.fromMs} to={range.toMs} width={width} />
            </Lane>
          </div>
        </ChartSurface>
      )}
    </Panel>
  );
}

/** The range of the span that a point stands for. */
function spanRange(x: number, size: number, per: MonitoringScope['per']): string {
  const windows = { minute: 60, hour: 24, day: 7 }[per];
  return writeRange({ fromMs: Math.max(0, x - (windows - 1) * size), toMs: x + size });
}
