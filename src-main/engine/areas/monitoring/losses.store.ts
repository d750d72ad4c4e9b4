/** What was lost on the way in, kept with the workspace: counted in the transaction that gives it up, so exactly once. */
import type { Database } from '../../data/database.ts';

export type Losses = {
  /** Served rows: for want of room while the engine was away. */
  dropped: number;
  /** At rates at which only a sample is counted. */
  sampledOut: number;
  /** Under an id that another event has. */
  reused: number;
  /** Labels that waited for their prediction and could not be one of it. */
  labels: number;
};
const KINDS = ['dropped', 'sampledOut', 'reused', 'labels'] as const;
const NONE: Losses = { dropped: 0, sampledOut: 0, reused: 0, labels: 0 };

export function createLossesStore(db: Database) {
  const read = db.prepare("SELECT value FROM workspace WHERE key = 'monitoring-losses'").pluck();
  const write = db.prepare(
    `INSERT INTO workspace(key, value) VALUES ('monitoring-losses', ?)
     ON CONFLICT(key) DO UPDATE SET value = excluded.value`,
  );

  /** All since the workspace was made. */
  function all(): Losses {
    const value = read.get() as string | undefined;
    return value === undefined ? NONE : { ...NONE, ...(JSON.parse(value) as Partial<Losses>) };
  }
  const before = all();

  return {
    all,
    /** Those since the store was made, which is when the engine started. */
    sinceStart(): Losses {
      const now = all();
      return combined(now, before, -1);
    },
    /** Call in the transaction in which they are lost. */
    add(lost: Partial<Losses>): void {
      if (KINDS.some((kind) => (lost[kind] ?? 0) > 0))
        write.run(JSON.stringify(combined(all(), { ...NONE, ...lost }, 1)));
    },
  };
}

const combined = (a: Losses, b: Losses, times: 1 | -1): Losses => ({
  dropped: a.dropped + times * b.dropped,
  sampledOut: a.sampledOut + times * b.sampledOut,
  reused: a.reused + times * b.reused,
  labels: a.labels + times * b.labels,
});
