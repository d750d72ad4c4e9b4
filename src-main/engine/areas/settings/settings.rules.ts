/** What the settings are before anyone changes them, and how a change is laid over them. */
import { Settings, type SettingsPatch } from '../../../contract/settings.ts';

export type SettingsValue = Omit<Settings, 'revision'>;

export const DEFAULT_SETTINGS: SettingsValue = {
  theme: 'system',
  density: 'comfortable',
  ports: { inferenceHttp: 0, inferenceGrpc: 0, mlflow: 0 },
  serving: {
    maxBatchRows: 64,
    // Taking what is there when the device frees batches as well, and makes nobody wait.
    maxQueueDelayUs: 0,
    sloMs: 0,
    memoryBudgetBytes: 0,
    provider: 'auto',
    requestTimeoutMs: 10_000,
    maxBodyBytes: 64 * 1024 * 1024,
  },
  monitoring: { retentionDays: 90 },
  trash: { keepDays: 30, keepFilesDays: 7 },
};

export function applyPatch(value: SettingsValue, patch: SettingsPatch): SettingsValue {
  return {
    theme: patch.theme ?? value.theme,
    density: patch.density ?? value.density,
    ports: laid(value.ports, patch.ports),
    serving: laid(value.serving, patch.serving),
    monitoring: laid(value.monitoring, patch.monitoring),
    trash: laid(value.trash, patch.trash),
  };
}

/** What is stored, section by section: a value this version cannot read is its default, the others stay. */
export function readStored(json: string): SettingsValue {
  let stored: Record<string, unknown> = {};
  try {
    stored = (JSON.parse(json) ?? {}) as Record<string, unknown>;
  } catch {
    return DEFAULT_SETTINGS;
  }
  const { shape } = Settings;
  return {
    theme: shape.theme.catch(DEFAULT_SETTINGS.theme).parse(stored.theme),
    density: shape.density.catch(DEFAULT_SETTINGS.density).parse(stored.density),
    ports: shape.ports.catch(DEFAULT_SETTINGS.ports).parse(filled(DEFAULT_SETTINGS.ports, stored.ports)),
    serving: shape.serving
      .catch(DEFAULT_SETTINGS.serving)
      .parse(filled(DEFAULT_SETTINGS.serving, stored.serving)),
    monitoring: shape.monitoring
      .catch(DEFAULT_SETTINGS.monitoring)
      .parse(filled(DEFAULT_SETTINGS.monitoring, stored.monitoring)),
    trash: shape.trash.catch(DEFAULT_SETTINGS.trash).parse(filled(DEFAULT_SETTINGS.trash, stored.trash)),
  };
}

/** A section written by an older version lacks the newer fields. */
const filled = (defaults: object, stored: unknown): object => ({
  ...defaults,
  ...(typeof stored === 'object' ? stored : {}),
});

/** `undefined` in a patch means "not mentioned". */
function laid<T extends object>(value: T, patch: { [K in keyof T]?: T[K] | undefined } | undefined): T {
  const named = Object.entries(patch ?? {}).filter(([, part]) => part !== undefined);
  return { ...value, ...Object.fromEntries(named) };
}
