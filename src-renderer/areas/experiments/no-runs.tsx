/** What an empty Experiments view says: where runs come from, and the two lines that make the first one. */
import { FlaskConical } from 'lucide-react';
import { useData } from '../../lib/query.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';

export function NoRuns({ title }: { title: string }) {
  const hello = useData(['services', 'hello'], (rpc, signal) => rpc.workspace.hello(undefined, { signal }));
  const url = hello.data?.urls.mlflow ?? null;
  return (
    <EmptyState
      icon={FlaskConical}
      title={title}
      {...(url === null ? {} : { snippet: `export MLFLOW_TRACKING_URI=${url}` })}
    >
      {url === null
        ? 'Runs are logged with the mlflow package. Its port is not open; Settings → Network says why.'
        : 'Set this where your training code runs, and log with the mlflow package as usual. Runs show here as they log.'}
    </EmptyState>
  );
}
