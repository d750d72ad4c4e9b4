/** SQL of endpoints and the history of their routes. */
import type {
  Arm,
  CanaryState,
  DecisionFigures,
  Route,
  RouteChange,
} from '../../../contract/serving-route.ts';
import { type Database, inTransaction } from '../../data/database.ts';
import type { EndpointRecord } from './serving.rules.ts';

type Columns = { arms: string; routing: string };
type Row = Omit<EndpointRecord, keyof Route | 'canary' | 'former' | 'logging' | 'enabled'> &
  Columns & { canary: string | null; former: string | null; logging: number; enabled: number };
type ChangeRow = Omit<RouteChange, 'route' | 'automatic' | 'figures'> &
  Columns & { automatic: number; figures: string | null };
export type Change = {
  actor: string;
  reason: string;
  atMs: number;
  automatic: boolean;
  figures: DecisionFigures | null;
};

const CHANGES = 500;

export function createServingStore(db: Database) {
  const columns = `endpoint.id, endpoint.name, registered_model.name AS model, salt, arms, routing, canary, former, logging, enabled,
    endpoint.rev AS revision, endpoint.created_ms AS createdMs, endpoint.updated_ms AS updatedMs`;
  const source =
    'endpoint JOIN registered_model ON registered_model.id = endpoint.model_id WHERE endpoint.deleted_ms IS NULL';
  const list = db.prepare(`SELECT ${columns} FROM ${source} ORDER BY endpoint.name`);
  const insert = db.prepare(
    `INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms, rev)
     SELECT @uuid, @name, id, @salt, @arms, 1, 1, @atMs, @atMs, 1 FROM registered_model WHERE name = @model AND deleted_ms IS NULL`,
  );
  const update = db.prepare(
    `UPDATE endpoint SET arms = @arms, routing = @routing, canary = @canary, former = @former, logging = @logging, enabled = @enabled, updated_ms = @atMs, rev = rev + 1
     WHERE id = @id AND rev = @revision AND deleted_ms IS NULL`,
  );
  // The name is free again; what was logged under this id stays as it is.
  const remove = db.prepare(
    `UPDATE endpoint SET deleted_ms = @atMs, updated_ms = @atMs, name = name || '~' || uuid, rev = rev + 1
     WHERE id = @id AND rev = @revision AND deleted_ms IS NULL`,
  );
  const addChange = db.prepare(
    `INSERT INTO endpoint_change(endpoint_id, rev, at_ms, actor, reason, arms, routing, automatic, figures)
     SELECT id, rev, @atMs, @actor, @reason, arms, routing, @automatic, @figures FROM endpoint WHERE id = @id`,
  );
  const changeColumns =
    'rev AS revision, at_ms AS atMs, actor, reason, arms, routing, automatic, figures FROM endpoint_change';
  const changes = db.prepare(
    `SELECT ${changeColumns} WHERE endpoint_id = ? ORDER BY rev DESC LIMIT ${CHANGES}`,
  );
  const changesAfter = db.prepare(`SELECT ${changeColumns} WHERE endpoint_id = ? AND rev > ? ORDER BY rev`);
  const change = db.prepare(`SELECT ${changeColumns} WHERE endpoint_id = ? AND rev = ?`);

  const settle = db.prepare('UPDATE endpoint SET former = NULL WHERE id = @id AND rev = @revision');
  const setCanary = db.prepare('UPDATE endpoint SET canary = @canary WHERE id = @id AND rev = @revision');
  const write = (change: Change, id: number | bigint) =>
    addChange.run({ ...change, id, automatic: +change.automatic, figures: jsonOrNull(change.figures) });

  return {
    list: (): EndpointRecord[] =>
      (list.all() as Row[]).map((row) => ({
        ...withoutColumns(row),
        ...routeIn(row),
        canary: row.canary === null ? null : (JSON.parse(row.canary) as CanaryState),
        former: row.former === null ? null : (JSON.parse(row.former) as Arm[]),
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
        write(change, done.lastInsertRowid);
        return true;
      }),
    /** False when the record's revision is not the present one any more. */
    update: (record: EndpointRecord, change: Change): boolean =>
      inTransaction(db, () => {
        const { id, revision, arms, canary, former, logging, enabled } = record;
        const routing = JSON.stringify(routingOf(record));
        const texts = {
          arms: JSON.stringify(arms),
          routing,
          canary: jsonOrNull(canary),
          former: jsonOrNull(former),
        };
        const values = { id, revision, ...texts, logging: +logging, enabled: +enabled };
        if (update.run({ ...values, atMs: change.atMs }).changes === 0) return false;
        write(change, id);
        return true;
      }),
    remove: (record: EndpointRecord, change: Change): boolean =>
      inTransaction(db, () => {
        const { id, revision } = record;
        if (remove.run({ id, revision, atMs: change.atMs }).changes === 0) return false;
        write(change, id);
        return true;
      }),
    /** What was measured, without a revision. False when the route is another one meanwhile. */
    setCanary: ({ id, revision, canary }: Pick<EndpointRecord, 'id' | 'revision' | 'canary'>): boolean =>
      setCanary.run({ id, revision, canary: jsonOrNull(canary) }).changes > 0,
    /** The present arms are loaded as a whole. */
    settle: ({ id, revision }: Pick<EndpointRecord, 'id' | 'revision'>): void =>
      void settle.run({ id, revision }),
    /** The newest first, so many as anyone looks at: a bandit makes many. */
    changes: (id: number): RouteChange[] => (changes.all(id) as ChangeRow[]).map(toChange),
    /** All of them, oldest first. */
    changesAfter: (id: number, revision: number): RouteChange[] =>
      (changesAfter.all(id, revision) as ChangeRow[]).map(toChange),
    change(id: number, revision: number): RouteChange | null {
      const row = change.get(id, revision) as ChangeRow | undefined;
      return row ? toChange(row) : null;
    },
  };
}

const toChange = (row: ChangeRow): RouteChange => ({
  ...withoutColumns(row),
  route: routeIn(row),
  automatic: row.automatic === 1,
  figures: row.figures === null ? null : (JSON.parse(row.figures) as DecisionFigures),
});

const routingOf = ({ sticky, mode, shadow }: Route): Omit<Route, 'arms'> => ({ sticky, mode, shadow });

const routeIn = ({ arms, routing }: Columns): Route => ({
  arms: JSON.parse(arms) as Arm[],
  ...(JSON.parse(routing) as Omit<Route, 'arms'>),
});

function withoutColumns<Row extends Columns>({ arms: _arms, routing: _routing, ...rest }: Row) {
  return rest;
}

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
