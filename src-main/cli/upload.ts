/** Sends a local file to the engine in pieces, as the UI does. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LatheError } from '../contract/errors.ts';
import { UPLOAD_CHUNK_BYTES } from '../contract/uploads.ts';
import type { Rpc } from './client.ts';

/** Returns the upload's id. Throws LATHE_NOT_FOUND for a file that is not there; aborts what it began when it fails. */
export async function uploadFile(rpc: Rpc, path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new LatheError('LATHE_NOT_FOUND', { kind: 'file', name: path });
  const { uploadId } = await rpc.uploads.begin({ fileName: basename(path), size: found.size });
  const file = await open(path);
  try {
    const piece = Buffer.alloc(UPLOAD_CHUNK_BYTES);
    for (let offset = 0; offset < found.size; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, offset);
      if (bytesRead === 0) break;
      await rpc.uploads.chunk({ uploadId, offset, base64: piece.toString('base64', 0, bytesRead) });
      offset += bytesRead;
    }
    return uploadId;
  } catch (thrown) {
    await rpc.uploads.abort({ uploadId }).catch(() => {});
    throw thrown;
  } finally {
    await file.close();
  }
}
