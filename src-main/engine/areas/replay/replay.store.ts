/** SQL of the replay: one row, which says everything that going on after a crash needs. */
import type { Database } from '../../data/database.ts';
import type { Position } from './replay.rules.ts';

export type ReplayRecord = {
  endpointId: number;
  source: string;
  blob: string;
  pass: number;
  fromMs: number;
  toMs: number;
  nowMs: number;
  speed: number;
  running: boolean;
  sent: number;
  failed: number;
  labels: number;
  total: number;
};

export function createReplayStore(db: Database) {
  const get = db.prepare(
    `SELECT endpoint_id AS endpointId, source, blob, pass, from_ms AS fromMs, to_ms AS toMs, now_ms AS nowMs, speed, running,
       sent, failed, labels, total FROM replay WHERE id = 1`,
  );
  const put = db.prepare(
    `INSERT INTO replay(id, endpoint_id, source, blob, pass, from_ms, to_ms, now_ms, speed, running, sent, failed, labels, total)
     VALUES (1, @endpointId, @source, @blob, @pass, @fromMs, @toMs, @nowMs, @speed, @running, @sent, @failed, @labels, @total)
     ON CONFLICT(id) DO UPDATE SET endpoint_id = excluded.endpoint_id, source = excluded.source, blob = excluded.blob,
       pass = excluded.pass, from_ms = excluded.from_ms, to_ms = excluded.to_ms, now_ms = excluded.now_ms, speed = excluded.speed,
       running = excluded.running, sent = excluded.sent, failed = excluded.failed, labels = excluded.labels, total = excluded.total`,
  );
  const position = db.prepare(
    'UPDATE replay SET now_ms = @ms, sent = @sent, failed = @failed WHERE id = 1 AND pass = @pass',
  );
  const running = db.prepare('UPDATE replay SET running = ? WHERE id = 1');
  const speed = db.prepare('UPDATE replay SET speed = ? WHERE id = 1');
  const labels = db.prepare('UPDATE replay SET labels = labels + ? WHERE id = 1');
  const rewind = db.prepare(
    'UPDATE replay SET pass = pass + 1, now_ms = from_ms, sent = 0, failed = 0, labels = 0 WHERE id = 1',
  );

  return {
    get(): ReplayRecord | null {
      const row = get.get() as (Omit<ReplayRecord, 'running'> & { running: number }) | undefined;
      return row ? { ...row, running: row.running === 1 } : null;
    },
    put: (record: ReplayRecord): void => void put.run({ ...record, running: +record.running }),
    setPosition: (pass: number, at: Position): void => void position.run({ ...at, pass }),
    setRunning: (on: boolean): void => void running.run(+on),
    setSpeed: (value: number): void => void speed.run(value),
    addLabels: (count: number): void => void labels.run(count),
    rewind: (): void => void rewind.run(),
  };
}
