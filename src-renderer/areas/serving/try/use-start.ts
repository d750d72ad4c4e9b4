/** What a request can start from: the signature, a row that was logged, and the example that came with the model. */
import type { Endpoint } from '../../../../src-main/contract/serving.ts';
import { useData } from '../../../lib/query.ts';
import { exampleFeatures } from './model-example.ts';
import type { Features } from './request-body.ts';

export type LoggedRow = { features: Features; unit: string | null };

export function useStart(endpoint: Endpoint) {
  const main = endpoint.arms.toSorted((a, b) => b.weight - a.weight)[0]?.version ?? '1';
  const version = useData(['models', 'version', endpoint.model, main], (rpc, signal) =>
    rpc.models.version({ name: endpoint.model, version: main }, { signal }),
  );
  const files = useData(['models', 'files', endpoint.model, main], (rpc, signal) =>
    rpc.models.files({ name: endpoint.model, version: main }, { signal }),
  );
  // Not under the monitoring topic: what a request starts from need not follow every prediction.
  const logged = useData(
    ['settings', 'logged-rows', endpoint.name],
    async (rpc, signal): Promise<LoggedRow[]> => {
      const rows = await rpc.monitoring.predictions({ endpoint: endpoint.name, limit: 100 }, { signal });
      return rows.map(({ features, unit }) => ({ features, unit }));
    },
  );
  const example = version.data ? exampleFeatures(files.data?.example ?? null, version.data.inputs) : null;
  return { version, logged: logged.data ?? [], example, settled: !files.isPending && !logged.isPending };
}
