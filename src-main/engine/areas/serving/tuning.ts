/** How each model is loaded, batched and queued: one revisioned row of the settings table per registered model. */
import { LatheError } from '../../../contract/errors.ts';
import { ModelTuning, type TunedModel } from '../../../contract/serving.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../data/database.ts';

export const DEFAULT_TUNING: ModelTuning = {
  loaded: true,
  versions: { kind: 'routed' },
  maxBatchRows: null,
  sloMs: null,
  maxQueueRows: null,
  priority: null,
  weight: null,
  padded: null,
  threads: null,
  provider: null,
};

export type Tunings = {
  /** Throws LATHE_NOT_FOUND. */
  get(model: string): TunedModel;
  /** Throws LATHE_NOT_FOUND, or LATHE_CONFLICT when the revision is not the present one. */
  set(next: TunedModel): TunedModel;
  /** The defaults for a model that is gone. */
  of(model: string): ModelTuning;
};

type Row = { id: number; value: string | null; revision: number | null };

export function createTunings(db: Database, clock: Clock): Tunings {
  // By the model's id, so that it keeps them when it is renamed.
  const select = db.prepare(
    `SELECT m.id, s.value, s.rev AS revision FROM registered_model AS m
     LEFT JOIN setting AS s ON s.key = 'serving.model.' || m.id WHERE m.name = ? AND m.deleted_ms IS NULL`,
  );
  const write = db.prepare(
    `INSERT INTO setting(key, value, rev, updated_ms) VALUES (@key, @value, 1, @atMs)
     ON CONFLICT(key) DO UPDATE SET value = @value, rev = rev + 1, updated_ms = @atMs WHERE rev = @revision`,
  );
  const find = (model: string): (Row & { tuning: ModelTuning; revision: number }) | null => {
    const row = select.get(model) as Row | undefined;
    return row ? { ...row, tuning: readTuning(row.value), revision: row.revision ?? 0 } : null;
  };
  const get = (model: string): TunedModel => {
    const found = find(model);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'model', name: model });
    return { model, revision: found.revision, tuning: found.tuning };
  };

  return {
    get,
    of: (model) => find(model)?.tuning ?? DEFAULT_TUNING,
    set({ model, revision, tuning }) {
      const present = find(model);
      if (!present) throw new LatheError('LATHE_NOT_FOUND', { kind: 'model', name: model });
      const key = `serving.model.${present.id}`;
      const values = { key, value: JSON.stringify(tuning), atMs: clock.now(), revision };
      if (present.revision !== revision || write.run(values).changes === 0)
        throw new LatheError('LATHE_CONFLICT', { kind: 'The serving settings of', name: model });
      return get(model);
    },
  };
}

/** What an older version wrote lacks the newer fields; what cannot be read is the default. */
function readTuning(json: string | null): ModelTuning {
  if (json === null) return DEFAULT_TUNING;
  try {
    return ModelTuning.parse({ ...DEFAULT_TUNING, ...(JSON.parse(json) as object) });
  } catch {
    return DEFAULT_TUNING;
  }
}
