/** Labels from a file: choose it, see what it holds, say which column is what, and read what became of it. */
import { FileSpreadsheet, Plus } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { LabelFileResult, LabelPreview } from '../../../src-main/contract/labels.ts';
import { UPLOAD_LIMIT_BYTES } from '../../../src-main/contract/uploads.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { invalidateTopics, useAction } from '../../lib/query.ts';
import { rpc } from '../../lib/rpc.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { ColumnFields } from './column-fields.tsx';
import { JoinProgress } from './join-progress.tsx';
import { checkMapping, type LabelColumns, type Mapping, startMapping } from './mapping.ts';

export function AddLabels({ endpoint }: { endpoint: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" icon={Plus} onClick={() => setOpen(true)}>
        Add labels
      </Button>
      {open ? <AddLabelsDialog endpoint={endpoint} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

type Read = { uploadId: string; preview: LabelPreview };

function AddLabelsDialog({ endpoint, onClose }: { endpoint: string; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [read, setRead] = useState<Read | null>(null);
  const [mapping, setMapping] = useState<Mapping | null>(null);
  const [asked, setAsked] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const upload = useUpload(
    async (uploadId): Promise<Read> => ({ uploadId, preview: await rpc.labels.preview({ uploadId }) }),
    (found) => {
      setRead(found);
      setMapping(startMapping(found.preview));
    },
  );
  const join = useAction(
    (api, given: LabelColumns & { uploadId: string }): Promise<LabelFileResult> =>
      api.labels.upload({ endpoint, ...given }),
    { quiet: true, onDone: () => invalidateTopics(['monitoring', 'abTests', 'alerts', 'overview']) },
  );
  const { state } = upload;
  const checked = mapping ? checkMapping(mapping) : null;
  const tooLarge = file !== null && file.size > UPLOAD_LIMIT_BYTES;
  const failure = join.error ? reportOf(join.error) : null;
  const choose = (chosen: File) => {
    setFile(chosen);
    setRead(null);
    setMapping(null);
    setAsked(false);
    join.reset();
    if (chosen.size <= UPLOAD_LIMIT_BYTES) void upload.start(chosen);
    else upload.cancel();
  };
  const close = () => {
    upload.cancel();
    onClose();
  };
  return (
    <Dialog
      open
      onClose={close}
      width="lg"
      title={`Add labels to ${endpoint}`}
      description="A CSV or Parquet file with one row for each label. Adding it again changes nothing."
      footer={
        join.data ? (
          <>
            <Button onClick={() => input.current?.click()}>Add another file</Button>
            <Button variant="primary" data-autofocus="" onClick={close}>
              Done
            </Button>
          </>
        ) : (
          <>
            <Button onClick={close}>{join.isPending ? 'Leave it running' : 'Cancel'}</Button>
            <Button
              variant="primary"
              busy={join.isPending}
              disabled={!read}
              onClick={() => {
                setAsked(true);
                if (read && checked?.columns) join.mutate({ uploadId: read.uploadId, ...checked.columns });
              }}
            >
              {read ? `Add ${plural(read.preview.rows, 'label')}` : 'Add labels'}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-center gap-3 rounded-md border border-line bg-inset px-3 py-2.5">
          <FileSpreadsheet size={20} strokeWidth={1.5} aria-hidden="true" className="shrink-0 text-ink-3" />
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium">{file?.name ?? 'No file chosen'}</p>
            <p className="num text-xs text-ink-3">
              {file
                ? `${formatBytes(file.size)}${read ? `, ${plural(read.preview.rows, 'row')}` : ''}`
                : 'CSV with a header, or Parquet; 2 GiB at most'}
            </p>
          </div>
          <label htmlFor={inputId} className="sr-only">
            File of labels
          </label>
          <input
            ref={input}
            id={inputId}
            type="file"
            accept=".csv,.parquet"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              event.target.value = '';
              if (chosen) choose(chosen);
            }}
          />
          <Button data-autofocus="" disabled={join.isPending} onClick={() => input.current?.click()}>
            {file ? 'Other file' : 'Choose a file'}
          </Button>
        </div>
        {tooLarge && file ? (
          <Callout
            tone="bad"
            title={`The file has ${formatBytes(file.size)}; at most ${formatBytes(UPLOAD_LIMIT_BYTES)} are accepted.`}
          />
        ) : null}
        {state.phase === 'sending' ? (
          <div className="flex items-center gap-3">
            <div className="flex-1">
              <Progress
                label="Sending the file"
                value={state.file.size > 0 ? state.sent / state.file.size : null}
                showValue
              />
            </div>
            <Button size="sm" onClick={upload.cancel}>
              Cancel
            </Button>
          </div>
        ) : null}
        {state.phase === 'working' ? <Progress label="Reading the file" value={null} /> : null}
        {state.phase === 'failed' ? (
          <Callout tone="bad" title={state.error.cause}>
            {state.error.remedy} <code className="text-ink-3">{state.error.code}</code>
          </Callout>
        ) : null}
        {read && mapping && checked && !join.isPending && !join.data ? (
          <>
            <ColumnFields
              preview={read.preview}
              mapping={mapping}
              problems={asked ? checked.problems : {}}
              onChange={(patch) => setMapping({ ...mapping, ...patch })}
            />
            <Sample preview={read.preview} mapping={mapping} />
          </>
        ) : null}
        {join.isPending ? <JoinProgress /> : null}
        {failure ? (
          <Callout tone="bad" title={failure.cause}>
            {failure.remedy} <code className="text-ink-3">{failure.code}</code>
          </Callout>
        ) : null}
        {join.data ? <Result result={join.data} /> : null}
      </div>
    </Dialog>
  );
}

function Sample({ preview, mapping }: { preview: LabelPreview; mapping: Mapping }) {
  const roles = new Map<string, string>([
    [mapping.label, 'label'],
    ...(mapping.by === 'id'
      ? ([[mapping.predictionId, 'id']] as const)
      : ([
          [mapping.entity, 'entity'],
          [mapping.at, 'time'],
        ] as const)),
  ]);
  return (
    <section
      aria-label="First rows"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      className="max-h-44 overflow-auto rounded-md border border-line"
    >
      <table className="num w-full text-xs" aria-label="First rows of the file">
        <thead className="sticky top-0 bg-surface">
          <tr>
            {preview.columns.map((name) => (
              <th
                key={name}
                scope="col"
                className="border-b border-line px-2 py-1 text-left font-medium whitespace-nowrap"
              >
                {name}
                {roles.has(name) ? (
                  <span className="ml-1.5 font-normal text-accent">{roles.get(name)}</span>
                ) : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.sample.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other identity, and never move.
            <tr key={at} className="border-b border-line last:border-0">
              {preview.columns.map((name, column) => (
                <td
                  key={name}
                  className={`max-w-48 truncate px-2 py-1 whitespace-nowrap ${roles.has(name) ? '' : 'text-ink-3'}`}
                >
                  {row[column] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Result({ result }: { result: LabelFileResult }) {
  const { rows, joined, unchanged, replaced, stale, unknown, refused, problems } = result;
  const rest = unknown + refused;
  return (
    <div className="flex flex-col gap-3" aria-live="polite">
      <Callout
        tone={joined + unchanged === 0 ? 'bad' : rest > 0 ? 'warn' : 'ok'}
        title={`${plural(joined, 'label')} of ${plural(rows, 'row')} joined a prediction.`}
      >
        {replaced > 0
          ? `${formatCount(replaced)} of them replaced another label, which stays in the history.`
          : null}
      </Callout>
      <dl className="num grid grid-cols-[max-content_max-content_minmax(0,1fr)] gap-x-5 gap-y-1">
        <Line label="Joined" count={joined} says="the prediction has its label now" />
        <Line label="Already there" count={unchanged} says="the same label was there before" />
        <Line label="Older" count={stale} says="a newer label is there, so nothing changed" />
        <Line
          label="Without a prediction"
          count={unknown}
          says="no prediction is known by that id, or by that entity at that time"
        />
        <Line label="Refused" count={refused} says="the row could not be read" />
      </dl>
      {problems.length > 0 ? (
        <div>
          <h3 className="mb-1 text-xs font-medium text-ink-2">
            {problems.length < refused ? `The first ${problems.length} that were refused` : 'Refused rows'}
          </h3>
          <ol className="num max-h-40 overflow-y-auto rounded-md border border-line text-xs">
            {problems.map(({ row, reason }) => (
              <li
                key={`${row} ${reason}`}
                className="flex gap-3 border-b border-line px-2 py-1 last:border-0"
              >
                <span className="w-16 shrink-0 text-right text-ink-3">row {formatCount(row)}</span>
                <span className="min-w-0 break-words">{reason}</span>
              </li>
            ))}
          </ol>
        </div>
      ) : null}
    </div>
  );
}

function Line({ label, count, says }: { label: string; count: number; says: string }) {
  return (
    <div className={`contents ${count === 0 ? 'text-ink-3' : ''}`}>
      <dt>{label}</dt>
      <dd className="text-right font-medium">{formatCount(count)}</dd>
      <dd className="text-xs leading-5 text-ink-3">{says}</dd>
    </div>
  );
}
