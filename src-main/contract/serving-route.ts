/**
 * The route of an endpoint: which versions answer which units, who changes the weights, and which version only
 * watches. Shares are basis points (10,000 is everything).
 */
import { z } from 'zod';
import { ErrorReportSchema, Millis, Revision, Version } from './common.ts';

const FULL = 10_000;
const ArmKey = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** One branch of a route. Weights are basis points and add up to 10,000. */
export const Arm = z.object({ key: ArmKey, version: Version, weight: z.int().min(0).max(FULL) });
export type Arm = z.infer<typeof Arm>;

/** Names of headers and cookies: an HTTP token, in lower case where it is a header. */
const HeaderName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name in lower case');
const CookieName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a cookie name');

/**
 * What a unit is known by: equal units meet the same arm. A request without the named header or cookie is its
 * own unit, by its input.
 */
export const Sticky = z.discriminatedUnion('kind', [
  /** The parameter lathe_unit or the header x-lathe-unit, else x-user-id, else the input. */
  z.object({ kind: z.literal('unit') }),
  z.object({ kind: z.literal('header'), name: HeaderName }),
  z.object({ kind: z.literal('cookie'), name: CookieName }),
  z.object({ kind: z.literal('input') }),
]);
export type Sticky = z.infer<typeof Sticky>;

/** What must hold for a canary to go on. Null does not look at it. */
export const Guardrails = z.object({
  /** Back when P(candidate's error rate > champion's + margin) > confidence, on all requests of the step. */
  errorRate: z.object({ margin: z.number().min(0).max(1), confidence: z.number().gt(0.5).lt(1) }).nullable(),
  /** Back when the candidate's p99 of compute per row is over `ratio` × the champion's, so many windows in a row. */
  latency: z.object({ ratio: z.number().min(1).max(100), windows: z.int().min(1).max(100) }).nullable(),
});
export type Guardrails = z.infer<typeof Guardrails>;

/**
 * What a ramp is held to where nobody chose otherwise. Guardrails are judged in every window: with less confidence too
 * many ramps of versions that are equally good would be taken back.
 */
export const DEFAULT_GUARDRAILS = {
  errorRate: { margin: 0.01, confidence: 0.99 },
  latency: { ratio: 1.5, windows: 3 },
} as const satisfies Guardrails;

export const CanaryPlan = z.object({
  kind: z.literal('canary'),
  champion: ArmKey,
  candidate: ArmKey,
  /** Shares of the candidate, rising. */
  steps: z.array(z.int().min(1).max(FULL)).min(1).max(20),
  /** Each step lasts at least so long and until the candidate answered so many requests. */
  holdSeconds: z
    .int()
    .min(1)
    .max(30 * 86_400),
  minRequests: z.int().min(1).max(1_000_000_000),
  /** Guardrails are judged once a window. */
  windowSeconds: z.int().min(1).max(3_600),
  guardrails: Guardrails,
  /** After the last step: everything to the candidate, or stay there. */
  atEnd: z.enum(['promote', 'hold']),
});
export type CanaryPlan = z.infer<typeof CanaryPlan>;

export const BanditPlan = z.object({
  kind: z.literal('bandit'),
  /** What every arm keeps for exploration, basis points of all traffic. */
  floor: z.int().min(0).max(FULL),
  reward: z.enum(['binary', 'real']),
  /** Weights are worked out anew after so many rewards. */
  everyRewards: z.int().min(1).max(1_000_000),
});
export type BanditPlan = z.infer<typeof BanditPlan>;

/** Who changes the weights: nobody, the canary's controller, or the bandit. */
export const RouteMode = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed') }),
  CanaryPlan,
  BanditPlan,
]);
export type RouteMode = z.infer<typeof RouteMode>;

/** A version that is sent copies and never answers. `fraction` of all requests, whatever the mode. */
export const Shadow = z.object({ version: Version, fraction: z.number().gt(0).max(1) });
export type Shadow = z.infer<typeof Shadow>;

export const Route = z.object({
  arms: z.array(Arm).min(1).max(8),
  sticky: Sticky,
  mode: RouteMode,
  shadow: Shadow.nullable(),
});
export type Route = z.infer<typeof Route>;

/** The route of an endpoint without what is observed of it: change a copy and hand it to setRoute. */
export const routeOf = ({ arms, sticky, mode, shadow }: Route): Route => ({
  arms: arms.map(({ key, version, weight }) => ({ key, version, weight })),
  sticky,
  mode,
  shadow: shadow && { version: shadow.version, fraction: shadow.fraction },
});

export const ArmState = z.enum(['loading', 'ready', 'failed', 'unavailable']);
/** An arm as it is observed. */
export const ObservedArm = Arm.extend({
  state: ArmState,
  error: ErrorReportSchema.nullable(),
  /** The version that answers for it now: the former one until this one is loaded; null when none does. */
  serving: Version.nullable(),
});
export const ObservedShadow = Shadow.extend({ state: ArmState, error: ErrorReportSchema.nullable() });

// ---- canary ------------------------------------------------------------------------------------------

/** What one arm did since the step began. */
export const CanaryArmFigures = z.object({
  key: z.string(),
  version: Version,
  requests: z.int(),
  errors: z.int(),
  /** Of the last judged window, milliseconds in the model per row; null when it had no answers. */
  p99RowMs: z.number().nullable(),
});
export const Verdict = z.object({
  guardrail: z.enum(['error-rate', 'latency']),
  /** `unknown` while there is too little to say. */
  state: z.enum(['quiet', 'warning', 'broken', 'unknown']),
  /** In words, with the numbers. */
  text: z.string(),
});
export type Verdict = z.infer<typeof Verdict>;

export const CanaryFigures = z.object({
  kind: z.literal('canary'),
  step: z.int(),
  /** Share of the candidate meanwhile, basis points. */
  share: z.int(),
  sinceMs: Millis,
  atMs: Millis,
  champion: CanaryArmFigures,
  candidate: CanaryArmFigures,
  verdicts: z.array(Verdict),
});
export type CanaryFigures = z.infer<typeof CanaryFigures>;

export const CanaryStatus = z.enum([
  /** There is a plan and nobody started it. */
  'planned',
  'running',
  /** It runs, and the hold time is over, but too few requests came (or no gateway tells of any). */
  'waiting',
  'paused',
  /** At the last step of a plan that ends there. */
  'held',
  'promoted',
  'rolled-back',
]);
export type CanaryStatus = z.infer<typeof CanaryStatus>;

export const CanaryState = z.object({
  status: CanaryStatus,
  /** Index into the plan's steps. */
  step: z.int(),
  /** When this step began. */
  sinceMs: Millis,
  /** Why it is so, in words. */
  text: z.string(),
  /** As last judged; null before the first window ended. */
  figures: CanaryFigures.nullable(),
});
export type CanaryState = z.infer<typeof CanaryState>;

/** `advance` goes to the next step now, whatever was measured; `rollback` gives the champion everything. */
export const CanaryAction = z.enum(['start', 'pause', 'resume', 'advance', 'rollback']);
export type CanaryAction = z.infer<typeof CanaryAction>;

// ---- bandit ------------------------------------------------------------------------------------------

/** What the bandit's weights were worked out from. */
export const BanditFigures = z.object({
  kind: z.literal('bandit'),
  atMs: Millis,
  rewards: z.int(),
  arms: z.array(
    z.object({
      key: z.string(),
      version: Version,
      rewards: z.int(),
      mean: z.number().nullable(),
      /** Probability that it is the best arm. */
      best: z.number(),
      weight: z.int(),
    }),
  ),
});
export type BanditFigures = z.infer<typeof BanditFigures>;

// ---- history -----------------------------------------------------------------------------------------

export const DecisionFigures = z.discriminatedUnion('kind', [CanaryFigures, BanditFigures]);
export type DecisionFigures = z.infer<typeof DecisionFigures>;

export const RouteChange = z.object({
  revision: Revision,
  atMs: Millis,
  /** A person's name, or `canary` or `bandit` where `automatic`. */
  actor: z.string(),
  automatic: z.boolean(),
  reason: z.string(),
  /** The whole route from then on. */
  route: Route,
  /** What an automatic decision was taken on. */
  figures: DecisionFigures.nullable(),
});
export type RouteChange = z.infer<typeof RouteChange>;

// ---- shadow ------------------------------------------------------------------------------------------

/** How one output of the shadow differs from what the client got. Errors are over all compared values. */
export const ShadowOutput = z.object({
  name: z.string(),
  kind: z.enum(['label', 'number', 'probabilities']),
  /** Rows compared; rows whose shapes differ count as `mismatched` and nowhere else. */
  rows: z.int(),
  mismatched: z.int(),
  /** Share of rows with the same label, or with the largest value at the same place; null for single numbers. */
  agreement: z.number().nullable(),
  maxAbs: z.number().nullable(),
  meanAbs: z.number().nullable(),
  /** |shadow − primary| / max(|primary|, 1e-6). */
  maxRel: z.number().nullable(),
  /** Mean KL(primary ‖ shadow) in nats over rows, where rows sum to 1. */
  meanKl: z.number().nullable(),
});
export type ShadowOutput = z.infer<typeof ShadowOutput>;

const Shown = z.array(z.union([z.number(), z.string()]));
/** One of the rows that differ the most. Wide rows are cut to their first values. */
export const ShadowExample = z.object({
  requestId: z.string(),
  row: z.int(),
  atMs: Millis,
  arm: z.string(),
  version: Version,
  output: z.string(),
  primary: Shown,
  shadow: Shown,
  /** Largest absolute difference; 1 for labels that differ. */
  difference: z.number(),
});
export type ShadowExample = z.infer<typeof ShadowExample>;

/** Since this version became the shadow or the gateway started; it is not kept over a restart. */
export const ShadowReport = z.object({
  version: Version,
  sinceMs: Millis,
  /** Requests the endpoint answered. */
  seen: z.int(),
  /** Of these, taken as copies. */
  sampled: z.int(),
  /** Of these, answered by the shadow and compared: compared / seen is the coverage. */
  compared: z.int(),
  /** Copies that the shadow failed on, and those dropped because the device had no idle time for them. */
  failed: z.int(),
  dropped: z.int(),
  lastError: ErrorReportSchema.nullable(),
  outputs: z.array(ShadowOutput),
  examples: z.array(ShadowExample),
});
export type ShadowReport = z.infer<typeof ShadowReport>;
