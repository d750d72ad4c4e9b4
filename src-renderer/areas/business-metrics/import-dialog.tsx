/** Values from a CSV file: one row a value, with what it is about. */
import { FileSpreadsheet } from 'lucide-react';
import { useId, useState } from 'react';
import { MetricName } from '../../../src-main/contract/business-metrics.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { invalidateTopics } from '../../lib/query.ts';
import { type Rpc, rpc } from '../../lib/rpc.ts';
import { tooLarge } from '../../lib/upload.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FileField } from '../../ui/FileField.tsx';
import { RefusedRows } from '../../ui/RefusedRows.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { UploadStatus } from '../../ui/UploadStatus.tsx';

type Result = Awaited<ReturnType<Rpc['businessMetrics']['importCsv']>>;
type Props = { endpoint: string; metrics: readonly string[]; onClose: () => void };

export function ImportDialog({ endpoint, metrics, onClose }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [result, setResult] = useState<Result | null>(null);
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
  const close = () => {
    upload.cancel();
    onClose();
  };
  return (
    <Dialog
      open
      onClose={close}
      title="Import business metrics"
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
              disabled={!file || tooLarge(file) !== null || invalid !== null}
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
          <FileField
            takesFocus
            label="File of values"
            icon={FileSpreadsheet}
            accept=".csv"
            hint="CSV, UTF-8"
            file={file}
            disabled={busy}
            onChoose={(chosen) => {
              upload.cancel();
              setFile(chosen);
            }}
          />
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
          <UploadStatus upload={upload} file={file} working="Reading the values" />
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
      {problems.length > 0 ? <RefusedRows problems={problems} /> : null}
    </div>
  );
}
