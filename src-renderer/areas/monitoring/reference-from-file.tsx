/** A reference from a Parquet or CSV file: what is in it is shown before it is taken. */
import { FileSpreadsheet } from 'lucide-react';
import { useState } from 'react';
import { reportOf } from '../../lib/errors.ts';
import { rpc } from '../../lib/rpc.ts';
import { tooLarge } from '../../lib/upload.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { FileField } from '../../ui/FileField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { UploadStatus } from '../../ui/UploadStatus.tsx';
import { type ChosenColumns, chosenIn, ReferenceColumns, scoredBy, watchedIn } from './reference-columns.tsx';
import { useTakeReference } from './use-take-reference.ts';
import { VersionField } from './version-field.tsx';

type Props = { model: string; versions: readonly string[]; onClose: () => void };
type Seen = ChosenColumns & { uploadId: string };

export function ReferenceFromFile({ model, versions, onClose }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [version, setVersion] = useState(versions[0] ?? '1');
  const [title, setTitle] = useState('');
  const [seen, setSeen] = useState<Seen | null>(null);
  const upload = useUpload(
    async (uploadId) => ({ uploadId, preview: await rpc.references.preview({ model, version, uploadId }) }),
    ({ uploadId, preview }) => setSeen({ uploadId, ...chosenIn(preview) }),
  );
  const take = useTakeReference(
    (client, { uploadId, ...chosen }: Seen) =>
      client.references.fromFile({ model, version, uploadId, title, ...scoredBy(chosen) }),
    onClose,
  );
  const choose = (chosen: File, of = version) => {
    setFile(chosen);
    setSeen(null);
    take.reset();
    if (title === '') setTitle(chosen.name.replace(/\.[^.]+$/, ''));
    setVersion(of);
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
      title="Add a reference from a file"
      description="One row per prediction, with a column for each input of the model."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!seen || watchedIn(seen) === 0}
            busy={take.isPending}
            onClick={() => seen && take.mutate(seen)}
          >
            Add reference
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <FileField
          label="Reference file"
          icon={FileSpreadsheet}
          accept=".parquet,.csv"
          hint="Parquet or CSV, 2 GiB at most"
          file={file}
          disabled={take.isPending}
          onChoose={choose}
        />
        <UploadStatus upload={upload} file={file} working="Reading the file" note="looking at its columns" />
        <FailureCallout report={take.error && reportOf(take.error)} />
        <div className="grid grid-cols-[minmax(0,1fr)_160px] gap-3">
          <TextField
            label="Title"
            value={title}
            onChange={setTitle}
            maxLength={200}
            placeholder="Training data 2013"
          />
          <VersionField
            versions={versions}
            value={version}
            onChange={(next) => (file ? choose(file, next) : setVersion(next))}
          />
        </div>
        {seen ? (
          <ReferenceColumns
            chosen={seen}
            onChange={(next) => setSeen({ uploadId: seen.uploadId, ...next })}
          />
        ) : null}
      </div>
    </Dialog>
  );
}
