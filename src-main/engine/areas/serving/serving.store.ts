/** SQL of endpoints and the history of their splits. */
import type { Arm, RouteChange } from '../../../contract/serving.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import type { EndpointRecord } from './serving.rules.ts';

type Row = Omit<EndpointRecord, 'arms' | 'logging' | 'enabled'> & {
  arms: string;
  logging: number;
  enabled: number;
};
type Change = { actor: string; reason: string; atMs: number };

export function createServingStore(db: Database) {
  const columns = `endpoint.id, endpoint.name, registered_model.name AS model, salt, arms, logging, enabled,
    endpoint.rev AS revision, endpoint.created_ms AS createdMs, endpoint.updated_ms AS updatedMs`;
  const source =
    'endpoint JOIN registered_model ON registered_model.id = endpoint.model_id WHERE endpoint.deleted_ms IS NULL';
  const list = db.prepare(`SELECT ${columns} FROM ${source} ORDER BY endpoint.name`);
  const insert = db.prepare(
    `INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms, rev)
     SELECT @uuid, @name, id, @salt, @arms, 1, 1, @atMs, @atMs, 1 FROM registered_model WHERE name = @model AND deleted_ms IS NULL`,
  );
  const update = db.prepare(
    `UPDATE endpoint SET arms = @arms, logging = @logging, enabled = @enabled, updated_ms = @atMs, rev = rev + 1
     WHERE id = @id AND rev = @revision AND deleted_ms IS NULL`,
  );
  // The name is free again; what was logged under this id stays as it is.
  const remove = db.prepare(
    `UPDATE endpoint SET deleted_ms = @atMs, updated_ms = @atMs, name = name || '~' || uuid, rev = rev + 1
     WHERE id = @id AND rev = @revision AND deleted_ms IS NULL`,
  );
  const addChange = db.prepare(
    `INSERT INTO endpoint_change(endpoint_id, rev, at_ms, actor, reason, arms)
     SELECT id, rev, @atMs, @actor, @reason, arms FROM endpoint WHERE id = @id`,
  );
  const changes = db.prepare(
    `SELECT rev AS revision, at_ms AS atMs, actor, reason, arms FROM endpoint_change
     WHERE endpoint_id = ? ORDER BY rev DESC`,
  );

  return {
    list: (): EndpointRecord[] =>
      (list.all() as Row[]).map((row) => ({
        ...row,
        arms: JSON.parse(row.arms) as Arm[],
        logging: row.logging === 1,
        enabled: row.enabled === 1,
      })),
    /** False when there is no such model. */
    create: (
      endpoint: { uuid: string; name: string; model: string; salt: string; arms: readonly Arm[] },
      change: Change,
    ): boolean =>
      inTransaction(db, () => {
        const { arms, ...rest } = endpoint;
        const done = insert.run({ ...rest, arms: JSON.stringify(arms), atMs: change.atMs });
        if (done.changes === 0) return false;
        addChange.run({ ...change, id: done.lastInsertRowid });
        return true;
      }),
    /** False when the record's revision is not the present one any more. */
    update: (record: EndpointRecord, change: Change): boolean =>
      inTransaction(db, () => {
        const { id, revision, arms, logging, enabled } = record;
        const values = { id, revision, arms: JSON.stringify(arms), logging: +logging, enabled: +enabled };
        if (update.run({ ...values, atMs: change.atMs }).changes === 0) return false;
        addChange.run({ ...change, id });
        return true;
      }),
    remove: (record: EndpointRecord, change: Change): boolean =>
      inTransaction(db, () => {
        const { id, revision } = record;
        if (remove.run({ id, revision, atMs: change.atMs }).changes === 0) return false;
        addChange.run({ ...change, id });
        return true;
      }),
    changes: (id: number): RouteChange[] =>
      (changes.all(id) as (Omit<RouteChange, 'arms'> & { arms: string })[]).map((row) => ({
        ...row,
        arms: JSON.parse(row.arms) as Arm[],
      })),
  };
}
