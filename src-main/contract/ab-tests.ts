/**
 * What an endpoint's split compares. A test begins when the arms (keys and versions) were set up and ends when
 * they are others; changing only the weights begins a new period of the same test. Periods are strata: an arm is
 * compared with the baseline within each, and never across, so that a ramp or a bandit biases nothing.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Id, Millis, ModelName, Name, Revision, Version } from './common.ts';
import { EntityLabel } from './labels.ts';

/**
 * accuracy: labelled rows whose predicted label was right. reward-mean: mean of the rewards that came.
 * reward-rate: served rows that earned a reward above 0; a row without feedback counts as none.
 * error-rate: requests that the server failed. score-mean: mean of the model's score.
 */
export const AbMetric = z.enum(['accuracy', 'reward-mean', 'reward-rate', 'error-rate', 'score-mean']);
export type AbMetric = z.infer<typeof AbMetric>;

/** A stretch of a test in which the weights (basis points by arm) stayed the same. */
export const AbPeriod = z.object({
  /** The endpoint's revision that began it. */
  revision: Revision,
  fromMs: Millis,
  /** Null while it lasts. */
  toMs: Millis.nullable(),
  weights: z.record(z.string(), z.int()),
  actor: z.string(),
  reason: z.string(),
});
export type AbPeriod = z.infer<typeof AbPeriod>;

/** What is asked of a test. To be settled before looking: choosing the metric by its result is no test. */
export const AbPlan = z.object({
  metric: AbMetric,
  /** Key of the arm that the others are compared with. */
  baseline: z.string(),
  /** The smallest difference that would matter, in the metric's own unit; null when none is named. */
  minEffect: z.number().positive().nullable(),
  /** 0 for the defaults that hold until someone sets a plan. */
  revision: Revision,
});
export type AbPlan = z.infer<typeof AbPlan>;

export const AbTest = z.object({
  endpoint: Name,
  model: ModelName,
  /** The endpoint's revision that set the arms up; names the test within its endpoint. */
  since: Revision,
  running: z.boolean(),
  startedMs: Millis,
  endedMs: Millis.nullable(),
  arms: z.array(z.object({ key: z.string(), version: Version, weight: z.int() })),
  periods: z.int(),
  plan: AbPlan,
});
export type AbTest = z.infer<typeof AbTest>;

/** Milliseconds, of a histogram: at most 2.5 % off. `rows` is how many values: of `compute` one for each batch. */
export const AbLatency = z.object({
  rows: z.int(),
  meanMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
});
export type AbLatency = z.infer<typeof AbLatency>;

export const AbArm = z.object({
  key: z.string(),
  version: Version,
  /** At present, basis points. */
  weight: z.int(),
  baseline: z.boolean(),
  /** Who was assigned: distinct units that clients named, and distinct inputs where they named none. */
  units: z.int(),
  /** Rows served and logged. */
  rows: z.int(),
  /** Values of the metric. */
  n: z.int(),
  /** Share of the served rows that have a value; null before any. When arms differ here, compare with care. */
  coverage: z.number().nullable(),
  /** Over the test's periods, weighted alike for each arm; null before any value. */
  mean: z.number().nullable(),
  /** Per unit. */
  sd: z.number().nullable(),
  /** Always-valid interval of the mean; null while there are too few units. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** From arrival to answer. Arms share a device, so each is slower for the other's batches. */
  latency: AbLatency.nullable(),
  /** Inside the model, a batch's time divided by its rows: what to compare models by. */
  compute: AbLatency.nullable(),
});
export type AbArm = z.infer<typeof AbArm>;

/** Sample-ratio mismatch: are the units split as the weights say? Shown first; an alarm blocks the verdict. */
export const AbRatio = z.object({
  arms: z.array(z.object({ key: z.string(), expected: z.number(), observed: z.int() })),
  chiSquare: z.number(),
  degrees: z.int(),
  p: z.number(),
  /** p below 0.001, with enough units for the test to mean something. */
  alarm: z.boolean(),
  /** At least 5 units are expected in each arm. */
  enough: z.boolean(),
});
export type AbRatio = z.infer<typeof AbRatio>;

/** An arm minus the baseline. */
export const AbEffect = z.object({
  arm: z.string(),
  /** Null while there are too few units in either. */
  effect: z.number().nullable(),
  /** Always-valid: the truth stays inside at every look, at 95 % for all arms together. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** As shares of the baseline's mean; null where that cannot be told from 0. */
  relative: z.number().nullable(),
  relativeLow: z.number().nullable(),
  relativeHigh: z.number().nullable(),
  /** Units of both arms that it is computed from. */
  units: z.int(),
  /** Share of the units of both arms that is in it: periods with too few units on a side are left out. */
  used: z.number().nullable(),
});
export type AbEffect = z.infer<typeof AbEffect>;

/**
 * mismatch: the split is broken, nothing else is concluded. empty: no values yet. few: too few to say anything.
 * undecided: the interval holds 0. same: the whole interval is within the smallest difference that matters.
 * better, worse: the interval is on one side of 0. different: so it is, of a metric that is neither good nor bad.
 */
export const AbVerdict = z.object({
  kind: z.enum(['mismatch', 'empty', 'few', 'undecided', 'same', 'better', 'worse', 'different']),
  /** The arm that it is about; null when it is about all. */
  arm: z.string().nullable(),
  /** One short sentence. */
  title: z.string(),
  /** Two or three: the figures, and what to do. */
  text: z.string(),
});
export type AbVerdict = z.infer<typeof AbVerdict>;

/** How much more is needed to see `minEffect`. */
export const AbNeed = z.object({
  minEffect: z.number(),
  /** Units in each arm for one look at a set time with 80 % power: 16 σ² / δ². */
  perArm: z.int(),
  /** The same for intervals that may be looked at whenever one likes. */
  perArmSequential: z.int(),
  /** Units in the smallest arm so far. */
  collected: z.int(),
  /** Of perArmSequential. */
  remaining: z.int(),
  /** At the pace of the test so far; null when it cannot be known. */
  remainingMs: Millis.nullable(),
});
export type AbNeed = z.infer<typeof AbNeed>;

export const AbResult = z.object({
  test: AbTest,
  metric: AbMetric,
  baseline: z.string(),
  minEffect: z.number().nullable(),
  /** Which way is good. */
  good: z.enum(['higher', 'lower', 'neither']),
  confidence: z.number(),
  ratio: AbRatio.nullable(),
  arms: z.array(AbArm),
  /** One for each arm but the baseline, in the order of the arms. */
  effects: z.array(AbEffect),
  verdict: AbVerdict,
  /** Null without a smallest difference, or before there are values. */
  need: AbNeed.nullable(),
  /** Values there are of each metric, to choose from. */
  available: z.array(z.object({ metric: AbMetric, n: z.int() })),
  /** What a careful reader should know, in plain words: what counts as independent, what is left out. */
  notes: z.array(z.string()),
  atMs: Millis,
});
export type AbResult = z.infer<typeof AbResult>;

/** The interval as it was at that time, for one arm against the baseline. */
export const AbPoint = z.object({
  atMs: Millis,
  units: z.int(),
  effect: z.number(),
  low: z.number(),
  high: z.number(),
});
export const AbSeries = z.array(z.object({ arm: z.string(), points: z.array(AbPoint) }));
export type AbSeries = z.infer<typeof AbSeries>;

/** The state of a bandit's weights: the figures behind the last change. */
export const AbBandit = z.object({
  /** The least share of traffic an arm with any keeps, basis points. */
  floor: z.int(),
  reward: z.enum(['binary', 'real']),
  /** Rewards after which the weights are computed anew. */
  every: z.int(),
  /** Rewards since they were. */
  since: z.int(),
  computedMs: Millis.nullable(),
  arms: z.array(
    z.object({
      key: z.string(),
      rewards: z.int(),
      mean: z.number().nullable(),
      /** That its mean reward is the highest. */
      best: z.number(),
      weight: z.int(),
    }),
  ),
});
export type AbBandit = z.infer<typeof AbBandit>;

/** One item of feedback: a reward, a label, or both, on one predicted row. */
export const Feedback = z
  .object({
    /** The id that the inference answer has. */
    requestId: z.string().min(1).max(1024).optional(),
    /** Which row of that request, from 0; only of a request with several. */
    row: z.int().min(0).max(1_000_000).optional(),
    /** Instead of both: the id of the logged prediction, "<request>#<row>" for one of several rows. */
    predictionId: Id.optional(),
    /**
     * Or the unit that the client named: the label joins its newest prediction by `endpoint` in [atMs − withinMs, atMs]
     * that no label by entity has joined (labels.ts).
     */
    entity: EntityLabel.shape.entity.optional(),
    endpoint: Name.optional(),
    withinMs: EntityLabel.shape.withinMs.optional(),
    reward: z.number().min(-1e9).max(1e9).optional(),
    label: z.string().min(1).max(200).optional(),
    /** When it was observed. One that contradicts what is known replaces it only with a later time. */
    atMs: Millis.optional(),
  })
  .refine(
    ({ requestId, predictionId, entity }) =>
      [requestId, predictionId, entity].filter((key) => key !== undefined).length === 1,
    { message: 'give either requestId or predictionId, or an entity' },
  )
  .refine(
    ({ entity, endpoint, withinMs, atMs, label, reward, row }) =>
      entity === undefined
        ? endpoint === undefined && withinMs === undefined
        : ![endpoint, withinMs, atMs, label].includes(undefined) && reward === undefined && row === undefined,
    { message: 'an entity comes with endpoint, atMs, withinMs and label, and with no reward' },
  )
  .refine((item) => item.reward !== undefined || item.label !== undefined, {
    message: 'give a reward, a label, or both',
  });
export type Feedback = z.infer<typeof Feedback>;
export const FEEDBACK_ITEMS = 1000;

/**
 * joined: it counts now (also when it replaced an older one). pending: its prediction is not known yet; it counts
 * when that comes, within a day. duplicate: known already, nothing but its time changed. conflict: it contradicts what is known
 * and does not say a later time; nothing changed. refused: it cannot be taken, and `error` says why.
 */
export const FeedbackState = z.enum(['joined', 'pending', 'duplicate', 'conflict', 'refused']);
export type FeedbackState = z.infer<typeof FeedbackState>;
export const FeedbackResult = z.object({ state: FeedbackState, error: ErrorReportSchema.nullable() });
export type FeedbackResult = z.infer<typeof FeedbackResult>;

/** A reward as it came in. */
export const RewardItem = z.object({
  predictionId: Id,
  arm: z.string(),
  version: Version,
  unit: z.string().nullable(),
  reward: z.number(),
  atMs: Millis,
  receivedMs: Millis,
  /** It replaced an earlier one of the same prediction. */
  correction: z.boolean(),
});
export type RewardItem = z.infer<typeof RewardItem>;

const Which = z.object({
  endpoint: Name,
  /** A test of the past; the present one by default. */
  since: Revision.optional(),
});

export const abTests = {
  /** Newest first; of all endpoints or of one. An endpoint with a single arm has no present test. */
  list: oc.input(z.object({ endpoint: Name.optional() }).default({})).output(z.array(AbTest)),
  /** Oldest first; the newest 500. */
  periods: oc.input(Which).output(z.array(AbPeriod)),
  /** By the test's plan, or by what is given instead. LATHE_NOT_FOUND when the endpoint has no such test. */
  result: oc
    .input(
      Which.extend({
        metric: AbMetric.optional(),
        baseline: z.string().optional(),
        minEffect: z.number().positive().nullable().optional(),
      }),
    )
    .output(AbResult),
  /** Oldest first, closer together at the beginning of the test; at most about 500 points an arm. */
  series: oc
    .input(Which.extend({ metric: AbMetric.optional(), baseline: z.string().optional() }))
    .output(AbSeries),
  /** LATHE_CONFLICT when the plan was changed since `revision`. */
  setPlan: oc.input(z.object({ endpoint: Name, since: Revision, plan: AbPlan })).output(AbPlan),
  /** Null when the endpoint's weights are not a bandit's. */
  bandit: oc.input(z.object({ endpoint: Name })).output(AbBandit.nullable()),
  /** Results in the order of the items, after they are committed. Sending them again changes nothing. */
  feedback: oc
    .input(z.object({ items: z.array(Feedback).min(1).max(FEEDBACK_ITEMS) }))
    .output(z.object({ results: z.array(FeedbackResult) })),
  /** The newest rewards of an endpoint. */
  rewards: oc
    .input(z.object({ endpoint: Name, limit: z.int().min(1).max(200).default(50) }))
    .output(z.array(RewardItem)),
  /** Feedback that waits for its prediction, and what waited in vain. */
  pending: oc.output(
    z.object({
      items: z.int(),
      most: z.int(),
      oldestMs: Millis.nullable(),
      /** Given up since the workspace was made, because no prediction of that id came within a day. */
      expired: z.int(),
    }),
  ),
};
