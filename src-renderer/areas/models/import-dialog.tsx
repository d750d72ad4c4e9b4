/** Takes an .onnx file into the registry: choose, name, send with progress, and the engine's word on it in place. */
import { FileBox } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { Name } from '../../../src-main/contract/common.ts';
import type { ModelVersion } from '../../../src-main/contract/models.ts';
import { UPLOAD_LIMIT_BYTES } from '../../../src-main/contract/uploads.ts';
import { formatBytes } from '../../lib/format.ts';
import { invalidateTopics } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { nameFromFile } from './version-figures.ts';

type ImportDialogProps = {
  /** A file that was dropped; the dialog asks for one otherwise. */
  file: File | null;
  /** The model a version is added to; a new or other one may be named when left out. */
  model?: string;
  taken: readonly string[];
  onClose: () => void;
};

export function ImportDialog({ file: given, model, taken, onClose }: ImportDialogProps) {
  const [file, setFile] = useState(given);
  const [name, setName] = useState(model ?? (given ? nameFromFile(given.name) : ''));
  const [description, setDescription] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const inputId = useId();
  const upload = useUpload(
    (uploadId) => rpc.models.import({ uploadId, name, description }),
    (version: ModelVersion) => {
      invalidateTopics(['models', 'overview']);
      toast.ok(`Imported ${version.model} version ${version.version}`);
      onClose();
      navigate(`${pathTo('models', version.model)}?version=${version.version}`);
    },
  );
  const { state } = upload;
  const busy = state.phase === 'sending' || state.phase === 'working';

  const choose = (chosen: File) => {
    setFile(chosen);
    upload.cancel();
    if (!model) setName(nameFromFile(chosen.name));
  };
  useEffect(() => {
    if (!given) input.current?.click();
  }, [given]);

  const nameError = name === '' ? null : (Name.safeParse(name).error?.issues[0]?.message ?? null);
  const tooLarge = file !== null && file.size > UPLOAD_LIMIT_BYTES;
  const exists = taken.includes(name);
  const close = () => {
    upload.cancel();
    onClose();
  };

  return (
    <Dialog
      open
      onClose={close}
      title={model ? `Import a version of ${model}` : 'Import a model'}
      description="The file is copied into the workspace and loaded once to check it. Nothing else is changed."
      footer={
        <>
          <Button onClick={close}>{busy ? 'Cancel the import' : 'Close'}</Button>
          <Button
            variant="primary"
            busy={busy}
            disabled={!file || name === '' || nameError !== null || tooLarge}
            onClick={() => file && void upload.start(file)}
          >
            {state.phase === 'failed' ? 'Try again' : 'Import'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="flex items-center gap-3 rounded-md border border-line bg-inset px-3 py-2.5">
          <FileBox size={20} strokeWidth={1.5} aria-hidden="true" className="shrink-0 text-ink-3" />
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium">{file?.name ?? 'No file chosen'}</p>
            <p className="num text-xs text-ink-3">
              {file ? formatBytes(file.size) : 'An .onnx file, 2 GiB at most'}
            </p>
          </div>
          <label htmlFor={inputId} className="sr-only">
            Model file
          </label>
          <input
            ref={input}
            id={inputId}
            type="file"
            accept=".onnx"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              if (chosen) choose(chosen);
            }}
          />
          <Button disabled={busy} onClick={() => input.current?.click()}>
            {file ? 'Other file' : 'Choose a file'}
          </Button>
        </div>
        {model ? null : (
          <TextField
            label="Model name"
            value={name}
            onChange={setName}
            disabled={busy}
            placeholder="flight-delay"
            error={nameError}
            help={exists ? `Becomes a new version of ${name}.` : 'A new name makes a new model.'}
          />
        )}
        <TextField
          label="What is new in this version (optional)"
          value={description}
          onChange={setDescription}
          disabled={busy}
          maxLength={5000}
        />
        {tooLarge && file ? (
          <Callout
            tone="bad"
            title={`The file has ${formatBytes(file.size)}; at most ${formatBytes(UPLOAD_LIMIT_BYTES)} are accepted.`}
          />
        ) : null}
        {state.phase === 'sending' ? (
          <div>
            <Progress
              label="Sending the file"
              value={file && file.size > 0 ? state.sent / file.size : null}
              showValue
            />
            <p className="num mt-1 text-xs text-ink-3">
              {formatBytes(state.sent)} of {formatBytes(state.file.size)}
            </p>
          </div>
        ) : null}
        {state.phase === 'working' ? (
          <div>
            <Progress label="Checking the model" value={null} />
            <p className="mt-1 text-xs text-ink-3">All of it has arrived; loading it once to check it …</p>
          </div>
        ) : null}
        {state.phase === 'failed' ? (
          <Callout tone="bad" title={state.error.cause}>
            {state.error.remedy} <code className="text-ink-3">{state.error.code}</code>
          </Callout>
        ) : null}
      </div>
    </Dialog>
  );
}
