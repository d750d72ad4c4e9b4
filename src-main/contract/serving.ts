import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Millis, ModelName, Name, Revision, Version } from './common.ts';

/** One branch of an A/B split. Weights are basis points and add up to 10,000. */
export const Arm = z.object({
  key: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version: Version,
  weight: z.int().min(0).max(10_000),
});
export type Arm = z.infer<typeof Arm>;

export const ArmState = z.enum(['loading', 'ready', 'failed', 'unavailable']);
export const Endpoint = z.object({
  name: Name,
  model: ModelName,
  arms: z.array(Arm.extend({ state: ArmState, error: ErrorReportSchema.nullable() })),
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
  errors: z.int(),
  batches: z.int(),
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

export const RouteChange = z.object({
  revision: Revision,
  atMs: Millis,
  actor: z.string(),
  reason: z.string(),
  arms: z.array(Arm),
});
export type RouteChange = z.infer<typeof RouteChange>;

export const serving = {
  list: oc.output(z.array(Endpoint)),
  get: oc.input(z.object({ name: Name })).output(Endpoint),
  /** Serves a version under a new endpoint name, all traffic to it. */
  create: oc.input(z.object({ name: Name, model: ModelName, version: Version })).output(Endpoint),
  /** Replaces the split; refused when `revision` is not the present one. */
  setSplit: oc
    .input(
      z.object({
        name: Name,
        revision: Revision,
        arms: z.array(Arm).min(1).max(8),
        reason: z.string().max(500).default(''),
      }),
    )
    .output(Endpoint),
  setEnabled: oc.input(z.object({ name: Name, revision: Revision, enabled: z.boolean() })).output(Endpoint),
  setLogging: oc.input(z.object({ name: Name, revision: Revision, logging: z.boolean() })).output(Endpoint),
  remove: oc
    .input(z.object({ name: Name, revision: Revision }))
    .output(z.object({ removed: z.literal(true) })),
  history: oc.input(z.object({ name: Name })).output(z.array(RouteChange)),
  /** The last two minutes, one sample a second, oldest first. */
  recent: oc.input(z.object({ name: Name })).output(z.array(LiveSample)),
  /** One sample a second for as long as it is listened to. */
  live: oc.input(z.object({ name: Name })).output(eventIterator(LiveSample)),
};
