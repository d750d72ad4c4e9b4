/**
 * Saving one setting: at once, against the revision that is current, with a toast that takes it back.
 * A patch names only the fields it means, so after a conflict it is applied again to the newer settings.
 */
import type { Settings, SettingsPatch } from '../../src-main/contract/settings.ts';
import { reportOf } from './errors.ts';
import { queryClient } from './query.ts';
import { rpc } from './rpc.ts';
import { inverseOf } from './settings-patch.ts';
import { toast } from './store.ts';
import { applyAppearance } from './theme.ts';

export const SETTINGS_KEY = ['settings'] as const;

/** Saves and offers Undo. Rejects with RpcError, having put the appearance back. */
export async function saveSettings(patch: SettingsPatch, done: string): Promise<Settings> {
  const before = await currentSettings();
  const inverse = inverseOf(patch, before);
  const saved = await write(patch, before);
  toast.undo(done, () => {
    write(inverse, saved).then(
      () => toast.ok('Change undone'),
      (error: unknown) => toast.error(reportOf(error)),
    );
  });
  return saved;
}

/** The same, for places without a form: a failure becomes a toast. */
export function saveSettingsLater(patch: SettingsPatch, done: string): void {
  saveSettings(patch, done).catch((error: unknown) => toast.error(reportOf(error)));
}

const currentSettings = (): Promise<Settings> =>
  queryClient.ensureQueryData({ queryKey: SETTINGS_KEY, queryFn: () => rpc.settings.get() });

async function write(patch: SettingsPatch, base: Settings): Promise<Settings> {
  applyAppearance({ theme: patch.theme ?? base.theme, density: patch.density ?? base.density });
  try {
    const saved = await rpc.settings
      .update({ revision: base.revision, patch })
      .catch(async (error: unknown) => {
        if (reportOf(error).code !== 'LATHE_CONFLICT') throw error;
        const newer = await rpc.settings.get();
        return rpc.settings.update({ revision: newer.revision, patch });
      });
    queryClient.setQueryData(SETTINGS_KEY, saved);
    applyAppearance(saved);
    return saved;
  } catch (error) {
    applyAppearance(base);
    throw error;
  }
}
