import { useState } from 'react';
import type { SettingsPatch } from '../../../src-main/contract/settings.ts';
import { reportOf, type ShownReport } from '../../lib/errors.ts';
import { saveSettings } from '../../lib/settings.ts';

/** Saves a patch and keeps the failure of the last try, to be shown beside the field. */
export function useSave(): {
  save(patch: SettingsPatch, done: string): void;
  failure: ShownReport | null;
} {
  const [failure, setFailure] = useState<ShownReport | null>(null);
  return {
    failure,
    save(patch, done) {
      setFailure(null);
      saveSettings(patch, done).catch((error: unknown) => setFailure(reportOf(error)));
    },
  };
}

/** A failure in one line, for the place under a field. */
export const failureLine = (failure: ShownReport | null): string | null =>
  failure && `${failure.cause} ${failure.remedy}`;
