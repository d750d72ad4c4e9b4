/** SQL of the channels that messages go to, and of the messages that wait for them. */
import type { Channel } from '../../../contract/alerts.ts';
import type { Database } from '../../data/database.ts';

export type ChannelRecord = Channel & {
  /** Not before; 0 for at once. */
  holdMs: number;
  /** Tries in a row that failed. */
  fails: number;
};
export type MessageKind = 'opened' | 'resolved' | 'still';
export type Message = { seq: number; alertId: string; what: MessageKind };

type ChannelRow = Omit<ChannelRecord, 'enabled' | 'last'> & {
  enabled: number;
  lastMs: number | null;
  lastOk: number | null;
  lastDetail: string | null;
};

export type ChannelsStore = ReturnType<typeof createChannelsStore>;

const MOST_AT_ONCE = 200;

export function createChannelsStore(db: Database) {
  const columns = `id, kind, name, host, min_severity AS minSeverity, enabled, hold_ms AS holdMs, fails, last_ms AS lastMs,
    last_ok AS lastOk, last_detail AS lastDetail FROM alert_channel`;
  const list = db.prepare(`SELECT ${columns} ORDER BY created_ms, id`);
  const find = db.prepare(`SELECT ${columns} WHERE id = ?`);
  // Another address, or switched on again: it begins anew.
  const put = db.prepare(
    `INSERT INTO alert_channel(id, kind, name, host, min_severity, enabled, created_ms)
     VALUES (@id, @kind, @name, @host, @minSeverity, @enabled, @nowMs)
     ON CONFLICT(id) DO UPDATE SET kind = excluded.kind, name = excluded.name, host = excluded.host,
       min_severity = excluded.min_severity, enabled = excluded.enabled, hold_ms = 0, fails = 0`,
  );
  const drop = db.prepare('DELETE FROM alert_channel WHERE id = ?');
  const dropMessages = db.prepare('DELETE FROM alert_message WHERE channel_id = ?');
  const tried = db.prepare(
    'UPDATE alert_channel SET last_ms = ?, last_ok = ?, last_detail = ?, hold_ms = ?, fails = ? WHERE id = ?',
  );

  const enqueue = db.prepare(
    `INSERT INTO alert_message(channel_id, alert_id, endpoint_id, what, round, state, due_ms, created_ms)
     VALUES (@channelId, @alertId, @endpointId, @what, @round, 'waiting', @dueMs, @nowMs) ON CONFLICT DO NOTHING`,
  );
  // After the last one, and not after how many there are: the oldest are removed.
  const nextRound = db
    .prepare(
      'SELECT coalesce(max(round) + 1, 0) FROM alert_message WHERE channel_id = ? AND alert_id = ? AND what = ?',
    )
    .pluck();
  const told = db
    .prepare(
      "SELECT max(created_ms) FROM alert_message WHERE channel_id = ? AND alert_id = ? AND what <> 'resolved'",
    )
    .pluck();
  // What an explained alert would say waits until nothing explains it any more.
  const heard = `FROM alert_message m JOIN alert a ON a.id = m.alert_id
    WHERE m.state = 'waiting' AND m.channel_id = @channelId AND (a.explained_by IS NULL OR m.what = 'resolved')
      AND coalesce(a.snoozed_ms, 0) <= @nowMs`;
  const due = db
    .prepare(`SELECT DISTINCT m.endpoint_id ${heard} AND m.due_ms <= @nowMs ORDER BY m.due_ms`)
    .pluck();
  const waiting = db.prepare(
    `SELECT m.seq, m.alert_id AS alertId, m.what ${heard} AND m.endpoint_id = @endpointId ORDER BY m.seq LIMIT ${MOST_AT_ONCE}`,
  );
  const settle = db.prepare("UPDATE alert_message SET state = ? WHERE seq = ? AND state = 'waiting'");
  // Opened and never told of: that it is over is of no interest either.
  const forget = db.prepare(
    "UPDATE alert_message SET state = 'dropped' WHERE alert_id = ? AND state = 'waiting' AND what <> 'resolved'",
  );
  const wasTold = db
    .prepare(
      "SELECT 1 FROM alert_message WHERE channel_id = ? AND alert_id = ? AND what <> 'resolved' AND state IN ('waiting', 'sent')",
    )
    .pluck();
  // A clock that went back must not leave messages due in a far future.
  const ahead = db
    .prepare(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM alert_message WHERE state = 'waiting' AND due_ms > @mostMs)
         OR EXISTS (SELECT 1 FROM alert_channel WHERE hold_ms > @mostMs)`,
    )
    .pluck();
  const clamp = db.prepare(
    "UPDATE alert_message SET due_ms = @mostMs WHERE state = 'waiting' AND due_ms > @mostMs",
  );
  const clampHold = db.prepare('UPDATE alert_channel SET hold_ms = @mostMs WHERE hold_ms > @mostMs');
  const prune = db.prepare("DELETE FROM alert_message WHERE state <> 'waiting' AND created_ms < ?");

  return {
    list: (): ChannelRecord[] => (list.all() as ChannelRow[]).map(toChannel),
    find(id: string): ChannelRecord | null {
      const row = find.get(id) as ChannelRow | undefined;
      return row ? toChannel(row) : null;
    },
    put: (channel: Omit<Channel, 'last'>, nowMs: number): void =>
      void put.run({ ...channel, enabled: +channel.enabled, nowMs }),
    drop(id: string): boolean {
      dropMessages.run(id);
      return drop.run(id).changes > 0;
    },
    tried: (id: string, last: NonNullable<Channel['last']>, holdMs: number, fails: number): void =>
      void tried.run(last.atMs, +last.ok, last.detail, holdMs, fails, id),
    /** Call in the transaction of what it tells of. The same thing again is the next round of it. */
    enqueue(
      given: { channelId: string; alertId: string; endpointId: number; what: MessageKind; dueMs: number },
      nowMs: number,
    ): void {
      const round = nextRound.get(given.channelId, given.alertId, given.what) as number;
      enqueue.run({ ...given, round, nowMs });
    },
    /** When an alert was last told of or put into the queue; null when never. */
    toldMs: (channelId: string, alertId: string): number | null =>
      told.get(channelId, alertId) as number | null,
    wasTold: (channelId: string, alertId: string): boolean => wasTold.get(channelId, alertId) !== undefined,
    /** Endpoints of which something is due on a channel. */
    due: (channelId: string, nowMs: number): number[] => due.all({ channelId, nowMs }) as number[],
    waiting: (channelId: string, endpointId: number, nowMs: number): Message[] =>
      waiting.all({ channelId, endpointId, nowMs }) as Message[],
    settle: (seq: number, state: 'sent' | 'given-up' | 'dropped'): void => void settle.run(state, seq),
    forget: (alertId: string): void => void forget.run(alertId),
    /** Something is due later than anything can be. */
    isAhead: (mostMs: number): boolean => ahead.get({ mostMs }) !== undefined,
    clamp(mostMs: number): void {
      clamp.run({ mostMs });
      clampHold.run({ mostMs });
    },
    prune: (beforeMs: number): void => void prune.run(beforeMs),
  };
}

const toChannel = ({ lastMs, lastOk, lastDetail, enabled, ...row }: ChannelRow): ChannelRecord => ({
  ...row,
  enabled: enabled === 1,
  last: lastMs === null ? null : { atMs: lastMs, ok: lastOk === 1, detail: lastDetail ?? '' },
});
