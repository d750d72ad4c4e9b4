import type { Settings } from '../../../src-main/contract/settings.ts';
import { plural } from '../../lib/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { NumberField } from '../../ui/TextField.tsx';
import { SettingRow } from './SettingRow.tsx';
import { failureLine, useSave } from './use-save.ts';

export function MonitoringSection({ settings }: { settings: Settings }) {
  const { save, failure } = useSave();
  return (
    <Panel title="Monitoring" padded={false}>
      <SettingRow
        title="Keep logged predictions"
        help="Older rows are removed; the drift and quality figures made from them stay."
      >
        <NumberField
          label="Keep logged predictions for this many days"
          hideLabel
          integer
          min={1}
          max={3_650}
          unit="days"
          value={settings.monitoring.retentionDays}
          error={failureLine(failure)}
          onCommit={(retentionDays) =>
            save(
              { monitoring: { retentionDays } },
              `Predictions are kept for ${plural(retentionDays, 'day')}`,
            )
          }
        />
      </SettingRow>
    </Panel>
  );
}
