/**
 * Files that arrive in pieces. Each is one temporary file on the workspace's disk until another area takes it;
 * a failure, a cancel or half an hour of silence removes it.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LatheError } from '../../../contract/errors.ts';
import { UPLOAD_CHUNK_BYTES, UPLOAD_LIMIT_BYTES } from '../../../contract/uploads.ts';
import type { AreaContext } from '../../context.ts';
import { writeAll } from '../../data/blobs.ts';
import { withStorageFailures } from '../../data/failures.ts';

export type TakenUpload = {
  /** The taker owns it now: it moves it (blobs.adopt) or calls `discard`. */
  file: string;
  fileName: string;
  size: number;
  discard(): Promise<void>;
};

export type Uploads = {
  /** A complete upload, to be looked into; it stays where it is. Throws as `take` does. */
  peek(uploadId: string): Promise<Pick<TakenUpload, 'file' | 'fileName' | 'size'>>;
  /** A complete upload, handed over once; LATHE_NOT_FOUND or LATHE_BLOB_MISMATCH otherwise. */
  take(uploadId: string): Promise<TakenUpload>;
};

export type UploadService = Uploads & {
  begin(fileName: string, size: number): Promise<string>;
  /** Appends; sending a piece again that is already here changes nothing. Returns the bytes received. */
  chunk(uploadId: string, offset: number, base64: string): Promise<number>;
  abort(uploadId: string): Promise<boolean>;
  expire(): Promise<void>;
  close(): Promise<void>;
};

type Upload = {
  file: string;
  fileName: string;
  size: number;
  received: number;
  touchedMs: number;
  handle: FileHandle;
  /** Pieces of one upload are written one after the other. */
  turn: Promise<unknown>;
};

const IDLE_MS = 30 * 60_000;
const MOST_AT_ONCE = 32;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export function createUploadService(context: Pick<AreaContext, 'clock' | 'ids' | 'paths'>): UploadService {
  const { clock, ids, paths } = context;
  const uploads = new Map<string, Upload>();

  const find = (id: string): Upload => {
    const upload = uploads.get(id);
    if (!upload) throw new LatheError('LATHE_NOT_FOUND', { kind: 'upload', name: id });
    return upload;
  };
  const inTurn = <T>(upload: Upload, work: () => Promise<T>): Promise<T> => {
    const result = upload.turn.then(work, work);
    upload.turn = result.catch(() => {});
    return result;
  };
  async function remove(id: string, upload: Upload): Promise<void> {
    uploads.delete(id);
    await upload.handle.close().catch(() => {});
    await rm(upload.file, { force: true });
  }

  async function append(id: string, offset: number, bytes: Buffer): Promise<number> {
    const upload = find(id);
    upload.touchedMs = clock.now();
    if (offset + bytes.length <= upload.received) return upload.received;
    if (offset !== upload.received)
      throw mismatch(`a piece begins at byte ${offset}, but ${upload.received} have come`);
    if (offset + bytes.length > upload.size) {
      await remove(id, upload);
      throw mismatch(`more than the announced ${upload.size} bytes came`);
    }
    try {
      await withStorageFailures(paths.root, () => writeAll(upload.handle, bytes, offset));
    } catch (thrown) {
      await remove(id, upload);
      throw thrown;
    }
    upload.received += bytes.length;
    return upload.received;
  }

  return {
    async begin(fileName, size) {
      if (size > UPLOAD_LIMIT_BYTES)
        throw new LatheError('LATHE_UPLOAD_TOO_LARGE', { size, limit: UPLOAD_LIMIT_BYTES });
      if (uploads.size >= MOST_AT_ONCE)
        throw new LatheError('LATHE_INPUT_INVALID', {
          reason: `${MOST_AT_ONCE} uploads are under way already`,
        });
      const id = ids.next();
      const file = join(paths.uploads, id);
      const handle = await withStorageFailures(paths.root, () => open(file, 'wx', 0o600));
      const touchedMs = clock.now();
      uploads.set(id, {
        file,
        // A name for people: never part of a path.
        fileName: basename(fileName.replaceAll('\\', '/')) || 'file',
        size,
        received: 0,
        touchedMs,
        handle,
        turn: Promise.resolve(),
      });
      return id;
    },
    async chunk(id, offset, base64) {
      if (base64.length % 4 !== 0 || !BASE64.test(base64))
        throw new LatheError('LATHE_INPUT_INVALID', { reason: 'base64: not base64' });
      const bytes = Buffer.from(base64, 'base64');
      if (bytes.length > UPLOAD_CHUNK_BYTES)
        throw new LatheError('LATHE_INPUT_INVALID', {
          reason: `base64: more than ${UPLOAD_CHUNK_BYTES} bytes`,
        });
      return inTurn(find(id), () => append(id, offset, bytes));
    },
    async abort(id) {
      const upload = uploads.get(id);
      if (!upload) return false;
      await inTurn(upload, () => remove(id, upload));
      return true;
    },
    peek: async (id) =>
      inTurn(find(id), async () => {
        const upload = find(id);
        if (upload.received !== upload.size)
          throw mismatch(`${upload.received} of ${upload.size} bytes have come`);
        upload.touchedMs = clock.now();
        return { file: upload.file, fileName: upload.fileName, size: upload.size };
      }),
    take: async (id) =>
      inTurn(find(id), async () => {
        const upload = find(id);
        if (upload.received !== upload.size)
          throw mismatch(`${upload.received} of ${upload.size} bytes have come`);
        uploads.delete(id);
        await upload.handle.close();
        const { file, fileName, size } = upload;
        return { file, fileName, size, discard: () => rm(file, { force: true }) };
      }),
    async expire() {
      for (const [id, upload] of uploads)
        if (clock.now() - upload.touchedMs > IDLE_MS) await inTurn(upload, () => remove(id, upload));
    },
    async close() {
      for (const [id, upload] of uploads) await inTurn(upload, () => remove(id, upload));
    },
  };
}

const mismatch = (reason: string) => new LatheError('LATHE_BLOB_MISMATCH', { reason });
