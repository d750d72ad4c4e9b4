/** Series of the model that a business metric can be laid beside, and what their lags say. Pure. */
import type { BusinessMetric, LaggedCorrelation } from '../../../src-main/contract/business-metrics.ts';
import {
  PerformanceMetric,
  type SeriesRef,
  type WindowSize,
} from '../../../src-main/contract/monitoring-series.ts';
import { formatFixed, formatNumber } from '../../lib/format.ts';
import { WINDOW_WORD } from '../../lib/series-words.ts';

export const COMBINE: Readonly<Record<BusinessMetric['combine'], string>> = {
  mean: 'mean of the values',
  sum: 'sum of the values',
  last: 'last value',
};
export const GOOD: Readonly<Record<BusinessMetric['good'], string>> = {
  higher: 'higher is better',
  lower: 'lower is better',
  neither: 'neither way is better',
};

/** A choice that survives in a link: "performance:accuracy", "drift:temp". */
export function seriesFromKey(key: string | undefined): SeriesRef {
  const cut = key?.indexOf(':') ?? -1;
  const [kind, rest] =
    key === undefined ? ['', ''] : cut < 0 ? [key, ''] : [key.slice(0, cut), key.slice(cut + 1)];
  switch (kind) {
    case 'drift':
      return { of: 'drift', feature: rest, method: 'lathe.psi.frozen@1' };
    case 'mean':
      return { of: 'mean', feature: rest };
    case 'volume':
      return { of: 'volume' };
    case 'drifted-share':
      return { of: 'drifted-share' };
    default:
      return { of: 'performance', metric: PerformanceMetric.safeParse(rest).data ?? 'accuracy' };
  }
}

export function keyOfSeries(series: SeriesRef): string {
  switch (series.of) {
    case 'drift':
    case 'mean':
      return `${series.of}:${series.feature}`;
    case 'performance':
      return `performance:${series.metric}`;
    default:
      return series.of;
  }
}

const windows = (count: number, per: WindowSize): string =>
  `${count} ${WINDOW_WORD[per]}${count === 1 ? '' : 's'}`;

/** Where lag `k` lies: the series leads the metric by k windows. */
export function lagText(lag: number, per: WindowSize): string {
  if (lag === 0) return 'at the same time';
  return lag > 0 ? `the model ${windows(lag, per)} ahead` : `the metric ${windows(-lag, per)} ahead`;
}

/** The strongest lag in a sentence, and whether it stands out. */
export function bestText({ best, per, n }: LaggedCorrelation): { title: string; clear: boolean } {
  if (!best) return { title: `Too little to say: both have ${windows(n, per)} in common.`, clear: false };
  const clear = best.p < 0.05;
  const r = formatFixed(best.r, 2).replace(/^-/, '−');
  const strongest = `strongest ${best.lag === 0 ? '' : 'with '}${lagText(best.lag, per)}: r = ${r}, ${best.p < 0.001 ? 'p below 0.001' : `p = ${formatNumber(best.p, 2)}`}`;
  return {
    title: clear ? `They move together, ${strongest}.` : `No link stands out; ${strongest}.`,
    clear,
  };
}
