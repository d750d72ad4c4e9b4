import type { UseQueryResult } from '@tanstack/react-query';
import type { Overview } from '../../../src-main/contract/overview.ts';
import { formatCount, formatPercent, plural } from '../../lib/format.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';

/** How much there is. A failed query is told by the attention panel, once. */
export function CountRow({ query }: { query: UseQueryResult<Overview> }) {
  const counts = query.data?.counts;
  const figure = (value: number | undefined) =>
    value === undefined ? <Skeleton width="56px" height="22px" /> : formatCount(value);
  const share = counts && counts.predictions > 0 ? counts.labelled / counts.predictions : null;
  return (
    <StatRow>
      <Stat label="Predictions logged" value={figure(counts?.predictions)} />
      <Stat
        label="Labels arrived"
        value={figure(counts?.labelled)}
        {...(share === null ? {} : { delta: `${formatPercent(share)} of predictions` })}
      />
      <Stat label="Endpoints" value={figure(counts?.endpoints)} />
      <Stat
        label="Registered models"
        value={figure(counts?.models)}
        {...(counts ? { delta: plural(counts.versions, 'version') } : {})}
      />
      <Stat
        label="Runs"
        value={figure(counts?.runs)}
        {...(counts ? { delta: `in ${plural(counts.experiments, 'experiment')}` } : {})}
      />
    </StatRow>
  );
}
