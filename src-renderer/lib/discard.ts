/** Deleting from any view: to the trash at once, with a toast that takes it back. */
import type { Discardable, TrashRef } from '../../src-main/contract/trash.ts';
import { reportOf } from './errors.ts';
import { invalidateTopics, useAction } from './query.ts';
import { currentPath } from './router.ts';
import { rpc } from './rpc.ts';
import { toast } from './store.ts';

const TOPICS = ['trash', 'experiments', 'models', 'overview'] as const;

export type Discard = {
  run(items: readonly Discardable[], what: string): void;
  isPending: boolean;
};

/** `what` begins the announcement: "3 runs". `onDone` is called when they are gone, where the user has not left the page meanwhile. */
export function useDiscard(onDone?: () => void): Discard {
  const discard = useAction(
    (client, { items }: { items: readonly Discardable[]; what: string; from: string }) =>
      client.trash.discard({ items: [...items] }),
    {
      topics: [...TOPICS],
      onDone(refs, { what, from }) {
        toast.undo(`${what} moved to the trash`, () => void restore(refs, what));
        if (currentPath() === from) onDone?.();
      },
    },
  );
  return {
    run: (items, what) => discard.mutate({ items, what, from: currentPath() }),
    isPending: discard.isPending,
  };
}

/** Brings things back and says so. */
export async function restore(items: readonly TrashRef[], what: string): Promise<void> {
  try {
    await rpc.trash.restore({ items: [...items] });
    toast.ok(`${what} restored`);
  } catch (error) {
    toast.error(reportOf(error));
  } finally {
    invalidateTopics(TOPICS);
  }
}
