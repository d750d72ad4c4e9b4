import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Millis, ModelName, Name, Revision, Version } from './common.ts';
import { Devices, Provider, ProviderWish } from './devices.ts';
import {
  Arm,
  ArmState,
  CanaryAction,
  CanaryState,
  ObservedArm,
  ObservedShadow,
  Route,
  RouteChange,
  RouteMode,
  ShadowReport,
  Sticky,
} from './serving-route.ts';

export const Endpoint = z.object({
  name: Name,
  model: ModelName,
  arms: z.array(ObservedArm),
  sticky: Sticky,
  mode: RouteMode,
  shadow: ObservedShadow.nullable(),
  /** Where the ramp is, in mode canary; null in every other. */
  canary: CanaryState.nullable(),
  logging: z.boolean(),
  enabled: z.boolean(),
  revision: Revision,
  createdMs: Millis,
  updatedMs: Millis,
  /** Full URL to POST to; null while the gateway is not listening. */
  url: z.string().nullable(),
});
export type Endpoint = z.infer<typeof Endpoint>;

/** One second of one arm. Latencies are gateway-side, in milliseconds. */
export const ArmSample = z.object({
  arm: z.string(),
  version: Version,
  requests: z.int(),
  rows: z.int(),
  /** Answered 5xx, the refused ones among them. */
  errors: z.int(),
  /** Its queue is full; it would be late; the client's own limit passed in the queue; nothing can run it. */
  refused: z.object({
    queueFull: z.int(),
    late: z.int(),
    expired: z.int(),
    unavailable: z.int(),
  }),
  /** Answered 4xx: requests that do not fit the model. */
  invalid: z.int(),
  batches: z.int(),
  /** Batches by rows: of 1, of 2, up to 4, up to 8, and so on; short of what it was not. */
  batchSizes: z.array(z.int()),
  /** Mean rows per batch; 0 without batches. */
  meanBatch: z.number(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  queueMs: z.number().nullable(),
});
export const LiveSample = z.object({
  endpoint: Name,
  atMs: Millis,
  queued: z.int(),
  arms: z.array(ArmSample),
});
export type LiveSample = z.infer<typeof LiveSample>;

/** Which versions of a served model are kept in memory besides those that an endpoint routes to. */
export const VersionPolicy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('routed') }),
  z.object({ kind: z.literal('latest'), count: z.int().min(1).max(100) }),
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('specific'), versions: z.array(Version).min(1).max(100) }),
]);
export type VersionPolicy = z.infer<typeof VersionPolicy>;

/** How the versions of one model are loaded, batched and queued. Null leaves it to Lathe. */
export const ModelTuning = z.object({
  /** False takes them out of memory; their endpoints answer 503 until they are loaded again. */
  loaded: z.boolean(),
  versions: VersionPolicy,
  /** Most rows in one batch. */
  maxBatchRows: z.int().min(1).max(4096).nullable(),
  /** Within which an answer should be there, milliseconds. What would be later is refused at once. */
  sloMs: z.number().min(1).max(600_000).nullable(),
  /** Most rows that may wait. */
  maxQueueRows: z.int().min(1).max(1_000_000).nullable(),
  /** Of requests that name none; 1 is served first. */
  priority: z.int().min(1).max(16).nullable(),
  /** Share of the device when models compete for it; 1 is usual. */
  weight: z.number().min(0.01).max(100).nullable(),
  /** Fill batches up to a power of two; by default on devices that plan anew for every size. */
  padded: z.boolean().nullable(),
  /** Threads of one run on the CPU; by default all cores, or one where a run is over before others would have woken up. */
  threads: z.int().min(1).max(256).nullable(),
  /** What runs it; null is the setting for all. */
  provider: ProviderWish.nullable(),
});
export type ModelTuning = z.infer<typeof ModelTuning>;

export const TunedModel = z.object({ model: ModelName, revision: Revision, tuning: ModelTuning });
export type TunedModel = z.infer<typeof TunedModel>;

/** A version that the gateway holds, as it is observed. */
export const HeldModel = z.object({
  model: ModelName,
  version: Version,
  state: ArmState,
  error: ErrorReportSchema.nullable(),
  loadMs: z.number().nullable(),
  /** What runs it; null until it was loaded. */
  provider: Provider.nullable(),
  /** Why it runs on the CPU though something else was chosen. */
  fallback: z.string().nullable(),
  /** Measured; 0 while it is not in memory, also when it rests until the next request because others needed it. */
  memoryBytes: z.int(),
  /** What its batches were measured to cost: b + a·n milliseconds; null before any ran. */
  estimate: z
    .object({ baseMs: z.number(), rowMs: z.number(), cap: z.int(), rowsPerSecond: z.number() })
    .nullable(),
});
export const Held = z.object({
  /** Null while no gateway is connected. */
  memory: z.object({ usedBytes: z.number(), budgetBytes: z.number() }).nullable(),
  models: z.array(HeldModel),
});
export type Held = z.infer<typeof Held>;

/** Beyond it a request is not for the window but for a program. */
export const TRY_BODY_CHARS = 6 * 1024 * 1024;

/** What the endpoint answered to a request that was tried, as a client meets it. */
export const TryAnswer = z.object({
  status: z.int(),
  /** Arm and version that answered, such as champion@1; null for a refusal before one was chosen. */
  route: z.string().nullable(),
  /** In how many seconds it should be sent again; null where the answer does not say. */
  retryAfter: z.string().nullable(),
  /** From sending it to the whole answer, milliseconds. */
  ms: z.number(),
  body: z.string(),
});
export type TryAnswer = z.infer<typeof TryAnswer>;

export const serving = {
  list: oc.output(z.array(Endpoint)),
  get: oc.input(z.object({ name: Name })).output(Endpoint),
  /** Serves a version under a new endpoint name, all traffic to it. */
  create: oc.input(z.object({ name: Name, model: ModelName, version: Version })).output(Endpoint),
  /**
   * Replaces the route; refused when `revision` is not the present one. A plan that changes is not under way:
   * a canary waits for `start`.
   */
  setRoute: oc
    .input(
      z.object({ name: Name, revision: Revision, route: Route, reason: z.string().max(500).default('') }),
    )
    .output(Endpoint),
  /** Back to the route of a former revision, as a new revision. A canary in it waits for `start`. */
  rollback: oc
    .input(
      z.object({ name: Name, revision: Revision, to: Revision, reason: z.string().max(500).default('') }),
    )
    .output(Endpoint),
  /** Refused with LATHE_SERVING_CANARY_ACTION when the canary is not where the action makes sense. */
  canary: oc
    .input(
      z.object({
        name: Name,
        revision: Revision,
        action: CanaryAction,
        reason: z.string().max(500).default(''),
      }),
    )
    .output(Endpoint),
  /** How the shadow's answers differ; null without a shadow, or before the gateway told anything of it. */
  shadowReport: oc.input(z.object({ name: Name })).output(ShadowReport.nullable()),
  setEnabled: oc.input(z.object({ name: Name, revision: Revision, enabled: z.boolean() })).output(Endpoint),
  setLogging: oc.input(z.object({ name: Name, revision: Revision, logging: z.boolean() })).output(Endpoint),
  remove: oc
    .input(z.object({ name: Name, revision: Revision }))
    .output(z.object({ removed: z.literal(true) })),
  /** Of a registered model; the defaults, with revision 0, before anyone changes them. */
  tuning: oc.input(z.object({ model: ModelName })).output(TunedModel),
  /** Replaces them; refused when `revision` is not the present one. Takes effect without a pause. */
  setTuning: oc.input(TunedModel).output(TunedModel),
  /** Loads or unloads a model's versions, whatever the rest of its tuning. Those that failed are tried again. */
  setLoaded: oc.input(z.object({ model: ModelName, loaded: z.boolean() })).output(TunedModel),
  /** What is in memory on the device. */
  held: oc.output(Held),
  /** What can run models here and what is chosen. Answers at once; `trying` says that more is to come. */
  devices: oc.output(Devices),
  /** Tries everything again, whatever is remembered; answers when it is done. */
  reprobe: oc.output(Devices),
  /** The newest 500, newest first. */
  history: oc.input(z.object({ name: Name })).output(z.array(RouteChange)),
  /** The last two minutes, one sample a second, oldest first. */
  recent: oc.input(z.object({ name: Name })).output(z.array(LiveSample)),
  /** Sends an Open Inference Protocol request to the endpoint as any client would; `arm` forces one. */
  tryIt: oc
    .input(
      z.object({
        name: Name,
        arm: Arm.shape.key.nullable().default(null),
        body: z.string().max(TRY_BODY_CHARS),
      }),
    )
    .output(TryAnswer),
  /** One sample a second for as long as it is listened to. */
  live: oc.input(z.object({ name: Name })).output(eventIterator(LiveSample)),
};
