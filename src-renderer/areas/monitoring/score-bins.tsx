/** What a score in a table or a strip is made of; read when it is asked for, as a page of all features has no bins. */
import type { FrozenMethod } from '../../../src-main/contract/monitoring-series.ts';
import { formatCount } from '../../lib/format.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { useData } from '../../lib/query.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { BinTerms } from '../explain/index.tsx';

type ScoreBinsProps = {
  scope: Pick<MonitoringScope, 'endpoint' | 'per' | 'arm' | 'reference'>;
  feature: string;
  method: string;
  windowMs: number;
};

export function ScoreBins({ scope, feature, method, windowMs }: ScoreBinsProps) {
  const { endpoint, per, arm, reference } = scope;
  const detail = useData(
    ['monitoring', 'feature', endpoint, feature, per, arm, reference, method, windowMs],
    (rpc, signal) =>
      rpc.monitoring.feature(
        {
          ...{ endpoint, feature, per, windowMs, method: method as FrozenMethod },
          ...(arm === null ? {} : { arm }),
          ...(reference === null ? {} : { reference }),
        },
        { signal },
      ),
    { keep: true },
  );
  return (
    <QueryState query={detail} what="Its bins">
      {({ distribution, referenceN, referenceTitle }) => (
        <div className="flex flex-col gap-2">
          <p>
            Against {referenceTitle || 'the reference'}, {formatCount(referenceN)} rows.
          </p>
          {method === 'lathe.psi.frozen@1' && distribution.length > 0 ? (
            <BinTerms bins={distribution} />
          ) : null}
        </div>
      )}
    </QueryState>
  );
}
