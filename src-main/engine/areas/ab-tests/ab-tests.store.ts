/** SQL of A/B tests: rewards, feedback that waits, and what tests are counted from. */
import type { AbMetric, AbPlan, RewardItem } from '../../../contract/ab-tests.ts';
import type { Database } from '../../data/database.ts';
import type { Sums } from './moments.rules.ts';

/** What is counted besides the metrics: rows that came to the arm, whichever version answered them. */
export type Counted = AbMetric | 'traffic';
export type SumKey = {
  endpointId: number;
  since: number;
  metric: Counted;
  slot: number;
  period: number;
  arm: string;
};
export type StoredSum = Sums & { slot: number; period: number; arm: string };

export type UnitKey = { endpointId: number; since: number; unit: string; period: number; arm: string };
/** A unit's number of values and their total, of each metric that units are counted for. */
export type UnitRow = {
  /** 1 when an earlier period of the test had met it. */
  back: number;
  trafficN: number;
  rateN: number;
  rateY: number;
  scoreN: number;
  scoreY: number;
  accuracyN: number;
  accuracyY: number;
  rewardN: number;
  rewardY: number;
};

export type Reward = { reward: number; atMs: number };
export type Pending = {
  predictionId: string;
  reward: number | null;
  rewardMs: number | null;
  label: string | null;
  labelMs: number | null;
  receivedMs: number;
};
export type LatencyKind = 'answer' | 'model';

export type AbTestsStore = ReturnType<typeof createAbTestsStore>;

export function createAbTestsStore(db: Database) {
  const reward = db.prepare(
    'SELECT reward, at_ms AS atMs FROM reward WHERE prediction_id = ? ORDER BY seq DESC LIMIT 1',
  );
  const addReward = db.prepare(
    `INSERT INTO reward(prediction_id, endpoint_id, reward, at_ms, received_ms, replaced)
     VALUES (@predictionId, @endpointId, @reward, @atMs, @receivedMs, @replaced)`,
  );
  const confirmReward = db.prepare(
    'UPDATE reward SET at_ms = ? WHERE seq = (SELECT max(seq) FROM reward WHERE prediction_id = ?)',
  );
  const newest = db.prepare(
    `SELECT prediction_id AS predictionId, prediction.arm, CAST(prediction.version AS TEXT) AS version, prediction.unit,
       reward.reward, reward.at_ms AS atMs, reward.received_ms AS receivedMs, reward.replaced IS NOT NULL AS correction
     FROM reward JOIN prediction ON prediction.id = reward.prediction_id
     WHERE reward.endpoint_id = ? ORDER BY reward.seq DESC LIMIT ?`,
  );
  // While its prediction is there, a reward that is sent again must be known.
  const forgetRewards = db.prepare(
    `DELETE FROM reward WHERE seq IN (SELECT seq FROM reward WHERE received_ms < ?
       AND NOT EXISTS (SELECT 1 FROM prediction WHERE prediction.id = reward.prediction_id) ORDER BY received_ms LIMIT ?)`,
  );

  const pending = db.prepare(
    `SELECT prediction_id AS predictionId, reward, reward_ms AS rewardMs, label, label_ms AS labelMs, received_ms AS receivedMs
     FROM feedback_pending WHERE prediction_id = ?`,
  );
  const putPending = db.prepare(
    `INSERT INTO feedback_pending(prediction_id, reward, reward_ms, label, label_ms, received_ms)
     VALUES (@predictionId, @reward, @rewardMs, @label, @labelMs, @receivedMs)
     ON CONFLICT DO UPDATE SET reward = excluded.reward, reward_ms = excluded.reward_ms, label = excluded.label,
       label_ms = excluded.label_ms`,
  );
  const dropPending = db.prepare('DELETE FROM feedback_pending WHERE prediction_id = ?');
  const countPending = db.prepare('SELECT pending FROM feedback_count').pluck();
  const oldestPending = db.prepare('SELECT min(received_ms) FROM feedback_pending').pluck();
  const expire = db.prepare(
    `DELETE FROM feedback_pending WHERE prediction_id IN
       (SELECT prediction_id FROM feedback_pending WHERE received_ms < ? ORDER BY received_ms LIMIT ?)`,
  );
  const addExpired = db.prepare('UPDATE feedback_count SET expired = expired + ?');
  const expired = db.prepare('SELECT expired FROM feedback_count').pluck();

  const unit = db.prepare(
    `SELECT back, traffic_n AS trafficN, rate_n AS rateN, rate_y AS rateY, score_n AS scoreN, score_y AS scoreY,
       accuracy_n AS accuracyN, accuracy_y AS accuracyY, reward_n AS rewardN, reward_y AS rewardY
     FROM ab_unit WHERE endpoint_id = ? AND since = ? AND unit = ? AND period = ? AND arm = ?`,
  );
  const putUnit = db.prepare(
    `INSERT OR REPLACE INTO ab_unit(endpoint_id, since, unit, period, arm, back, traffic_n, rate_n, rate_y, score_n, score_y,
       accuracy_n, accuracy_y, reward_n, reward_y)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const metBefore = db
    .prepare(
      `SELECT EXISTS(SELECT 1 FROM ab_unit WHERE endpoint_id = @endpointId AND since = @since AND unit = @unit AND period < @period)`,
    )
    .pluck();
  const addSum = db.prepare(
    `INSERT INTO ab_sum(endpoint_id, since, metric, slot, period, arm, units, back, n, y, yy, nn, yn)
     VALUES (@endpointId, @since, @metric, @slot, @period, @arm, @units, @back, @n, @y, @yy, @nn, @yn)
     ON CONFLICT DO UPDATE SET units = units + excluded.units, back = back + excluded.back, n = n + excluded.n,
       y = y + excluded.y, yy = yy + excluded.yy, nn = nn + excluded.nn, yn = yn + excluded.yn`,
  );
  const sums = db.prepare(
    `SELECT slot, period, arm, units, back, n, y, yy, nn, yn FROM ab_sum
     WHERE endpoint_id = ? AND since = ? AND metric = ? ORDER BY slot, period`,
  );
  const available = db.prepare(
    'SELECT metric, sum(n) AS n FROM ab_sum WHERE endpoint_id = ? AND since = ? GROUP BY metric',
  );

  const latency = db
    .prepare('SELECT counts FROM ab_latency WHERE endpoint_id = ? AND since = ? AND arm = ? AND kind = ?')
    .pluck();
  const putLatency = db.prepare(
    'INSERT OR REPLACE INTO ab_latency(endpoint_id, since, arm, kind, counts) VALUES (?, ?, ?, ?, ?)',
  );

  const plan = db.prepare(
    'SELECT metric, baseline, min_effect AS minEffect, rev AS revision FROM ab_plan WHERE endpoint_id = ? AND since = ?',
  );
  const putPlan = db.prepare(
    `INSERT INTO ab_plan(endpoint_id, since, metric, baseline, min_effect, updated_ms, rev)
     VALUES (@endpointId, @since, @metric, @baseline, @minEffect, @nowMs, @revision + 1)
     ON CONFLICT DO UPDATE SET metric = excluded.metric, baseline = excluded.baseline, min_effect = excluded.min_effect,
       updated_ms = excluded.updated_ms, rev = excluded.rev WHERE rev = @revision`,
  );
  const forgetUnits = db.prepare(
    `DELETE FROM ab_unit WHERE endpoint_id = @endpointId AND since = @since AND (unit, period, arm) IN
       (SELECT unit, period, arm FROM ab_unit WHERE endpoint_id = @endpointId AND since = @since LIMIT @limit)`,
  );

  return {
    /** The reward that holds; null without one. */
    reward: (predictionId: string): Reward | null => (reward.get(predictionId) as Reward | undefined) ?? null,
    addReward: (
      fact: Reward & {
        predictionId: string;
        endpointId: number;
        receivedMs: number;
        replaced: number | null;
      },
    ): void => void addReward.run(fact),
    /** The reward that holds was said again, of a later time. */
    confirmReward: (predictionId: string, atMs: number): void => void confirmReward.run(atMs, predictionId),
    newest: (endpointId: number, limit: number): RewardItem[] =>
      (newest.all(endpointId, limit) as (Omit<RewardItem, 'correction'> & { correction: number })[]).map(
        (row) => ({ ...row, correction: row.correction === 1 }),
      ),
    forgetRewards: (beforeMs: number, limit: number): number => forgetRewards.run(beforeMs, limit).changes,

    pending: (predictionId: string): Pending | null =>
      (pending.get(predictionId) as Pending | undefined) ?? null,
    putPending: (item: Pending): void => void putPending.run(item),
    dropPending: (predictionId: string): void => void dropPending.run(predictionId),
    pendingCount: (): number => countPending.get() as number,
    oldestPendingMs: (): number | null => oldestPending.get() as number | null,
    /** Gives up at most `limit` items received before; returns how many. Call in a transaction. */
    expire(beforeMs: number, limit: number): number {
      const gone = expire.run(beforeMs, limit).changes;
      if (gone > 0) addExpired.run(gone);
      return gone;
    },
    expired: (): number => expired.get() as number,

    unit: (key: UnitKey): UnitRow | null => (unit.get(...partsOf(key)) as UnitRow | undefined) ?? null,
    putUnit(key: UnitKey, row: UnitRow): void {
      const { trafficN, rateN, rateY, scoreN, scoreY, accuracyN, accuracyY, rewardN, rewardY } = row;
      const counts = [trafficN, rateN, rateY, scoreN, scoreY, accuracyN, accuracyY, rewardN, rewardY];
      putUnit.run(...partsOf(key), row.back, ...counts);
    },
    /** Whether an earlier period of the test met the unit. */
    metBefore: ({ arm: _arm, ...key }: UnitKey): boolean => metBefore.get(key) === 1,
    addSum: (key: SumKey, sum: Sums): void => void addSum.run({ ...key, ...sum }),
    /** Oldest slot first. */
    sums: (endpointId: number, since: number, metric: Counted): StoredSum[] =>
      sums.all(endpointId, since, metric) as StoredSum[],
    available: (endpointId: number, since: number): { metric: Counted; n: number }[] =>
      available.all(endpointId, since) as { metric: Counted; n: number }[],

    /** A packed histogram (platform/histogram.ts); empty without values. */
    latency: (endpointId: number, since: number, arm: string, kind: LatencyKind): number[] =>
      JSON.parse((latency.get(endpointId, since, arm, kind) as string | undefined) ?? '[]') as number[],
    putLatency: (endpointId: number, since: number, arm: string, kind: LatencyKind, packed: number[]): void =>
      void putLatency.run(endpointId, since, arm, kind, JSON.stringify(packed)),

    plan: (endpointId: number, since: number): AbPlan | null =>
      (plan.get(endpointId, since) as AbPlan | undefined) ?? null,
    /** False when the plan's revision is not the present one any more. */
    setPlan: (endpointId: number, since: number, next: AbPlan, nowMs: number): boolean =>
      putPlan.run({ endpointId, since, ...next, nowMs }).changes > 0,
    /** Forgets at most `limit` units of a test that is over; its sums stay. */
    forgetUnits: (endpointId: number, since: number, limit: number): number =>
      forgetUnits.run({ endpointId, since, limit }).changes,
  };
}

/** By place and not by name: these two statements run for every row. */
const partsOf = ({ endpointId, since, unit, period, arm }: UnitKey) =>
  [endpointId, since, unit, period, arm] as const;
