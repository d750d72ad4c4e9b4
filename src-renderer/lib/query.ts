/**
 * Server state lives in this TanStack Query cache and nowhere else. The first segment of every key is a
 * topic of `workspace.events`: when the engine says that a topic changed, its queries run again.
 */
import {
  keepPreviousData,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQueries,
  useQuery,
} from '@tanstack/react-query';
import type { Topic } from '../../src-main/contract/workspace.ts';
import { type RpcError, reportOf } from './errors.ts';
import { type Rpc, rpc } from './rpc.ts';
import { toast } from './store.ts';

export type DataKey = readonly [Topic, ...unknown[]];

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say when data is old; a clock does not.
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 5 * 60_000,
      retry: false,
      networkMode: 'always',
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/**
 * Reads from the engine: `useData(['models', 'get', name], (rpc, signal) => rpc.models.get({name}, {signal}))`.
 * `keep` shows the old data while a new key loads; `enabled: false` waits.
 */
export function useData<T>(
  key: DataKey,
  load: (rpc: Rpc, signal: AbortSignal) => Promise<T>,
  options: { enabled?: boolean; keep?: boolean } = {},
): UseQueryResult<T, RpcError> {
  return useQuery<T, RpcError>({
    queryKey: key,
    queryFn: ({ signal }) => load(rpc, signal),
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** The same for several keys at once; what was read before stays until the new is here, and is soon forgotten. */
export function useDataList<T>(
  wanted: readonly { key: DataKey; load: (rpc: Rpc, signal: AbortSignal) => Promise<T> }[],
  options: { enabled: boolean },
): UseQueryResult<T, RpcError>[] {
  return useQueries({
    queries: wanted.map(({ key, load }) => ({
      queryKey: key,
      queryFn: ({ signal }: { signal: AbortSignal }) => load(rpc, signal),
      enabled: options.enabled,
      placeholderData: keepPreviousData,
      gcTime: BULKY_MS,
    })),
  }) as UseQueryResult<T, RpcError>[];
}

/** How long answers of megabytes are kept for coming back. */
const BULKY_MS = 30_000;

/**
 * Changes something: `const pause = useAction((rpc) => rpc.replay.pause())`, then `pause.mutate()`.
 * A failure becomes an error toast with cause and remedy unless `quiet` (then show `action.error.report`).
 */
export function useAction<Input = void, Output = unknown>(
  run: (rpc: Rpc, input: Input) => Promise<Output>,
  options: { onDone?: (output: Output, input: Input) => void; topics?: Topic[]; quiet?: boolean } = {},
): UseMutationResult<Output, RpcError, Input> {
  return useMutation<Output, RpcError, Input>({
    mutationFn: (input) => run(rpc, input),
    onSuccess(output, input) {
      if (options.topics) invalidateTopics(options.topics);
      options.onDone?.(output, input);
    },
    onError(error) {
      if (!options.quiet) toast.error(reportOf(error));
    },
  });
}

export function invalidateTopics(topics: readonly string[]): void {
  const changed = new Set(topics);
  const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => changed.has(String(queryKey[0]));
  // What is being read is let finish and then read once more. Starting it over with every change of a busy run would
  // never show anything.
  for (const query of queryClient.getQueryCache().findAll({ predicate, fetchStatus: 'fetching' })) {
    if (again.has(query.queryHash)) continue;
    again.add(query.queryHash);
    const repeat = () => {
      again.delete(query.queryHash);
      void queryClient.invalidateQueries({ queryKey: query.queryKey, exact: true });
    };
    query.promise?.then(repeat, repeat);
  }
  void queryClient.invalidateQueries({ predicate }, { cancelRefetch: false });
}

const again = new Set<string>();

/** After a new engine answered, anything may differ. */
export const invalidateAll = (): void => void queryClient.invalidateQueries();
