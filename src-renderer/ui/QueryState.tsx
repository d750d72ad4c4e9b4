import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { reportOf } from '../lib/errors.ts';
import { ErrorState } from './ErrorState.tsx';
import { SkeletonRows } from './Skeleton.tsx';

export type QueryStateProps<T> = {
  query: UseQueryResult<T>;
  /** What is loaded, for the error: "The models". */
  what: string;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
};

/** Loading, failed or there: the three faces of a query. Data that is there stays while it is renewed. */
export function QueryState<T>({ query, what, loading, children }: QueryStateProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error)
    return (
      <ErrorState
        title={`${what} could not be loaded`}
        report={reportOf(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  return <>{loading ?? <SkeletonRows label={`Loading ${what.toLowerCase()}`} />}</>;
}
