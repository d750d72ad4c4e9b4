import type { ReactNode } from 'react';
import type { Topic } from '../../src-main/contract/workspace.ts';
import { reportOf } from '../lib/errors.ts';
import { useAction } from '../lib/query.ts';
import type { Rpc } from '../lib/rpc.ts';
import { toast } from '../lib/store.ts';
import { ConfirmDialog } from './Dialog.tsx';

export type RemoveDialogProps = {
  /** What goes, as the question names it: "the rule Accuracy falls". */
  what: string;
  /** The same where it is announced, if shorter: "Accuracy falls". */
  name: string;
  remove(rpc: Rpc): Promise<unknown>;
  /** What is read anew after. */
  topics: Topic[];
  onClose(): void;
  /** What goes with it and what stays; that it is for good is said here. */
  children: ReactNode;
};

/** Asks before something goes for good, removes it, and says that it did. */
export function RemoveDialog({ what, name, remove, topics, onClose, children }: RemoveDialogProps) {
  const action = useAction(remove, {
    topics,
    quiet: true,
    onDone: () => {
      toast.ok(`${name} is removed`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      danger
      onClose={onClose}
      onConfirm={() => action.mutate()}
      busy={action.isPending}
      failure={action.error && reportOf(action.error)}
      title={`Remove ${what}?`}
      confirm="Remove"
    >
      {children} This cannot be undone.
    </ConfirmDialog>
  );
}
