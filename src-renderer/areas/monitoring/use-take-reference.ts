import type { Reference } from '../../../src-main/contract/references.ts';
import { useAction } from '../../lib/query.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';

/** Makes something a reference, from wherever its rows come; its dialog shows a failure and closes after. */
export const useTakeReference = <Input = void>(
  take: (rpc: Rpc, input: Input) => Promise<Reference>,
  onClose: () => void,
) =>
  useAction(take, {
    topics: ['monitoring'],
    quiet: true,
    onDone: (reference) => {
      toast.ok(`${reference.title} is a reference of version ${reference.version}`);
      onClose();
    },
  });
