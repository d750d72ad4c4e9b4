/** What all tabs of an endpoint look at: window size, arm, reference and stretch of time. */
import type { ReactNode } from 'react';
import type { WindowSize } from '../../../src-main/contract/monitoring-series.ts';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { formatDate, formatDateTime } from '../../lib/format.ts';
import { type MonitoringScope, RANGES, rangeChoice, type TimeRange } from '../../lib/monitoring-scope.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { useReferences } from '../../lib/use-references.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';

type ScopeBarProps = {
  scope: MonitoringScope;
  serving: Endpoint | undefined;
  /** More choices of one page. */
  children?: ReactNode;
};

const SIZES = [
  { value: 'minute', label: 'Minute' },
  { value: 'hour', label: 'Hour' },
  { value: 'day', label: 'Day' },
] as const;

export function ScopeBar({ scope, serving, children }: ScopeBarProps) {
  const { query } = useLocation();
  const { references } = useReferences(serving);
  const choice = rangeChoice(query.range, scope.per);
  const arms = serving?.arms.map(({ key }) => key) ?? [];
  return (
    <section aria-label="What is shown" className="mb-3 flex flex-wrap items-center gap-2">
      <SegmentedControl<WindowSize>
        label="Window size"
        value={scope.per}
        options={SIZES}
        // A stretch of days is no stretch of minutes. What was chosen stays, however old the data grows.
        onChange={(per) => setQuery({ per, range: null, window: null })}
      />
      <div className="w-36">
        <Select
          label="Time range"
          hideLabel
          value={choice}
          onChange={(id) => setQuery({ per: scope.per, range: id })}
          options={[
            ...RANGES[scope.per].map(({ id, label }) => ({ value: id, label })),
            ...(choice === 'custom' ? [{ value: 'custom', label: 'Chosen range' }] : []),
          ]}
        />
      </div>
      <div className="w-32">
        <Select
          label="Arm"
          hideLabel
          value={scope.arm ?? ''}
          onChange={(arm) => setQuery({ arm: arm || null })}
          options={[
            { value: '', label: 'All arms' },
            ...[...new Set([...arms, ...(scope.arm ? [scope.arm] : [])])].map((key) => ({
              value: key,
              label: key,
            })),
          ]}
        />
      </div>
      <div className="w-44">
        <Select
          label="Reference"
          hideLabel
          value={scope.reference ?? ''}
          onChange={(id) => setQuery({ ref: id || null })}
          options={[
            { value: '', label: 'Active reference' },
            ...references.map(({ id, version, title }) => ({ value: id, label: `v${version}: ${title}` })),
            ...(scope.reference && !references.some(({ id }) => id === scope.reference)
              ? [{ value: scope.reference, label: 'Removed reference' }]
              : []),
          ]}
        />
      </div>
      {children}
      {scope.range ? (
        <p className="num ml-auto text-xs whitespace-nowrap text-ink-3">{rangeText(scope.range)} UTC</p>
      ) : null}
    </section>
  );
}

const DAY_MS = 86_400_000;

/** Whole days by their first and last; shorter stretches with the time of day. */
function rangeText({ fromMs, toMs }: TimeRange): string {
  if (fromMs % DAY_MS === 0 && toMs % DAY_MS === 0)
    return toMs - fromMs === DAY_MS
      ? formatDate(fromMs, true)
      : `${formatDate(fromMs, true)} – ${formatDate(toMs - 1, true)}`;
  return `${formatDateTime(fromMs, true)} – ${formatDateTime(toMs, true)}`;
}
