/** Taking a change of settings back. */
import type { Settings, SettingsPatch } from '../../src-main/contract/settings.ts';

/** The patch that puts back what `patch` changes. */
export function inverseOf(patch: SettingsPatch, before: Settings): SettingsPatch {
  const pick = <Group extends object>(changed: object | undefined, old: Group): Partial<Group> | undefined =>
    changed && (Object.fromEntries(Object.entries(old).filter(([key]) => key in changed)) as Partial<Group>);
  const inverse = {
    theme: patch.theme && before.theme,
    density: patch.density && before.density,
    ports: pick(patch.ports, before.ports),
    serving: pick(patch.serving, before.serving),
    monitoring: pick(patch.monitoring, before.monitoring),
    trash: pick(patch.trash, before.trash),
  };
  return Object.fromEntries(Object.entries(inverse).filter(([, value]) => value !== undefined));
}
