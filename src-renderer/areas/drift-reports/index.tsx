/** Reports: exact scores over raw rows, a reference against a stretch of serving, or two files. */
import { FileChartColumn, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { formatDateTime, plural } from '../../lib/format.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RemoveDialog } from '../../ui/RemoveDialog.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { HealthExport } from './health-export.tsx';
import { MakeReportDialog } from './make-report-dialog.tsx';
import { ReportPanels } from './report-panels.tsx';

type Listed = Awaited<ReturnType<Rpc['driftReports']['list']>>[number];

export function ReportsView(scope: MonitoringScope) {
  const { endpoint } = scope;
  const { query } = useLocation();
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Listed | null>(null);
  const mine = useData(['monitoring', 'reports', endpoint], (rpc, signal) =>
    rpc.driftReports.list({ endpoint }, { signal }),
  );
  const ofFiles = useData(['monitoring', 'reports', null], (rpc, signal) =>
    rpc.driftReports.list({ endpoint: null }, { signal }),
  );
  const all = [...(mine.data ?? []), ...(ofFiles.data ?? [])]
    .filter(({ id }, at, rows) => rows.findIndex((row) => row.id === id) === at)
    .sort((a, b) => b.createdMs - a.createdMs);
  const chosen = all.find(({ id }) => id === query.report)?.id ?? all[0]?.id ?? null;
  const make = (
    <Button icon={Plus} variant="primary" onClick={() => setMaking(true)}>
      Make a report
    </Button>
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p className="mr-auto text-xs text-ink-3">
          Exact scores over raw rows, by the methods of Evidently; the Features tab counts on a frozen grid
          instead
        </p>
        <HealthExport scope={scope} />
        {all.length > 0 ? make : null}
      </div>
      <Panel title="Reports" hint={all.length > 0 ? plural(all.length, 'report') : null} padded={false}>
        <QueryState query={mine} what="The reports">
          {() =>
            all.length === 0 ? (
              <EmptyState icon={FileChartColumn} title="No report yet" action={make}>
                A report compares a reference with a stretch of what was served, or any two files, column by
                column, and can be saved as a page of its own.
              </EmptyState>
            ) : (
              <div className="max-h-56 overflow-auto">
                <Table
                  label="Reports"
                  columns={columnsOf(setRemoving, chosen)}
                  rows={all}
                  rowKey={({ id }) => id}
                  current={chosen}
                />
              </div>
            )
          }
        </QueryState>
      </Panel>
      {chosen === null ? null : <ReportPanels key={chosen} id={chosen} />}
      {making ? <MakeReportDialog scope={scope} onClose={() => setMaking(false)} /> : null}
      {removing ? <RemoveReport report={removing} onClose={() => setRemoving(null)} /> : null}
    </div>
  );
}

const columnsOf = (onRemove: (report: Listed) => void, chosen: string | null): Column<Listed>[] => [
  {
    id: 'title',
    header: 'Report',
    cell: ({ id, title, endpoint }) => (
      <button
        type="button"
        aria-pressed={id === chosen}
        onClick={() => setQuery({ report: id, column: null })}
        className="max-w-full truncate rounded-xs text-left text-accent hover:underline"
        data-row-link=""
      >
        {title}
        {endpoint === null ? <span className="ml-1.5 font-normal text-ink-3">files</span> : null}
      </button>
    ),
  },
  {
    id: 'verdict',
    header: 'Verdict',
    cell: ({ datasetDrifted }) => (
      <Badge tone={datasetDrifted ? 'bad' : 'ok'}>{datasetDrifted ? 'drifted' : 'not drifted'}</Badge>
    ),
  },
  {
    id: 'drifted',
    header: 'Columns drifted',
    align: 'right',
    hint: 'Of the columns with a score, which the verdict is a share of',
    cell: ({ drifted, scored }) => `${drifted} of ${scored}`,
    sort: ({ drifted, scored }) => (scored > 0 ? drifted / scored : null),
  },
  {
    id: 'made',
    header: 'Made',
    align: 'right',
    cell: ({ createdMs }) => formatDateTime(createdMs),
    sort: ({ createdMs }) => createdMs,
  },
  {
    id: 'actions',
    header: '',
    align: 'right',
    cell: (report) => (
      <IconButton icon={Trash2} size="sm" label={`Remove ${report.title}`} onClick={() => onRemove(report)} />
    ),
  },
];

const RemoveReport = ({ report, onClose }: { report: Listed; onClose: () => void }) => (
  <RemoveDialog
    what="this report"
    name="The report"
    remove={(rpc) => rpc.driftReports.remove({ id: report.id })}
    topics={['monitoring']}
    onClose={onClose}
  >
    {report.title}. The rows that it was made from stay, so it can be made again as long as they do.
  </RemoveDialog>
);
