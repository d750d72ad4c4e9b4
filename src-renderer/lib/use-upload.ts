/** An upload as a component sees it: how far it is, how it failed, and what came of it. */
import { useEffect, useRef, useState } from 'react';
import type { ErrorReport } from '../../src-main/contract/errors.ts';
import { reportOf } from './errors.ts';
import { rpc } from './rpc.ts';
import { uploadFile } from './upload.ts';

export type UploadState =
  | { phase: 'idle' }
  | { phase: 'sending'; file: File; sent: number }
  /** All bytes are there; the engine reads the file. */
  | { phase: 'working'; file: File }
  | { phase: 'failed'; file: File; error: ErrorReport };

/** One upload at a time, and what is done with it; leaving the view cancels it. */
export function useUpload<T>(
  take: (uploadId: string, file: File) => Promise<T>,
  onDone: (result: T) => void,
) {
  const [state, setState] = useState<UploadState>({ phase: 'idle' });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async (file: File) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const set = (next: UploadState) => {
      if (running.current === abort) setState(next);
    };
    set({ phase: 'sending', file, sent: 0 });
    try {
      const onProgress = (sent: number) => set({ phase: 'sending', file, sent });
      const uploadId = await uploadFile(rpc.uploads, file, { signal: abort.signal, onProgress });
      set({ phase: 'working', file });
      const result = await take(uploadId, file);
      set({ phase: 'idle' });
      if (!abort.signal.aborted) onDone(result);
    } catch (error) {
      set(abort.signal.aborted ? { phase: 'idle' } : { phase: 'failed', file, error: reportOf(error) });
    }
  };
  const cancel = () => {
    running.current?.abort();
    setState({ phase: 'idle' });
  };
  return { state, start, cancel };
}
