/** One report: its verdict, and every column with its method, score, limit and both sides. */
import { FileDown } from 'lucide-react';
import { type ColumnReport, type DriftReport, scoredOf } from '../../../src-main/contract/drift-reports.ts';
import { DistributionBars } from '../../charts/distribution-bars.tsx';
import { TwoSides } from '../../charts/two-sides.tsx';
import { formatCount, formatDuration, formatNumber, formatPercent, NONE } from '../../lib/format.ts';
import { useAction, useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { useNarrow } from '../../lib/use-narrow.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Explain } from '../explain/index.tsx';
import { saveHtml } from './health-export.tsx';
import { METHODS, scoreText, thresholdText, verdictText, worstColumns } from './report-words.ts';

export function ReportPanels({ id }: { id: string }) {
  const report = useData(['monitoring', 'report', id], (rpc, signal) =>
    rpc.driftReports.get({ id }, { signal }),
  );
  return (
    <QueryState query={report} what="The report">
      {(data) => <Report report={data} />}
    </QueryState>
  );
}

function Report({ report }: { report: DriftReport }) {
  const { query } = useLocation();
  const narrow = useNarrow();
  const columns = worstColumns(report.columns);
  const chosen = columns.find(({ column }) => column === query.column) ?? null;
  const save = useAction((rpc) => rpc.driftReports.html({ id: report.id }), { onDone: saveHtml });
  const { title, rule } = verdictText(report);
  const { scored } = scoredOf(report.columns);
  const lonely = [
    { side: 'reference', names: report.onlyReference },
    { side: 'current', names: report.onlyCurrent },
  ].filter(({ names }) => names.length > 0);
  return (
    <section aria-label={report.title} className="flex flex-col gap-3">
      <Callout
        tone={report.datasetDrifted ? 'bad' : 'ok'}
        title={title}
        actions={
          <Button icon={FileDown} size="sm" busy={save.isPending} onClick={() => save.mutate()}>
            Save as HTML
          </Button>
        }
      >
        <Explain
          method="dataset-drift"
          value={scored === 0 ? null : report.drifted / scored}
          inForce={rule}
          of={`${title} ${rule}`}
        >
          {rule}
        </Explain>
      </Callout>
      <div className="grid grid-cols-1 items-start gap-3 lg:grid-cols-2">
        <Panel title="Sides">
          <KeyValue
            items={[
              { label: 'Reference', value: `${report.reference}, ${formatCount(report.referenceRows)} rows` },
              { label: 'Current', value: `${report.current}, ${formatCount(report.currentRows)} rows` },
              { label: 'Took', value: formatDuration(report.tookMs) },
            ]}
          />
        </Panel>
        <Panel title="Good to know">
          {lonely.length === 0 && report.notes.length === 0 ? (
            <p className="text-ink-3">Both sides have the same columns.</p>
          ) : (
            <ul className="flex list-disc flex-col gap-1 pl-4 text-xs text-ink-2">
              {lonely.map(({ side, names }) => (
                <li key={side}>
                  Only the {side} has {names.join(', ')}: not compared.
                </li>
              ))}
              {report.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <Panel title="Columns" hint="worst first; a name opens its bins" padded={false}>
        <div className="overflow-x-auto">
          <Table
            label="Columns"
            columns={narrow ? COLUMNS.filter(({ id }) => !NOT_NARROW.includes(id)) : COLUMNS}
            rows={columns}
            rowKey={({ column }) => column}
            current={chosen?.column ?? null}
            empty={<p className="p-3 text-ink-3">No column is on both sides.</p>}
          />
        </div>
      </Panel>
      {chosen ? <ColumnDialog column={chosen} /> : null}
    </section>
  );
}

/** Told with a column's bins too. */
const NOT_NARROW = ['threshold', 'missing'];

const COLUMNS: Column<ColumnReport>[] = [
  {
    id: 'column',
    header: 'Column',
    cell: ({ column, bins }) =>
      bins.length === 0 ? (
        column
      ) : (
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => setQuery({ column })}
          className="max-w-full truncate rounded-xs text-left text-accent hover:underline"
          data-row-link=""
        >
          {column}
        </button>
      ),
    sort: ({ column }) => column,
  },
  {
    id: 'verdict',
    header: 'Verdict',
    cell: ({ drifted, problem }) =>
      drifted === null ? (
        <span className="block max-w-64 truncate text-xs text-ink-2" title={problem ?? undefined}>
          {problem ?? 'no score'}
        </span>
      ) : (
        <Badge tone={drifted ? 'bad' : 'ok'}>{drifted ? 'drifted' : 'not drifted'}</Badge>
      ),
    sort: ({ drifted }) => (drifted === null ? null : Number(drifted)),
  },
  {
    id: 'sides',
    header: 'Reference and current',
    width: '132px',
    cell: ({ bins, column }) =>
      bins.length === 0 ? NONE : <TwoSides label={`Both sides of ${column}`} bins={bins} />,
  },
  {
    id: 'method',
    header: 'Method',
    cell: ({ method }) =>
      method === null ? (
        NONE
      ) : (
        <span title={`${method}: ${METHODS[method].help}`}>{METHODS[method].title}</span>
      ),
  },
  {
    id: 'score',
    header: 'Score',
    align: 'right',
    cell: (row) =>
      row.method === null ? (
        NONE
      ) : (
        <Explain
          method={row.method}
          value={row.score}
          n={row.currentN}
          referenceN={row.referenceN}
          inForce={`In this report a column counts as drifted ${thresholdText(row)}.`}
          of={`${METHODS[row.method].title} of ${row.column}: ${scoreText(row)}`}
        >
          <b className="font-semibold">{scoreText(row)}</b>
        </Explain>
      ),
  },
  {
    id: 'threshold',
    header: 'Drifted',
    align: 'right',
    cell: (row) => <span className="text-ink-2">{thresholdText(row)}</span>,
  },
  {
    id: 'effect',
    header: 'PSI',
    align: 'right',
    hint: 'How far the sides are apart on the same bins, whatever the method: it does not grow with the number of rows',
    cell: ({ column, effect, currentN, referenceN }) => (
      <Explain
        method="evidently.psi@0.7"
        value={effect}
        n={currentN}
        referenceN={referenceN}
        inForce="Here it only says how much: the verdict is by the method beside it."
        of={`PSI of ${column}: ${formatNumber(effect, 3)}`}
      >
        {formatNumber(effect, 3)}
      </Explain>
    ),
    sort: ({ effect }) => effect,
  },
  {
    id: 'missing',
    header: 'Missing',
    align: 'right',
    hint: 'Current, and in the reference',
    cell: ({ currentMissing, referenceMissing }) => (
      <>
        {formatPercent(currentMissing)}{' '}
        <span className="text-ink-3">({formatPercent(referenceMissing)})</span>
      </>
    ),
    sort: ({ currentMissing }) => currentMissing,
  },
];

function ColumnDialog({ column }: { column: ColumnReport }) {
  const { bins, referenceMean, currentMean, referenceN, currentN, method, problem } = column;
  const categorical = bins.every(({ lower, upper }) => lower === null && upper === null);
  return (
    <Dialog
      open
      width="lg"
      onClose={() => setQuery({ column: null })}
      title={column.column}
      description={
        method === null
          ? problem
          : `${METHODS[method].title} ${scoreText(column)}; a column counts as drifted ${thresholdText(column)}.`
      }
      footer={
        <Button data-autofocus="" onClick={() => setQuery({ column: null })}>
          Close
        </Button>
      }
    >
      <div className="flex flex-col gap-2 pb-2">
        <DistributionBars
          title={`Distribution of ${column.column}`}
          hideTitle
          bins={bins}
          currentLabel={`current, n ${formatCount(currentN)}`}
          referenceLabel={`reference, n ${formatCount(referenceN)}`}
          layout={categorical ? 'rows' : 'columns'}
          height={240}
        />
        <p className="num text-xs text-ink-3">
          {referenceMean === null && currentMean === null
            ? ''
            : `Mean ${formatNumber(currentMean)}, in the reference ${formatNumber(referenceMean)}. `}
          Missing {formatPercent(column.currentMissing)}, in the reference{' '}
          {formatPercent(column.referenceMissing)}.
        </p>
      </div>
    </Dialog>
  );
}
