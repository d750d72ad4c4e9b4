/** A file of a run: to look at, and to keep. */
import { useEffect, useRef, useState } from 'react';
import { LatheError } from '../../../src-main/contract/errors.ts';
import { reportOf } from '../../lib/errors.ts';
import { useData } from '../../lib/query.ts';
import { rpc } from '../../lib/rpc.ts';
import { saveBlob } from '../../lib/save.ts';
import { toast } from '../../lib/store.ts';

export const useFile = (runId: string, path: string | null) =>
  useData(
    ['experiments', 'file', runId, path],
    (client, signal) => client.artifacts.read({ runId, path: path ?? '' }, { signal }),
    { enabled: path !== null },
  );

/** Brings a file piece by piece and offers it to be saved. `share` is how much has come, from 0 to 1. */
export function useDownload() {
  const [share, setShare] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function start(runId: string, path: string): Promise<void> {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setShare(0);
    try {
      saveBlob(path.split('/').at(-1) ?? path, await wholeFile(runId, path, abort.signal, setShare));
    } catch (thrown) {
      if (!abort.signal.aborted) toast.error(reportOf(thrown));
    } finally {
      if (running.current === abort) setShare(null);
    }
  }
  return { share, start, cancel: () => running.current?.abort() };
}

/** Parts of a blob may lie on disk, so that a large file need not fit into memory. */
async function wholeFile(
  runId: string,
  path: string,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Blob> {
  const parts: Blob[] = [];
  let offset = 0;
  let first = '';
  for (;;) {
    const { size, sha256, bytes } = await rpc.artifacts.piece({ runId, path, offset }, { signal });
    first ||= sha256;
    if (sha256 !== first) throw new LatheError('LATHE_CONFLICT', { kind: 'The file', name: path });
    const part = bytesOf(bytes);
    parts.push(new Blob([part]));
    offset += part.length;
    onShare(size === 0 ? 1 : offset / size);
    if (offset >= size || part.length === 0) return new Blob(parts);
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
