/** Sends a file to the engine in pieces, with progress and cancel; no path crosses the border. */
import { type ErrorReport, LatheError } from '../../src-main/contract/errors.ts';
import { UPLOAD_CHUNK_BYTES, UPLOAD_LIMIT_BYTES } from '../../src-main/contract/uploads.ts';
import { formatBytes, formatCount } from './format.ts';
import type { Rpc } from './rpc.ts';

type Sending = { signal: AbortSignal; onProgress: (sentBytes: number) => void };

/** Resolves with the upload's id once every byte has arrived. Aborting frees what had arrived. */
export async function uploadFile(
  client: Rpc['uploads'],
  file: File,
  { signal, onProgress }: Sending,
): Promise<string> {
  const { uploadId } = await client.begin({ fileName: file.name, size: file.size }, { signal });
  try {
    for (let offset = 0; offset < file.size; offset += UPLOAD_CHUNK_BYTES) {
      signal.throwIfAborted();
      const base64 = await base64Of(file.slice(offset, offset + UPLOAD_CHUNK_BYTES));
      const { received } = await client.chunk({ uploadId, offset, base64 }, { signal });
      onProgress(received);
    }
    return uploadId;
  } catch (error) {
    // The engine drops it by itself after a while, so a failure here costs nothing but time.
    await client.abort({ uploadId }).catch(() => undefined);
    throw error;
  }
}

/** What the engine would say of a file that it cannot take, without asking it; null for one that it can. */
export const tooLarge = (file: Pick<File, 'size'>): ErrorReport | null =>
  file.size > UPLOAD_LIMIT_BYTES
    ? new LatheError('LATHE_UPLOAD_TOO_LARGE', {
        size: formatCount(file.size),
        limit: formatBytes(UPLOAD_LIMIT_BYTES),
      }).report()
    : null;

function base64Of(piece: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(piece);
  });
}
