/** References and the versions that have them, as they are found: which is active, which froze the grid. */
import { LatheError } from '../../../contract/errors.ts';
import type { ModelVersion } from '../../../contract/models.ts';
import type { Reference } from '../../../contract/references.ts';
import type { Profile } from './grid.rules.ts';
import type { createReferenceStore, ReferenceRow, VersionRow } from './references.store.ts';

/** A reference with what it is made of; the profile is as ReferenceProfile of the monitoring area has it. */
export type FoundReference = { id: string; title: string; profile: unknown };
export const missing = (kind: string, name: string) => new LatheError('LATHE_NOT_FOUND', { kind, name });

type Find = (model: string, version: string) => ModelVersion | null;

export function createReferenceLookup(store: ReturnType<typeof createReferenceStore>, find: Find) {
  function versionRow(model: string, version: string): VersionRow {
    const row = store.version(model, version);
    if (!row) throw missing('model version', `${model} ${version}`);
    return row;
  }
  function versionOf(model: string, version: string): ModelVersion {
    const found = find(model, version);
    if (!found) throw missing('model version', `${model} ${version}`);
    return found;
  }

  /** The row that scores are taken against; null for the reference that the version was registered with. */
  function activeRow(version: VersionRow): ReferenceRow | null {
    const rows = store.list(version.id);
    const chosen = store.active(version.id);
    if (chosen === null && version.profile !== null) return null;
    const row = rows.find(({ id }) => id === chosen);
    if (row) return row;
    return version.profile === null ? (rows.find(({ froze }) => froze === 1) ?? rows[0] ?? null) : null;
  }

  function present(version: VersionRow, row: ReferenceRow): Reference {
    const { uuid, kind, title, source, rows, rawRows, createdMs } = row;
    const list = (json: string) => JSON.parse(json) as string[];
    return {
      ...{
        id: uuid,
        model: version.model,
        version: version.version,
        kind,
        title,
        source,
        rows,
        rawRows,
        createdMs,
      },
      features: list(row.features),
      absent: list(row.absent),
      ignored: list(row.ignored),
      active: activeRow(version)?.id === row.id,
    };
  }

  /** The one that the version was registered with. Its raw rows are not kept. */
  function registered(version: VersionRow): Reference[] {
    if (version.profile === null) return [];
    const { rows, features } = JSON.parse(version.profile) as Profile;
    const names = features.map(({ name }) => name);
    const inputs = find(version.model, version.version)?.inputs ?? [];
    return [
      {
        id: version.uuid,
        model: version.model,
        version: version.version,
        kind: 'training-run',
        title: 'Training data',
        source: version.runUuid === '' ? 'registered with the version' : version.runUuid,
        rows,
        features: names,
        absent: inputs.map(({ name }) => name).filter((name) => !names.includes(name)),
        ignored: [],
        rawRows: 0,
        createdMs: version.createdMs,
        active: activeRow(version) === null,
      },
    ];
  }

  /** A reference by id, of whichever kind. */
  function locate(id: string): { version: VersionRow; row: ReferenceRow | null } {
    const row = store.find(id);
    const version = row ? store.versionById(row.versionId) : store.versionByUuid(id);
    if (!version || (!row && version.profile === null)) throw missing('reference', id);
    return { version, row };
  }

  /** What froze the version's grid; null before the first reference. */
  function gridOf(version: VersionRow): { id: string; title: string; json: string } | null {
    if (version.profile !== null) return { id: version.uuid, title: 'Training data', json: version.profile };
    const row = store.list(version.id).find(({ froze }) => froze === 1);
    return row ? { id: row.uuid, title: row.title, json: store.profile(row.id) } : null;
  }

  function foundOf(version: VersionRow, row: ReferenceRow | null): FoundReference | null {
    if (row) return { id: row.uuid, title: row.title, profile: JSON.parse(store.profile(row.id)) };
    if (version.profile === null) return null;
    return { id: version.uuid, title: 'Training data', profile: JSON.parse(version.profile) };
  }

  return { versionRow, versionOf, activeRow, present, registered, locate, gridOf, foundOf };
}
