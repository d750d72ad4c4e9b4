/** How far the sample is: the fact `sample` of the workspace is absent, "pending" or "1" (Workspace.markSample). */
import type { Database } from '../../data/database.ts';

export function createSampleStore(db: Database) {
  const read = db.prepare("SELECT value FROM workspace WHERE key = 'sample'").pluck();
  const begin = db.prepare("INSERT OR IGNORE INTO workspace(key, value) VALUES ('sample', 'pending')");
  return {
    state: (): 'absent' | 'pending' | 'done' => {
      const value = read.get() as string | undefined;
      if (value === undefined) return 'absent';
      return value === '1' ? 'done' : 'pending';
    },
    begin: (): void => void begin.run(),
  };
}
