/** Uploads that are looked at before they are used: each can be taken again until it is discarded or has lain too long. */
import type { Uploads } from '../uploads/index.ts';

type Taken = Awaited<ReturnType<Uploads['take']>>;
export type UploadShelf = {
  /** The same file each time. */
  take(uploadId: string): Promise<Taken>;
  discard(uploadId: string): Promise<void>;
  close(): Promise<void>;
};

const KEPT_MS = 30 * 60_000;

export function createUploadShelf(uploads: Pick<Uploads, 'take'>): UploadShelf {
  const shelf = new Map<string, { taken: Taken; timer: NodeJS.Timeout }>();

  async function discard(uploadId: string): Promise<void> {
    const found = shelf.get(uploadId);
    if (!found) return;
    clearTimeout(found.timer);
    shelf.delete(uploadId);
    await found.taken.discard();
  }

  return {
    async take(uploadId) {
      const found = shelf.get(uploadId);
      if (found) {
        found.timer.refresh();
        return found.taken;
      }
      const taken = await uploads.take(uploadId);
      const timer = setTimeout(() => void discard(uploadId).catch(() => {}), KEPT_MS);
      timer.unref();
      shelf.set(uploadId, { taken, timer });
      return taken;
    },
    discard,
    async close() {
      await Promise.all([...shelf.keys()].map(discard));
    },
  };
}
