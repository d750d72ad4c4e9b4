/** Settings of a workspace: one revisioned row; a change based on an old revision is refused. */
import { LatheError } from '../../../contract/errors.ts';
import type { Settings, SettingsPatch } from '../../../contract/settings.ts';
import type { AreaContext } from '../../context.ts';
import { applyPatch, DEFAULT_SETTINGS, readStored } from './settings.rules.ts';

export type SettingsService = {
  get(): Settings;
  /** Throws LATHE_CONFLICT when `revision` is not the present one. */
  update(revision: number, patch: SettingsPatch): Settings;
  /** The ports to listen on now: what the command line says goes before what is stored. */
  ports(): Settings['ports'];
  onChange(listener: (settings: Settings) => void): () => void;
};

const KEY = 'settings';

export function createSettingsService(
  context: Pick<AreaContext, 'db' | 'clock' | 'events'>,
  overrides: Partial<Settings['ports']>,
): SettingsService {
  const { db, clock, events } = context;
  const select = db.prepare('SELECT value, rev FROM setting WHERE key = ?');
  const insert = db.prepare(
    'INSERT INTO setting(key, value, rev, updated_ms) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING',
  );
  const replace = db.prepare(
    'UPDATE setting SET value = ?, rev = rev + 1, updated_ms = ? WHERE key = ? AND rev = ?',
  );
  const listeners = new Set<(settings: Settings) => void>();

  function get(): Settings {
    const row = select.get(KEY) as { value: string; rev: number } | undefined;
    return row ? { ...readStored(row.value), revision: row.rev } : { ...DEFAULT_SETTINGS, revision: 0 };
  }

  return {
    get,
    update(revision, patch) {
      const { revision: present, ...value } = get();
      const json = JSON.stringify(applyPatch(value, patch));
      const done =
        revision === present &&
        (present === 0 ? insert.run(KEY, json, clock.now()) : replace.run(json, clock.now(), KEY, revision))
          .changes === 1;
      if (!done) throw new LatheError('LATHE_CONFLICT', { kind: 'The value of', name: 'Settings' });
      const settings = get();
      for (const listener of listeners) listener(settings);
      events.changed('settings');
      return settings;
    },
    ports() {
      const { ports } = get();
      return {
        inferenceHttp: overrides.inferenceHttp ?? ports.inferenceHttp,
        inferenceGrpc: overrides.inferenceGrpc ?? ports.inferenceGrpc,
        mlflow: overrides.mlflow ?? ports.mlflow,
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
