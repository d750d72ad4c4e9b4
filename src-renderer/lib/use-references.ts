import type { Reference } from '../../src-main/contract/references.ts';
import type { Endpoint } from '../../src-main/contract/serving.ts';
import type { RpcError } from './errors.ts';
import { useDataList } from './query.ts';

export type FoundReferences = {
  references: readonly Reference[];
  /** Some are still being read. */
  pending: boolean;
  error: RpcError | null;
  retry: () => void;
};

/** The references of every version that the endpoint routes to. */
export function useReferences(serving: Pick<Endpoint, 'model' | 'arms'> | undefined): FoundReferences {
  const model = serving?.model ?? '';
  const versions = [...new Set(serving?.arms.map(({ version }) => version) ?? [])];
  const lists = useDataList(
    versions.map((version) => ({
      key: ['monitoring', 'references', model, version] as const,
      load: (rpc, signal) => rpc.references.list({ model, version }, { signal }),
    })),
    { enabled: serving !== undefined },
  );
  return {
    references: lists.flatMap(({ data }) => data ?? []),
    pending: lists.some(({ isPending }) => isPending),
    error: lists.find(({ error }) => error !== null)?.error ?? null,
    retry: () => {
      for (const list of lists) if (list.error) void list.refetch();
    },
  };
}
