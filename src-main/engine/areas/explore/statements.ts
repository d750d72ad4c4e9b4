/** Prepared once for each connection. */
import type { Database } from '../../data/database.ts';

export function statementsOf<Statements>(
  prepare: (db: Database) => Statements,
): (db: Database) => Statements {
  const prepared = new WeakMap<Database, Statements>();
  return (db) => {
    let found = prepared.get(db);
    if (!found) {
      found = prepare(db);
      prepared.set(db, found);
    }
    return found;
  };
}
