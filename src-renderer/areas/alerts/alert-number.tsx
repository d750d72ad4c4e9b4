/** A number of an alert, as it is written and explained: held against its rule, not against the method's usual threshold. */
import type { ReactNode } from 'react';
import {
  type Alert,
  type AlertEvidence,
  type AlertRule,
  isBurnTitle,
} from '../../../src-main/contract/alerts.ts';
import { methodOfSeries } from '../../../src-main/contract/monitoring-methods.ts';
import type { DriftLevel, SeriesRef } from '../../../src-main/contract/monitoring-series.ts';
import { seriesTitle, unitOf, valueText } from '../../lib/series-words.ts';
import { Explain } from '../explain/index.tsx';
import { numberText } from './inbox-model.ts';

type Props = {
  alert: Alert;
  value: number | null;
  rule?: AlertRule | null;
  /** Of what, where it is not the alert's own value: "of arm main". */
  part?: string;
  /** Of another series than the alert's: the rule's limit says nothing of it. */
  series?: SeriesRef | null;
  /** The number is the rule's limit, or the series' value on its reference. */
  what?: 'limit' | 'reference';
  n?: number | null;
  low?: number | null;
  high?: number | null;
  level?: DriftLevel | null;
  bins?: AlertEvidence['features'][number]['bins'] | undefined;
  children?: ReactNode;
};

export function AlertNumber({ alert, rule, part, series = null, what, value, children, ...facts }: Props) {
  // Of a burn rate, parts and the reference are values of the series all the same.
  const burns = isBurnTitle(alert.title) && part === undefined && what !== 'reference';
  const written = burns ? numberText(alert, value) : valueText(value, unitOf(series ?? alert.series));
  const shown = children ?? written;
  const method = methodOfSeries(series ?? alert.series);
  if (burns || value === null) return <>{shown}</>;
  const name = [what === 'limit' ? 'limit of' : what, seriesTitle(series ?? alert.series), part]
    .filter(Boolean)
    .join(' ');
  return (
    <Explain
      method={method}
      value={value}
      inForce={
        series
          ? null
          : `The limit was ${numberText(alert, alert.limit)} when it fired.${rule ? ` The rule: ${rule.says}.` : ''}`
      }
      over={what === 'reference' ? 'The rows of the reference that the series is compared with.' : undefined}
      of={`${name}: ${written}`}
      {...facts}
    >
      {shown}
    </Explain>
  );
}
