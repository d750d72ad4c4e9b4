import type { Settings, SettingsPatch } from '../../../src-main/contract/settings.ts';
import { plural } from '../../lib/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { NumberField } from '../../ui/TextField.tsx';
import { SettingRow } from './SettingRow.tsx';
import { failureLine, useSave } from './use-save.ts';

export function TrashSection({ settings }: { settings: Settings }) {
  return (
    <Panel title="Trash" actions={<Link to="/trash">Open the trash</Link>} padded={false}>
      <Days
        title="Keep what was deleted"
        help="Experiments, runs and models in the trash can be restored for this long; then they go for good and their disk is free."
        label="Keep what was deleted for this many days"
        value={settings.trash.keepDays}
        patch={(keepDays) => ({ trash: { keepDays } })}
        done={(days) => `What is deleted can be restored for ${plural(days, 'day')}`}
      />
      <Days
        title="Keep replaced files"
        help="Files of runs that were deleted or overwritten. Training that overwrites its checkpoints fills the disk with these."
        label="Keep deleted and overwritten files for this many days"
        value={settings.trash.keepFilesDays}
        patch={(keepFilesDays) => ({ trash: { keepFilesDays } })}
        done={(days) => `Replaced files can be restored for ${plural(days, 'day')}`}
      />
    </Panel>
  );
}

function Days(props: {
  title: string;
  help: string;
  label: string;
  value: number;
  patch(days: number): SettingsPatch;
  done(days: number): string;
}) {
  const { save, failure } = useSave();
  return (
    <SettingRow title={props.title} help={props.help}>
      <NumberField
        label={props.label}
        hideLabel
        integer
        min={1}
        max={3_650}
        unit="days"
        value={props.value}
        error={failureLine(failure)}
        onCommit={(days) => save(props.patch(days), props.done(days))}
      />
    </SettingRow>
  );
}
