import { formatBytes } from '../lib/format.ts';
import { tooLarge } from '../lib/upload.ts';
import type { useUpload } from '../lib/use-upload.ts';
import { Button } from './Button.tsx';
import { FailureCallout } from './FailureCallout.tsx';
import { Progress } from './Progress.tsx';

export type UploadStatusProps = {
  upload: Pick<ReturnType<typeof useUpload>, 'state' | 'cancel'>;
  /** The chosen file; one that is too large is said to be so before it is sent. */
  file: File | null;
  /** What the engine does once all of it is there: "Reading the file". */
  working: string;
  /** The same in a sentence below: "looking at its columns". */
  note?: string;
  /** A button to stop the sending, where no other one does. */
  cancellable?: boolean;
};

/** How far an upload is, or why there is none; nothing while none is asked for. */
export function UploadStatus({ upload, file, working, note, cancellable }: UploadStatusProps) {
  const { state, cancel } = upload;
  const refused = file && tooLarge(file);
  if (refused) return <FailureCallout report={refused} />;
  switch (state.phase) {
    case 'idle':
      return null;
    case 'sending':
      return (
        <div className="flex items-center gap-3">
          <div className="min-w-0 flex-1">
            <Progress label="Sending the file" value={state.sent / Math.max(1, state.file.size)} showValue />
            <p className="num mt-1 text-xs text-ink-3">
              {formatBytes(state.sent)} of {formatBytes(state.file.size)}
            </p>
          </div>
          {cancellable ? (
            <Button size="sm" onClick={cancel}>
              Cancel
            </Button>
          ) : null}
        </div>
      );
    case 'working':
      return (
        <div>
          <Progress label={working} value={null} />
          {note ? <p className="mt-1 text-xs text-ink-3">All of it has arrived; {note} …</p> : null}
        </div>
      );
    case 'failed':
      return <FailureCallout report={state.error} />;
  }
}
