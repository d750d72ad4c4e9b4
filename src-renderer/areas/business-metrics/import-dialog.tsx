/** Values from a CSV file: one row a value, with what it is about. */
import { FileSpreadsheet } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { MetricName } from '../../../src-main/contract/business-metrics.ts';
import { UPLOAD_LIMIT_BYTES } from '../../../src-main/contract/uploads.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { invalidateTopics } from '../../lib/query.ts';
import { type Rpc, rpc } from '../../lib/rpc.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { TextField } from '../../ui/TextField.tsx';

type Result = Awaited<ReturnType<Rpc['businessMetrics']['importCsv']>>;
type Props = { endpoint: string; metrics: readonly string[]; onClose: () => void };

export function ImportDialog({ endpoint, metrics, onClose }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [result, setResult] = useState<Result | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const upload = useUpload(
    (uploadId) =>
      rpc.businessMetrics.importCsv({
        endpoint,
        uploadId,
        ...(name.trim() === '' ? {} : { name: name.trim() }),
      }),
    (done: Result) => {
      invalidateTopics(['monitoring', 'overview']);
      setResult(done);
    },
  );
  const { state } = upload;
  const busy = state.phase === 'sending' || state.phase === 'working';
  const invalid =
    name.trim() === '' ? null : (MetricName.safeParse(name.trim()).error?.issues[0]?.message ?? null);
  const tooLarge = file !== null && file.size > UPLOAD_LIMIT_BYTES;
  const close = () => {
    upload.cancel();
    onClose();
  };
  return (
    <Dialog
      open
      onClose={close}
      title={`Import business metrics of ${endpoint}`}
      description="A CSV file with a header. A value of the same name and time replaces the one that is there."
      footer={
        result ? (
          <Button variant="primary" data-autofocus="" onClick={close}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={close}>{busy ? 'Cancel the import' : 'Cancel'}</Button>
            <Button
              variant="primary"
              busy={busy}
              disabled={!file || tooLarge || invalid !== null}
              onClick={() => file && void upload.start(file)}
            >
              {state.phase === 'failed' ? 'Try again' : 'Import'}
            </Button>
          </>
        )
      }
    >
      {result ? (
        <Outcome result={result} />
      ) : (
        <div className="flex flex-col gap-3">
          <div className="flex items-center gap-3 rounded-md border border-line bg-inset px-3 py-2.5">
            <FileSpreadsheet size={20} strokeWidth={1.5} aria-hidden="true" className="shrink-0 text-ink-3" />
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">{file?.name ?? 'No file chosen'}</p>
              <p className="num text-xs text-ink-3">{file ? formatBytes(file.size) : 'CSV, UTF-8'}</p>
            </div>
            <label htmlFor={id} className="sr-only">
              File of values
            </label>
            <input
              ref={input}
              id={id}
              type="file"
              accept=".csv"
              className="sr-only"
              tabIndex={-1}
              onChange={(event) => {
                const chosen = event.target.files?.[0];
                event.target.value = '';
                if (!chosen) return;
                upload.cancel();
                setFile(chosen);
              }}
            />
            <Button data-autofocus="" disabled={busy} onClick={() => input.current?.click()}>
              {file ? 'Other file' : 'Choose a file'}
            </Button>
          </div>
          <TextField
            label="Metric (only where the file has no column name)"
            value={name}
            onChange={setName}
            disabled={busy}
            list={`${id}-names`}
            error={invalid}
            placeholder={metrics[0] ?? 'bookings'}
          />
          <datalist id={`${id}-names`}>
            {metrics.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <CodeBlock
            label="How the file looks"
            code={`name,at,value\n${metrics[0] ?? 'bookings'},2013-03-15,312\n${metrics[0] ?? 'bookings'},2013-03-16T00:00:00Z,298`}
          />
          {tooLarge && file ? (
            <Callout
              tone="bad"
              title={`The file has ${formatBytes(file.size)}; at most ${formatBytes(UPLOAD_LIMIT_BYTES)} are accepted.`}
            />
          ) : null}
          {state.phase === 'sending' ? (
            <Progress
              label="Sending the file"
              value={state.file.size > 0 ? state.sent / state.file.size : null}
              showValue
            />
          ) : null}
          {state.phase === 'working' ? <Progress label="Reading the values" value={null} /> : null}
          {state.phase === 'failed' ? (
            <Callout tone="bad" title={state.error.cause}>
              {state.error.remedy} <code className="text-ink-3">{state.error.code}</code>
            </Callout>
          ) : null}
        </div>
      )}
    </Dialog>
  );
}

function Outcome({ result: { rows, added, replaced, unchanged, refused, problems } }: { result: Result }) {
  const taken = added + replaced + unchanged;
  return (
    <div className="flex flex-col gap-3" aria-live="polite">
      <Callout
        tone={taken === 0 ? 'bad' : refused > 0 ? 'warn' : 'ok'}
        title={`${plural(added, 'value')} of ${plural(rows, 'row')} added.`}
      >
        {`${formatCount(replaced)} replaced another, ${formatCount(unchanged)} were there already, ${formatCount(refused)} refused.`}
      </Callout>
      {problems.length > 0 ? (
        <ol className="num max-h-48 overflow-y-auto rounded-md border border-line text-xs">
          {problems.map(({ row, reason }) => (
            <li key={`${row} ${reason}`} className="flex gap-3 border-b border-line px-2 py-1 last:border-0">
              <span className="w-16 shrink-0 text-right text-ink-3">row {formatCount(row)}</span>
              <span className="min-w-0 break-words">{reason}</span>
            </li>
          ))}
        </ol>
      ) : null}
    </div>
  );
}
