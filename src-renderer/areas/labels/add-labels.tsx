/** Labels from a file: choose it, see what it holds, say which column is what, and read what became of it. */
import { FileSpreadsheet, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import type { LabelFileResult, LabelPreview } from '../../../src-main/contract/labels.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { invalidateTopics, useAction } from '../../lib/query.ts';
import { rpc } from '../../lib/rpc.ts';
import { tooLarge } from '../../lib/upload.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { FileField } from '../../ui/FileField.tsx';
import { RefusedRows } from '../../ui/RefusedRows.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { UploadStatus } from '../../ui/UploadStatus.tsx';
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
  const chooser = useRef<HTMLButtonElement>(null);
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
  const checked = mapping ? checkMapping(mapping) : null;
  const failure = join.error ? reportOf(join.error) : null;
  const choose = (chosen: File) => {
    setFile(chosen);
    setRead(null);
    setMapping(null);
    setAsked(false);
    join.reset();
    if (tooLarge(chosen)) upload.cancel();
    else void upload.start(chosen);
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
      title="Add labels"
      description="A CSV or Parquet file with one row for each label. Adding it again changes nothing."
      footer={
        join.data ? (
          <>
            <Button onClick={() => chooser.current?.click()}>Add another file</Button>
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
        <FileField
          ref={chooser}
          takesFocus
          label="File of labels"
          icon={FileSpreadsheet}
          accept=".csv,.parquet"
          hint="CSV with a header, or Parquet; 2 GiB at most"
          file={file}
          detail={read ? plural(read.preview.rows, 'row') : null}
          disabled={join.isPending}
          onChoose={choose}
        />
        <UploadStatus upload={upload} file={file} working="Reading the file" cancellable />
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
        <FailureCallout report={failure} />
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
    <ScrollRegion label="First rows" className="max-h-44 rounded-md border border-line">
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
    </ScrollRegion>
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
          <RefusedRows problems={problems} />
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
