/** One side of a report as a file: it is sent as soon as it is chosen. */
import { useState } from 'react';
import { tooLarge } from '../../lib/upload.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { FileField } from '../../ui/FileField.tsx';
import { UploadStatus } from '../../ui/UploadStatus.tsx';

type Props = { label: string; error: string | null; onReady: (uploadId: string | null) => void };

export function FileSide({ label, error, onReady }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [there, setThere] = useState(false);
  const upload = useUpload(
    async (uploadId) => uploadId,
    (uploadId) => {
      setThere(true);
      onReady(uploadId);
    },
  );
  const choose = (chosen: File) => {
    setFile(chosen);
    setThere(false);
    onReady(null);
    if (tooLarge(chosen)) upload.cancel();
    else void upload.start(chosen);
  };
  // Its own state says what is the matter then.
  const standing = upload.state.phase !== 'idle' || (file !== null && tooLarge(file) !== null);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <FileField
        label={label}
        showLabel
        accept=".csv,.parquet"
        hint="Parquet or CSV"
        file={file}
        detail={there ? 'ready' : null}
        error={standing ? null : error}
        onChoose={choose}
      />
      <UploadStatus upload={upload} file={file} working="Reading the file" />
    </div>
  );
}
