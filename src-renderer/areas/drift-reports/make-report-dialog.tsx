/** Asks for a report: which sides, which columns' method, and from when a dataset counts as drifted. */
import { useState } from 'react';
import type { ReportRequest } from '../../../src-main/contract/drift-reports.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatPercent } from '../../lib/format.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useAction, useData } from '../../lib/query.ts';
import { setQuery } from '../../lib/router.ts';
import { useReferences } from '../../lib/use-references.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { ColumnAsks } from './column-asks.tsx';
import { type ColumnAskDraft, checkAsks } from './column-asks-rules.ts';
import { FileSide } from './file-side.tsx';
import { checkReport, dateField, METHOD_OPTIONS, type ReportDraft } from './report-words.ts';

const WEEK_MS = 7 * 86_400_000;

export function MakeReportDialog({ scope, onClose }: { scope: MonitoringScope; onClose: () => void }) {
  const { endpoint, range, arm } = scope;
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const { references } = useReferences(serving.data);
  const [draft, setDraft] = useState<ReportDraft>({
    against: 'serving',
    referenceId: '',
    from: range ? dateField(Math.max(range.fromMs, range.toMs - WEEK_MS)) : '',
    to: range ? dateField(range.toMs - 1) : '',
    arm: arm ?? '',
    referenceUpload: null,
    currentUpload: null,
    method: '',
    threshold: '',
    driftShare: '50',
  });
  const [asks, setAsks] = useState<readonly ColumnAskDraft[]>([]);
  const [asked, setAsked] = useState(false);
  const preferred = references.find(({ active, rawRows }) => active && rawRows > 0)?.id ?? '';
  const present = { ...draft, referenceId: draft.referenceId || preferred };
  const set = (patch: Partial<ReportDraft>) => setDraft({ ...draft, ...patch });
  const { request, problems } = checkReport(present, endpoint);
  const { byColumn, problems: columnProblems } = checkAsks(asks);
  const create = useAction((rpc, given: ReportRequest) => rpc.driftReports.create(given), {
    topics: ['monitoring'],
    quiet: true,
    onDone: ({ id }) => {
      setQuery({ report: id, column: null });
      onClose();
    },
  });
  const failure = create.error ? reportOf(create.error) : null;
  const error = (field: keyof ReportDraft) => (asked ? (problems[field] ?? null) : null);
  return (
    <Dialog
      open
      onClose={onClose}
      width="lg"
      title="Make a report"
      description="Every column that both sides have is compared over its raw rows."
      footer={
        <>
          <Button onClick={onClose}>{create.isPending ? 'Leave it running' : 'Cancel'}</Button>
          <Button
            variant="primary"
            busy={create.isPending}
            onClick={() => {
              setAsked(true);
              if (request && byColumn) create.mutate({ ...request, byColumn });
            }}
          >
            Make report
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <SegmentedControl<ReportDraft['against']>
            label="What is compared"
            value={draft.against}
            onChange={(against) => set({ against })}
            options={[
              { value: 'serving', label: 'A reference with what was served' },
              { value: 'files', label: 'Two files' },
            ]}
          />
        </div>
        {draft.against === 'serving' ? (
          <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            <Select
              label="Reference"
              value={present.referenceId}
              onChange={(referenceId) => set({ referenceId })}
              error={error('referenceId')}
              {...(references.some(({ rawRows }) => rawRows > 0)
                ? {}
                : {
                    help:
                      references.length === 0
                        ? 'No version behind this endpoint has a reference; add one in Setup.'
                        : 'None of them has kept its rows; add one from a file or from past serving in Setup.',
                  })}
              options={[
                { value: '', label: 'Choose a reference' },
                ...references.map(({ id, title, version, rawRows }) => ({
                  value: id,
                  label: `v${version}: ${title}${rawRows === 0 ? ' (no raw rows kept)' : ''}`,
                  disabled: rawRows === 0,
                })),
              ]}
            />
            <Select
              label="Arm"
              value={draft.arm}
              onChange={(value) => set({ arm: value })}
              options={[
                { value: '', label: 'All arms' },
                ...(serving.data?.arms ?? []).map(({ key }) => ({ value: key, label: key })),
              ]}
            />
            <TextField
              label="First day, UTC"
              type="date"
              value={draft.from}
              onChange={(from) => set({ from })}
              error={error('from')}
            />
            <TextField
              label="Last day, UTC"
              type="date"
              value={draft.to}
              onChange={(to) => set({ to })}
              error={error('to')}
            />
          </div>
        ) : (
          <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            <FileSide
              label="Reference"
              error={error('referenceUpload')}
              onReady={(referenceUpload) => setDraft((now) => ({ ...now, referenceUpload }))}
            />
            <FileSide
              label="Current"
              error={error('currentUpload')}
              onReady={(currentUpload) => setDraft((now) => ({ ...now, currentUpload }))}
            />
          </div>
        )}
        <div className="grid grid-cols-3 gap-3 border-t border-line pt-4 max-sm:grid-cols-1">
          <Select<ReportDraft['method']>
            label="Method"
            value={draft.method}
            onChange={(method) => set({ method })}
            options={METHOD_OPTIONS}
            help="By type and size: tests up to 1,000 rows, distances above."
          />
          <TextField
            label="Drifted at"
            value={draft.threshold}
            onChange={(threshold) => set({ threshold })}
            inputMode="decimal"
            placeholder="the method’s own limit"
            error={error('threshold')}
          />
          <TextField
            label="Dataset drifted from, % of columns"
            value={draft.driftShare}
            onChange={(driftShare) => set({ driftShare })}
            inputMode="decimal"
            error={error('driftShare')}
          />
        </div>
        <ColumnAsks asks={asks} problems={asked ? columnProblems : []} onChange={setAsks} />
        {create.isPending ? <ReportProgress /> : null}
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}

/** How far the engine is, and the way to stop it. */
function ReportProgress() {
  const { data } = useData(['activity', 'running'], (rpc, signal) =>
    rpc.activity.list({ limit: 50 }, { signal }),
  );
  const cancel = useAction((rpc, id: string) => rpc.activity.cancel({ id }), { topics: ['activity'] });
  const running = data?.find(({ state, kind }) => state === 'running' && kind === 'report');
  return (
    <div className="flex items-center gap-3" aria-live="polite">
      <div className="flex-1">
        <Progress label="Making the report" value={running?.progress ?? null} />
        <p className="num mt-1 text-xs text-ink-3">
          {running?.detail || 'Comparing columns …'}
          {running?.progress == null ? '' : ` ${formatPercent(running.progress, 0)}`}
        </p>
      </div>
      {running?.cancellable ? (
        <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate(running.id)}>
          Stop
        </Button>
      ) : null}
    </div>
  );
}
