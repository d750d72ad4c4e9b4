/** Where it happened: the slices beside the rest of the traffic, and the arms with their versions. */
import type { Alert, AlertEvidence, AlertRule, SlicesWhy } from '../../../src-main/contract/alerts.ts';
import type { SeriesRef } from '../../../src-main/contract/monitoring-series.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { formatCount, NONE } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import { differenceText, seriesTitle, unitOf, valueText } from '../../lib/series-words.ts';
import { Badge, Swatch } from '../../ui/Badge.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { AlertNumber } from './alert-number.tsx';

type SliceLine = AlertEvidence['slices'][number];
type ArmLine = AlertEvidence['arms'][number];

type Props = { alert: Alert; rule: AlertRule | null; evidence: AlertEvidence };

export function PartsPanels({ alert, rule, evidence }: Props) {
  return (
    <div className="grid grid-cols-1 items-start gap-3 2xl:grid-cols-2">
      <SlicesPanel alert={alert} rule={rule} evidence={evidence} />
      <ArmsPanel alert={alert} rule={rule} arms={evidence.arms} />
    </div>
  );
}

const WHY_NONE: Readonly<Record<SlicesWhy, string>> = {
  'not-told': 'Slices are told for rules on performance, its estimate and inputs.',
  'no-slices': 'No slice was watched. Make one to see parts of the traffic on their own.',
  'not-logged': 'No row of that time was logged with this input: logging was off, or the input is masked.',
  'not-read': 'The logged rows could not be read in time when this fired.',
};

function hintOf({ of }: SeriesRef, slicesOf: SeriesRef | null): string {
  const beside = 'beside the rest of the traffic';
  if (of === 'performance' || of === 'estimated') return beside;
  return `${slicesOf ? `${seriesTitle(slicesOf)}, which had moved most, ` : ''}${beside}, from logged rows`;
}

type Of = Pick<Props, 'alert' | 'rule'>;

function SlicesPanel({ alert, rule, evidence }: Props) {
  const { slices, slicesWhy: why, slicesOf } = evidence;
  const unit = unitOf(slicesOf ?? alert.series);
  const columns: Column<SliceLine>[] = [
    {
      id: 'name',
      header: 'Slice',
      cell: ({ name, apart, tooFew }) => (
        <span className="flex items-center gap-2">
          <span className="truncate">{name}</span>
          {apart ? <Badge tone="warn">apart</Badge> : null}
          {tooFew ? <Badge>too few rows</Badge> : null}
        </span>
      ),
    },
    {
      id: 'value',
      header: 'Value',
      align: 'right',
      cell: ({ name, value, labelled }) => (
        <AlertNumber {...{ alert, rule, value }} series={slicesOf} n={labelled} part={`in ${name}`}>
          <b className="font-semibold">{valueText(value, unit)}</b>
        </AlertNumber>
      ),
      sort: ({ value }) => value,
    },
    { id: 'rest', header: 'Rest', align: 'right', cell: ({ rest }) => valueText(rest, unit) },
    {
      id: 'difference',
      header: 'Difference',
      align: 'right',
      cell: ({ value, rest }) =>
        value === null || rest === null ? NONE : differenceText(value - rest, unit),
      sort: ({ value, rest }) => (value === null || rest === null ? null : value - rest),
    },
    {
      id: 'n',
      header: alert.series.of === 'performance' ? 'Labelled' : 'Rows',
      align: 'right',
      cell: ({ labelled }) => formatCount(labelled),
      sort: ({ labelled }) => labelled,
    },
  ];
  return (
    <Panel
      title="In which slice"
      hint={slices.length > 0 ? hintOf(alert.series, slicesOf) : null}
      padded={slices.length === 0}
      actions={
        <Link to={`${pathTo('monitoring', alert.endpoint)}?tab=slices`} className="text-xs">
          Slices
        </Link>
      }
    >
      {slices.length === 0 ? (
        <p className="text-ink-3">
          {WHY_NONE[why ?? (alert.series.of === 'performance' ? 'no-slices' : 'not-told')]}
        </p>
      ) : (
        <div className="overflow-x-auto">
          <Table label="Slices when it fired" columns={columns} rows={slices} rowKey={({ name }) => name} />
        </div>
      )}
    </Panel>
  );
}

function ArmsPanel({ alert, rule, arms }: Of & { arms: readonly ArmLine[] }) {
  const unit = unitOf(alert.series);
  const columns: Column<ArmLine & { place: number }>[] = [
    {
      id: 'arm',
      header: 'Arm',
      cell: ({ arm, version, place }) => (
        <span className="inline-flex items-center gap-2">
          <Swatch color={cssColor(armColor(arm, place))} />
          {arm} <span className="font-normal text-ink-3">v{version}</span>
        </span>
      ),
    },
    {
      id: 'value',
      header: 'Value',
      align: 'right',
      cell: ({ arm, value, n, low, high }) => (
        <AlertNumber {...{ alert, rule, value, n, low, high }} part={`of ${arm}`}>
          <b className="font-semibold">{valueText(value, unit)}</b>
        </AlertNumber>
      ),
    },
    {
      id: 'interval',
      header: alert.series.of === 'estimated' ? 'Three standard errors' : '95 % interval',
      align: 'right',
      cell: ({ low, high }) =>
        low === null || high === null ? (
          NONE
        ) : (
          <span className="text-ink-2">
            {valueText(low, unit)} to {valueText(high, unit)}
          </span>
        ),
    },
    { id: 'n', header: 'Rows', align: 'right', cell: ({ n }) => formatCount(n) },
  ];
  return (
    <Panel title="In which arm and version" padded={arms.length === 0}>
      {arms.length === 0 ? (
        <p className="text-ink-3">It is not told by arm.</p>
      ) : (
        <div className="overflow-x-auto">
          <Table
            label="Arms when it fired"
            columns={columns}
            rows={arms.map((arm, place) => ({ ...arm, place }))}
            rowKey={({ arm, version }) => `${arm}@${version}`}
          />
        </div>
      )}
    </Panel>
  );
}
