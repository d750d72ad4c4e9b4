/** One stretch of predictions with their labels in full: all metrics, the confusion matrix, calibration, errors. */
import { X } from 'lucide-react';
import { useState } from 'react';
import type { PerformanceDetail } from '../../../src-main/contract/monitoring.ts';
import type { PerformanceMetric } from '../../../src-main/contract/monitoring-series.ts';
import { CountBars } from '../../charts/count-bars.tsx';
import { XyChart } from '../../charts/xy-chart.tsx';
import { formatCount, formatNumber, formatPercent, NONE, plural } from '../../lib/format.ts';
import type { MonitoringScope, TimeRange } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery } from '../../lib/router.ts';
import { columnText, differenceText, METRICS, SPAN_WORD, windowText } from '../../lib/series-words.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Explain } from '../explain/index.tsx';
import { ConfusionMatrix } from './confusion-matrix.tsx';
import { Notes } from './notes.tsx';

function useDetail(
  { endpoint, arm }: MonitoringScope,
  { range, version }: { range: TimeRange | null; version: string | null },
) {
  return useData(
    ['monitoring', 'performance-detail', endpoint, arm, range?.fromMs ?? null, range?.toMs ?? null, version],
    (rpc, signal) =>
      rpc.monitoring.performanceDetail(
        {
          endpoint,
          ...(range ?? {}),
          ...(arm === null ? {} : { arm }),
          ...(version === null ? {} : { version }),
        },
        { signal },
      ),
    { keep: true },
  );
}

type Props = {
  scope: MonitoringScope;
  stretch: TimeRange | null;
  /** The window whose rows are shown; null shows the whole range. */
  picked: number | null;
  versions: readonly string[];
  metric: PerformanceMetric;
};

export function PerformanceDetailPanels({ scope, stretch, picked, versions, metric }: Props) {
  const [chosen, setVersion] = useState<string | null>(null);
  const version = chosen !== null && versions.includes(chosen) ? chosen : null;
  const detail = useDetail(scope, { range: stretch, version });
  return (
    <section aria-label="The stretch in full" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="num text-sm">
          {picked === null
            ? 'The whole range'
            : `The ${SPAN_WORD[scope.per]} to ${windowText(picked, scope.per)}, UTC`}
        </h2>
        {detail.data ? (
          <p className="num flex items-center gap-2 text-xs text-ink-3">
            {plural(detail.data.predictions, 'prediction')}, {formatCount(detail.data.labelled)} with a label
            {detail.data.mature || detail.data.labelled === 0 ? null : (
              <Badge tone="warn">labels still coming</Badge>
            )}
          </p>
        ) : null}
        <div className="ml-auto flex items-center gap-2">
          {picked === null ? null : (
            <Button size="sm" icon={X} onClick={() => setQuery({ window: null })}>
              Whole range
            </Button>
          )}
          {versions.length > 1 ? (
            <div className="w-36">
              <Select
                label="Version"
                hideLabel
                value={version ?? ''}
                onChange={(value) => setVersion(value || null)}
                options={[
                  { value: '', label: 'All versions' },
                  ...versions.map((value) => ({ value, label: `Version ${value}` })),
                ]}
              />
            </div>
          ) : null}
        </div>
      </div>
      <QueryState query={detail} what="The metrics">
        {(data) => <Panels detail={data} metric={metric} />}
      </QueryState>
    </section>
  );
}

function Panels({ detail, metric }: { detail: PerformanceDetail; metric: PerformanceMetric }) {
  const regression = detail.task === 'regression';
  return (
    <>
      <MetricsPanel detail={detail} metric={metric} />
      <div className="grid grid-cols-1 items-start gap-3 lg:grid-cols-2">
        {detail.confusion ? (
          <Panel
            title="Confusion matrix"
            hint={`positive from a score of ${formatNumber(detail.confusion.threshold)}`}
          >
            <ConfusionMatrix {...detail.confusion} />
          </Panel>
        ) : null}
        <Panel>
          {regression ? (
            <CountBars
              title="Errors"
              unitLabel="prediction minus truth"
              counted="rows"
              by="error"
              height={220}
              bins={detail.errors.map(({ from, to, n }) => ({ label: binName(from, to), count: n }))}
              emptyText="No row has a label yet."
            />
          ) : (
            <Calibration bins={detail.calibration} />
          )}
        </Panel>
      </div>
      <Notes title="What these figures cannot tell" notes={detail.notes} />
    </>
  );
}

const binName = (from: number, to: number): string => formatNumber((from + to) / 2, 2).replace(/^-/, '−');

type Row = PerformanceDetail['metrics'][number];

function MetricsPanel({ detail, metric: shown }: { detail: PerformanceDetail; metric: PerformanceMetric }) {
  const estimated = detail.metrics.some((row) => row.estimated !== null);
  const referenced = detail.metrics.some(({ reference }) => reference !== null);
  const columns: Column<Row>[] = [
    {
      id: 'metric',
      header: 'Metric',
      cell: ({ metric }) => <span title={METRICS[metric].help}>{METRICS[metric].title}</span>,
    },
    {
      id: 'value',
      header: 'Value',
      align: 'right',
      cell: ({ metric, value, low, high }) => (
        <Explain
          method={`performance.${metric}`}
          value={value}
          n={detail.labelled}
          low={low}
          high={high}
          of={`${METRICS[metric].title}: ${columnText(value, METRICS[metric].unit)}`}
        >
          <b className="font-semibold">{columnText(value, METRICS[metric].unit)}</b>
        </Explain>
      ),
    },
    {
      id: 'interval',
      header: '95 % interval',
      align: 'right',
      cell: ({ metric, low, high }) => <span className="text-ink-2">{intervalText(low, high, metric)}</span>,
    },
    ...(referenced
      ? ([
          {
            id: 'reference',
            header: 'Reference',
            align: 'right',
            cell: ({ metric, reference }) => columnText(reference, METRICS[metric].unit),
          },
          { id: 'difference', header: 'Difference', align: 'right', cell: (row) => <Difference row={row} /> },
        ] satisfies Column<Row>[])
      : []),
    ...(estimated
      ? ([
          {
            id: 'estimated',
            header: 'Estimated',
            align: 'right',
            hint: 'What calibrated scores lead to expect of all rows, labelled or not (CBPE), with its sampling band',
            cell: ({ metric, estimated: of }) =>
              of === null ? (
                NONE
              ) : (
                <span>
                  <Explain
                    method={`estimated.${metric}`}
                    value={of.value}
                    n={detail.predictions}
                    low={of.low}
                    high={of.high}
                    of={`${METRICS[metric].title}, estimated: ${columnText(of.value, METRICS[metric].unit)}`}
                  >
                    {columnText(of.value, METRICS[metric].unit)}
                  </Explain>
                  <span className="ml-1.5 text-xs text-ink-3">{intervalText(of.low, of.high, metric)}</span>
                </span>
              ),
          },
        ] satisfies Column<Row>[])
      : []),
  ];
  return (
    <Panel title="Metrics" hint={`${formatCount(detail.labelled)} labelled rows`} padded={false}>
      <div className="overflow-x-auto">
        <Table
          label="Metrics"
          columns={columns}
          rows={detail.metrics}
          rowKey={({ metric }) => metric}
          current={shown}
          empty={<p className="p-3 text-ink-3">No label has come for this stretch yet.</p>}
        />
      </div>
    </Panel>
  );
}

function intervalText(low: number | null, high: number | null, metric: PerformanceMetric): string {
  if (low === null || high === null) return NONE;
  const { unit } = METRICS[metric];
  return `${columnText(low, unit)} to ${columnText(high, unit)}`;
}

/** Better or worse than the reference is said only where the interval leaves it out. */
function Difference({ row: { metric, value, low, high, reference } }: { row: Row }) {
  if (value === null || reference === null) return <>{NONE}</>;
  const { unit, good } = METRICS[metric];
  const difference = value - reference;
  const clear = low !== null && high !== null && (reference < low || reference > high);
  const better = good === 'higher' ? difference > 0 : difference < 0;
  const tone = !clear || good === 'neither' ? 'text-ink-2' : better ? 'text-ok' : 'text-bad';
  return (
    <span className={tone}>
      {differenceText(difference, unit)}
      {clear && good !== 'neither' ? <span className="sr-only">, {better ? 'better' : 'worse'}</span> : null}
    </span>
  );
}

function Calibration({ bins }: { bins: PerformanceDetail['calibration'] }) {
  const used = bins.filter(({ n }) => n > 0);
  return (
    <XyChart
      title="Calibration"
      height={244}
      range={[0, 1]}
      ticks={[0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, label: formatNumber(at, 1) }))}
      xLabel="mean score of the bin; columns: rows"
      yLabel="share of positives"
      diagonal="as scored"
      join="line"
      points={bins.map(({ from, to, n, score, share, low, high }) => ({
        x: score ?? (from + to) / 2,
        y: share,
        low,
        high,
        n,
        label: `score ${formatNumber(from, 2)} – ${formatNumber(to, 2)}`,
      }))}
      summary={`Calibration over ${used.length} tenths of the score. ${used
        .map(
          ({ score, share, n }) =>
            `Score ${formatNumber(score, 2)}: ${formatPercent(share)} positive of ${formatCount(n)}`,
        )
        .join('; ')}.`}
      emptyText="No scored row has a label yet."
    />
  );
}
