/** Takes an .onnx file into the registry: choose, name, send with progress, and the engine's word on it in place. */
import { FileBox } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Name } from '../../../src-main/contract/common.ts';
import type { ModelVersion } from '../../../src-main/contract/models.ts';
import { invalidateTopics } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { tooLarge } from '../../lib/upload.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FileField } from '../../ui/FileField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { UploadStatus } from '../../ui/UploadStatus.tsx';
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
  const chooser = useRef<HTMLButtonElement>(null);
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
    if (!given) chooser.current?.click();
  }, [given]);

  const nameError = name === '' ? null : (Name.safeParse(name).error?.issues[0]?.message ?? null);
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
            disabled={!file || name === '' || nameError !== null || tooLarge(file) !== null}
            onClick={() => file && void upload.start(file)}
          >
            {state.phase === 'failed' ? 'Try again' : 'Import'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <FileField
          ref={chooser}
          label="Model file"
          icon={FileBox}
          accept=".onnx"
          hint="An .onnx file, 2 GiB at most"
          file={file}
          disabled={busy}
          onChoose={choose}
        />
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
        <UploadStatus
          upload={upload}
          file={file}
          working="Checking the model"
          note="loading it once to check it"
        />
      </div>
    </Dialog>
  );
}
