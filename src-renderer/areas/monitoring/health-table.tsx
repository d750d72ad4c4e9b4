/** The lanes as rows: the same figures for those who read rather than look. */
import { DataTable } from '../../charts/chart-frame.tsx';
import type { MonitoringScope, TimeRange } from '../../lib/monitoring-scope.ts';
import { useSeries } from '../../lib/use-series.ts';
import type { Health, HealthLines } from './health-data.ts';
import { healthRows } from './health-rows.ts';

type HealthTableProps = { scope: MonitoringScope; range: TimeRange; health: Health; lines: HealthLines };

export function HealthTable({ scope, range, health, lines }: HealthTableProps) {
  const { score, drift, changes } = health;
  // The strip's trend is of the newest windows alone.
  const prediction = useSeries(
    scope,
    score === null ? null : { of: 'drift', feature: score, method: 'lathe.psi.frozen@1' },
  );
  return (
    <DataTable
      caption="Health over time"
      height={520}
      table={healthRows({
        ...{ lines, range, per: scope.per, prediction: prediction.data ?? null },
        inputs: (drift.data ?? []).filter(({ kind }) => kind !== 'prediction'),
        events: changes.data ?? [],
      })}
    />
  );
}
