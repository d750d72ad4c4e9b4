import type { Settings } from '../../../src-main/contract/settings.ts';
import { saveSettingsLater } from '../../lib/settings.ts';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SettingRow } from './SettingRow.tsx';

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;
const DENSITIES = [
  { value: 'comfortable', label: 'Comfortable' },
  { value: 'compact', label: 'Compact' },
] as const;

const THEME_DONE = {
  system: 'Theme follows the system',
  light: 'Light theme',
  dark: 'Dark theme',
} as const;

export function AppearanceSection({ settings }: { settings: Settings }) {
  return (
    <Panel title="Appearance" padded={false}>
      <SettingRow title="Theme" help="System follows the light or dark setting of this computer.">
        <SegmentedControl
          label="Theme"
          options={THEMES}
          value={settings.theme}
          onChange={(theme) => saveSettingsLater({ theme }, THEME_DONE[theme])}
        />
      </SettingRow>
      <SettingRow title="Density" help="How tall rows and controls are.">
        <SegmentedControl
          label="Density"
          options={DENSITIES}
          value={settings.density}
          onChange={(density) =>
            saveSettingsLater({ density }, density === 'compact' ? 'Compact rows' : 'Comfortable rows')
          }
        />
      </SettingRow>
    </Panel>
  );
}
