/** SQL of activities. */
import type { Activity } from '../../../contract/activity.ts';
import type { ErrorReport } from '../../../contract/errors.ts';
import type { Database } from '../../data/database.ts';

type Row = {
  id: string;
  kind: Activity['kind'];
  title: string;
  detail: string;
  state: Activity['state'];
  progress: number | null;
  started_ms: number;
  ended_ms: number | null;
  error: string | null;
  href: string | null;
};
/** Whether it can be cancelled is a matter of this process, not of the database. */
type StoredActivity = Omit<Activity, 'cancellable'>;

export type ActivityStore = {
  save(activity: StoredActivity): void;
  list(limit: number): StoredActivity[];
  running(): StoredActivity[];
  trim(keep: number): void;
};

export function createActivityStore(db: Database): ActivityStore {
  const columns = 'id, kind, title, detail, state, progress, started_ms, ended_ms, error, href';
  const save = db.prepare(
    `INSERT INTO activity(${columns}) VALUES (:id, :kind, :title, :detail, :state, :progress, :startedMs, :endedMs, :error, :href)
     ON CONFLICT(id) DO UPDATE SET title = excluded.title, detail = excluded.detail, state = excluded.state,
       progress = excluded.progress, ended_ms = excluded.ended_ms, error = excluded.error, href = excluded.href`,
  );
  const list = db.prepare(
    `SELECT ${columns} FROM activity ORDER BY state <> 'running', started_ms DESC, id DESC LIMIT ?`,
  );
  const running = db.prepare(`SELECT ${columns} FROM activity WHERE state = 'running'`);
  const trim = db.prepare(
    'DELETE FROM activity WHERE id NOT IN (SELECT id FROM activity ORDER BY started_ms DESC, id DESC LIMIT ?)',
  );
  return {
    save: (activity) =>
      void save.run({ ...activity, error: activity.error && JSON.stringify(activity.error) }),
    list: (limit) => (list.all(limit) as Row[]).map(fromRow),
    running: () => (running.all() as Row[]).map(fromRow),
    trim: (keep) => void trim.run(keep),
  };
}

const fromRow = (row: Row): StoredActivity => ({
  id: row.id,
  kind: row.kind,
  title: row.title,
  detail: row.detail,
  state: row.state,
  progress: row.progress,
  startedMs: row.started_ms,
  endedMs: row.ended_ms,
  error: row.error === null ? null : (JSON.parse(row.error) as ErrorReport),
  href: row.href,
});
