/** One side of a report as a file: it is sent as soon as it is chosen. */
import { useId, useRef, useState } from 'react';
import { UPLOAD_LIMIT_BYTES } from '../../../src-main/contract/uploads.ts';
import { formatBytes } from '../../lib/format.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Progress } from '../../ui/Progress.tsx';

type Props = { label: string; error: string | null; onReady: (uploadId: string | null) => void };

export function FileSide({ label, error, onReady }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [there, setThere] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const upload = useUpload(
    async (uploadId) => uploadId,
    (uploadId) => {
      setThere(true);
      onReady(uploadId);
    },
  );
  const { state } = upload;
  const choose = (chosen: File) => {
    setFile(chosen);
    setThere(false);
    onReady(null);
    const tooLarge = chosen.size > UPLOAD_LIMIT_BYTES;
    setProblem(tooLarge ? `At most ${formatBytes(UPLOAD_LIMIT_BYTES)} are accepted.` : null);
    if (tooLarge) upload.cancel();
    else void upload.start(chosen);
  };
  const wrong = problem ?? (state.phase === 'failed' ? `${state.error.cause} ${state.error.remedy}` : error);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <input
        ref={input}
        id={id}
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
      <div className="flex min-w-0 items-center gap-2 rounded-md border border-line bg-inset px-3 py-2">
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{file?.name ?? 'No file chosen'}</p>
          <p className="num text-xs text-ink-3">
            {file ? `${formatBytes(file.size)}${there ? ', ready' : ''}` : 'Parquet or CSV'}
          </p>
        </div>
        <Button size="sm" onClick={() => input.current?.click()}>
          {file ? 'Other file' : 'Choose'}
        </Button>
      </div>
      {state.phase === 'sending' ? (
        <Progress
          label={`Sending ${label.toLowerCase()}`}
          value={state.file.size > 0 ? state.sent / state.file.size : null}
          showValue
        />
      ) : null}
      {wrong ? (
        <p role="alert" className="text-xs text-bad">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
