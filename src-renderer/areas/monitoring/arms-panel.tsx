/** The arms against each other, and the one sentence that may be said about them. */
import { CircleHelp, Clock, Scale } from 'lucide-react';
import type { ArmSummary } from '../../../src-main/contract/monitoring.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { formatCount, formatNumber, formatPercent, NONE } from '../../lib/format.ts';
import { useNarrow } from '../../lib/use-narrow.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Explain } from '../explain/index.tsx';
import { IntervalBar } from './interval-bar.tsx';
import { judge, MIN_LABELLED, type Verdict } from './verdict.ts';

type Row = ArmSummary & { place: number };

type ArmsPanelProps = {
  arms: readonly ArmSummary[];
  /** The route as it is now, in its order. */
  present: readonly { key: string; version: string }[];
};

/** Told in the metrics of a stretch too. */
const NOT_NARROW = ['logloss', 'positive'];

export function ArmsPanel({ arms, present }: ArmsPanelProps) {
  const narrow = useNarrow();
  if (arms.length === 0)
    return (
      <Panel title="Arms">
        <p className="text-ink-3">
          No prediction has been logged yet. Quality shows here, with its interval, once labels arrive.
        </p>
      </Panel>
    );
  const places = [...new Set(arms.map(({ arm }) => arm))];
  const rows = arms.map((summary) => ({ ...summary, place: places.indexOf(summary.arm) }));
  const [first, second] = comparedArms(arms, present);
  // An arm with a handful of labels would flatten the others' intervals; its own is cut off instead.
  const counted = arms.some(({ labelled }) => labelled >= MIN_LABELLED)
    ? arms.filter(({ labelled }) => labelled >= MIN_LABELLED)
    : arms;
  const lows = counted.map(({ accuracyLow }) => accuracyLow).filter((value) => value !== null);
  const highs = counted.map(({ accuracyHigh }) => accuracyHigh).filter((value) => value !== null);
  const scale: [number, number] = [Math.min(...lows, 1), Math.max(...highs, 0)];
  const columns: Column<Row>[] = [
    {
      id: 'arm',
      header: 'Arm',
      cell: ({ arm, place }) => (
        <span className="inline-flex items-center gap-2">
          <Swatch color={cssColor(armColor(arm, place))} />
          {arm}
        </span>
      ),
    },
    { id: 'version', header: 'Version', cell: ({ version }) => `v${version}` },
    {
      id: 'predictions',
      header: 'Predictions',
      align: 'right',
      cell: ({ predictions }) => formatCount(predictions),
    },
    {
      id: 'labelled',
      header: 'Labelled',
      align: 'right',
      cell: ({ labelled, predictions }) =>
        `${formatCount(labelled)} (${formatPercent(labelled / Math.max(1, predictions))})`,
    },
    {
      id: 'accuracy',
      header: 'Accuracy',
      align: 'right',
      cell: ({ arm, accuracy, accuracyLow, accuracyHigh, labelled }) => (
        <Explain
          method="performance.accuracy"
          value={accuracy}
          n={labelled}
          low={accuracyLow}
          high={accuracyHigh}
          inForce={`Arms are compared from ${MIN_LABELLED} labelled rows of each on.`}
          of={`accuracy of ${arm}: ${formatPercent(accuracy, 2)}`}
        >
          {formatPercent(accuracy, 2)}
        </Explain>
      ),
    },
    {
      id: 'interval',
      header: '95 % interval',
      width: '220px',
      cell: ({ arm, accuracy, accuracyLow, accuracyHigh, place }) =>
        accuracy === null || accuracyLow === null || accuracyHigh === null ? (
          <span className="text-ink-3">{NONE}</span>
        ) : (
          <IntervalBar
            label={`Accuracy of ${arm}`}
            value={accuracy}
            low={accuracyLow}
            high={accuracyHigh}
            scale={scale}
            color={armColor(arm, place)}
          />
        ),
    },
    {
      id: 'logloss',
      header: 'Log loss',
      align: 'right',
      cell: ({ arm, logLoss, labelled }) => (
        <Explain
          method="performance.log-loss"
          value={logLoss}
          n={labelled}
          of={`log loss of ${arm}: ${formatNumber(logLoss)}`}
        >
          {formatNumber(logLoss)}
        </Explain>
      ),
    },
    {
      id: 'positive',
      header: 'Positive rate',
      align: 'right',
      cell: ({ arm, positiveRate, labelled }) => (
        <Explain
          method="positive-rate"
          value={positiveRate}
          n={labelled}
          of={`positive rate of ${arm}: ${formatPercent(positiveRate)}`}
        >
          {formatPercent(positiveRate)}
        </Explain>
      ),
      hint: 'Share of labelled rows whose label is the positive class',
    },
  ];
  return (
    <Panel title="Arms" hint="all labelled predictions so far" padded={false}>
      <div className="overflow-x-auto">
        <Table
          label="Arms"
          columns={narrow ? columns.filter(({ id }) => !NOT_NARROW.includes(id)) : columns}
          rows={rows}
          rowKey={({ arm, version }) => `${arm}@${version}`}
        />
      </div>
      {first && second ? <Sentence verdict={judge(first, second)} /> : null}
    </Panel>
  );
}

function Sentence({ verdict }: { verdict: Verdict }) {
  const Icon = verdict.kind === 'ahead' ? Scale : verdict.kind === 'open' ? CircleHelp : Clock;
  return (
    <div className="flex gap-2.5 border-t border-line px-3 py-2.5">
      <Icon
        size={16}
        aria-hidden="true"
        className={`mt-0.5 shrink-0 ${verdict.kind === 'ahead' ? 'text-accent' : 'text-ink-3'}`}
      />
      <div className="min-w-0">
        <p className="num font-medium">{verdict.text}</p>
        {verdict.caveats.map((caveat) => (
          <p key={caveat} className="num mt-0.5 text-xs text-ink-3">
            {caveat}
          </p>
        ))}
      </div>
    </div>
  );
}

/** The first two arms of the present route with the versions they run now; else the two with most labels. */
function comparedArms(
  arms: readonly ArmSummary[],
  present: readonly { key: string; version: string }[],
): [ArmSummary?, ArmSummary?] {
  const routed = present.flatMap(
    ({ key, version }) => arms.find((one) => one.arm === key && one.version === version) ?? [],
  );
  if (routed.length >= 2) return [routed[0], routed[1]] as [ArmSummary, ArmSummary];
  const most = [...arms].sort((a, b) => b.labelled - a.labelled).slice(0, 2);
  return most.length === 2 ? (arms.filter((arm) => most.includes(arm)) as [ArmSummary, ArmSummary]) : [];
}
