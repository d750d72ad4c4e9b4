/** The model repository of the inference server: what is in memory, what it costs, and what runs it. */
import { Cpu } from 'lucide-react';
import { useEffect } from 'react';
import { queryClient, useData } from '../../../lib/query.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Link } from '../../../ui/Link.tsx';
import { QueryState } from '../../../ui/QueryState.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { servedModels } from './held-rules.ts';
import { MemoryPanel } from './memory-panel.tsx';
import { ModelPanel } from './model-panel.tsx';

/** What batches cost is learned all the time, and no event tells of it. */
const EVERY_MS = 2_000;

export function MemoryView() {
  const held = useData(['serving', 'held'], (rpc, signal) => rpc.serving.held(undefined, { signal }));
  const endpoints = useData(['serving', 'list'], (rpc, signal) => rpc.serving.list(undefined, { signal }));
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible')
        void queryClient.invalidateQueries({ queryKey: ['serving', 'held'] }, { cancelRefetch: false });
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <QueryState query={held} what="What is in memory">
      {(data) => {
        const models = servedModels(data, endpoints.data ?? []);
        return (
          <div className="flex flex-col gap-3">
            <MemoryPanel memory={data.memory} models={models} />
            {models.length === 0 ? (
              <EmptyState icon={Cpu} title="No model is served">
                A model comes into memory with its first endpoint: <Link to="/serving">make one</Link>.
              </EmptyState>
            ) : (
              models.map((served) => <ModelPanel key={served.model} served={served} />)
            )}
            <DevicesPanel />
          </div>
        );
      }}
    </QueryState>
  );
}
