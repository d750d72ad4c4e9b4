/** What is kept of the traffic: how long, how much, and which columns never. */
import type { ReactNode } from 'react';
import type { CaptureSettings, CaptureStatus } from '../../../src-main/contract/monitoring.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatBytes, formatCount, formatDate, formatNumber, NONE, plural } from '../../lib/format.ts';
import { queryClient, useAction, useData } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { NumberField } from '../../ui/TextField.tsx';

const GB = 1e9;

export function CapturePanel({ endpoint }: { endpoint: string }) {
  const status = useData(['monitoring', 'capture', endpoint], (rpc, signal) =>
    rpc.monitoring.capture({ endpoint }, { signal }),
  );
  const drift = useData(['monitoring', 'drift', endpoint, 'day', null, null], (rpc, signal) =>
    rpc.monitoring.drift({ endpoint, per: 'day' }, { signal }),
  );
  const inputs = (drift.data ?? []).filter(({ kind }) => kind !== 'prediction').map(({ feature }) => feature);
  return (
    <Panel title="What is kept" padded={false} hint="of this endpoint’s traffic">
      <QueryState query={status} what="What is kept">
        {(data) => (
          <>
            <Kept status={data} />
            <Settings endpoint={endpoint} settings={data.settings} inputs={inputs} />
          </>
        )}
      </QueryState>
    </Panel>
  );
}

function Kept({ status }: { status: CaptureStatus }) {
  const { rows, files, fileBytes, oldestMs, newestMs, countBytesPerDay } = status;
  return (
    <StatRow flush>
      <Stat
        label="Raw rows"
        value={formatCount(rows)}
        delta={files === 0 ? 'in the database so far' : `${plural(files, 'Parquet file')}, and the newest`}
      />
      <Stat label="Raw log" value={formatBytes(fileBytes)} delta="on disk" />
      <Stat
        label="Reaches back to"
        value={<span className="text-md">{oldestMs === null ? NONE : formatDate(oldestMs, true)}</span>}
        delta={newestMs === null ? null : `newest ${formatDate(newestMs, true)}, event time`}
      />
      <Stat
        label="Counts"
        value={countBytesPerDay === null ? NONE : formatBytes(countBytesPerDay)}
        unit="per day"
        delta="days for good, hours 90 days, minutes 2"
      />
    </StatRow>
  );
}

type SettingsProps = { endpoint: string; settings: CaptureSettings; inputs: readonly string[] };

function Settings({ endpoint, settings: saved, inputs }: SettingsProps) {
  const save = useAction(
    (rpc, { next }: { next: CaptureSettings; done: string; before: CaptureSettings }) =>
      rpc.monitoring.setCapture({ endpoint, settings: next }),
    {
      topics: ['monitoring'],
      quiet: true,
      onDone: (status, { next, done, before }) => {
        queryClient.setQueryData(['monitoring', 'capture', endpoint], status);
        toast.undo(done, () => save.mutate({ next: before, done: 'Taken back', before: next }));
      },
    },
  );
  // What was chosen is shown at once; where it cannot be saved it goes back, with the reason.
  const settings = save.isPending ? save.variables.next : saved;
  const put = (patch: Partial<CaptureSettings>, done: string) =>
    save.mutate({ next: { ...settings, ...patch }, done, before: settings });
  const failure = save.error ? reportOf(save.error) : null;
  const columns = [...new Set([...inputs, ...settings.masked])].sort();
  return (
    <div className="border-t border-line">
      <Row title="Keep raw rows" help="Older rows are removed. Counts, and all scores made of them, stay.">
        <NumberField
          label="Keep raw rows for this many days"
          hideLabel
          integer
          min={1}
          max={3650}
          unit="days"
          value={settings.keepDays}
          onCommit={(keepDays) => put({ keepDays }, `Raw rows are kept for ${plural(keepDays, 'day')}`)}
        />
      </Row>
      <Row title="At most" help="Above this the oldest rows are removed first.">
        <NumberField
          label="Keep at most this many gigabytes of raw rows"
          hideLabel
          min={0.001}
          max={1000}
          unit="GB"
          value={Math.round((settings.keepBytes / GB) * 1000) / 1000}
          onCommit={(gb) =>
            put({ keepBytes: Math.round(gb * GB) }, `At most ${formatNumber(gb)} GB of raw rows are kept`)
          }
        />
      </Row>
      <fieldset className="px-4 py-3">
        <legend className="sr-only">Masked columns</legend>
        <p className="font-medium" aria-hidden="true">
          Masked columns
        </p>
        <p className="text-xs text-ink-3">
          Their values are counted, so that drift is seen, but never written down. What was written before
          stays until it is removed by age.
        </p>
        {columns.length === 0 ? (
          <p className="mt-2 text-ink-3">The inputs show here once the endpoint has a reference.</p>
        ) : (
          <div className="mt-2 grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-x-4 gap-y-1">
            {columns.map((name) => {
              const masked = settings.masked.includes(name);
              return (
                <label key={name} className="flex min-w-0 items-center gap-2 py-0.5">
                  <input
                    type="checkbox"
                    checked={masked}
                    className="size-3.5 shrink-0 accent-(--accent-solid)"
                    onChange={() =>
                      put(
                        {
                          masked: masked
                            ? settings.masked.filter((one) => one !== name)
                            : [...settings.masked, name],
                        },
                        masked ? `${name} is written down again` : `${name} is masked from now on`,
                      )
                    }
                  />
                  <span className="truncate">{name}</span>
                </label>
              );
            })}
          </div>
        )}
        {failure ? (
          <p role="alert" className="mt-2 text-xs text-bad">
            {failure.cause} {failure.remedy}
          </p>
        ) : null}
      </fieldset>
    </div>
  );
}

function Row({ title, help, children }: { title: string; help: string; children: ReactNode }) {
  return (
    <div className="flex items-start justify-between gap-8 border-b border-line px-4 py-3">
      <div className="min-w-0">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-ink-3">{help}</p>
      </div>
      <div className="shrink-0">{children}</div>
    </div>
  );
}
