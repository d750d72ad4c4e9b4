/**
 * A deterministic simulation of one device under load, on a virtual clock. The scheduler in it is the real
 * batcher; arrivals, the device and the rival policies are made up, from fixed seeds.
 *
 * A batch of n rows takes (b + a·n) times a lognormal factor. Requests come as a Poisson stream or in bursts.
 */
import { LatheError } from '../../contract/errors.ts';
import type { EndpointSpec } from '../../platform/link.ts';
import type { QueueSettings } from '../gateway/batch-policy.ts';
import { createBatcher } from '../gateway/batcher.ts';
import type { Batch, Batcher, BatcherLimits } from '../gateway/batcher-types.ts';
import type { Job, JobResult } from '../gateway/job.ts';
import type { Limits, ServedModel } from '../gateway/served-model.ts';
import { type Answered, createShadows } from '../gateway/shadow.ts';
import type { RivalPolicy } from './rival-policies.ts';
import { createVirtualClock, normalOf, randomOf, type VirtualClock } from './virtual-clock.ts';

export type DeviceModel = { baseMs: number; rowMs: number; sigma: number };
export type Load = {
  /** Requests a second, on average. */
  rate: number;
  requests: number;
  seed: number;
  /** Three times the rate for 100 ms, half of it for 400 ms; both lengths random with these means. */
  bursty?: boolean;
};
export type SimResult = {
  p50Ms: number;
  p99Ms: number;
  /** Answers within the target, a second. */
  goodput: number;
  answered: number;
  refused: number;
  meanBatch: number;
  /** Requests that were run on the shadow too. */
  shadowed: number;
  /** By model version. */
  byKey: Record<string, { answered: number; refused: number; deviceMs: number }>;
};

export const DEVICE: DeviceModel = { baseMs: 4, rowMs: 0.5, sigma: 0.05 };
export const SLO_MS = 50;
export const MAX_ROWS = 32;

/** When the requests of a load come, milliseconds from its begin. */
export function arrivals(load: Load): number[] {
  const random = randomOf(load.seed);
  const exponential = (mean: number) => -mean * Math.log(1 - random());
  const times: number[] = [];
  let atMs = 0;
  let high = false;
  let phaseEndMs = load.bursty ? exponential(400) : Number.POSITIVE_INFINITY;
  while (times.length < load.requests) {
    const rate = load.bursty ? load.rate * (high ? 3 : 0.5) : load.rate;
    const nextMs = atMs + exponential(1000 / rate);
    if (nextMs > phaseEndMs) {
      // Memoryless: the wait begins anew with the phase.
      atMs = phaseEndMs;
      high = !high;
      phaseEndMs = atMs + exponential(high ? 100 : 400);
      continue;
    }
    atMs = nextMs;
    times.push(atMs);
  }
  return times;
}

/** Draws the duration of a batch. */
export function durations(device: DeviceModel, seed: number): (rows: number) => number {
  const random = randomOf(seed);
  return (rows) => (device.baseMs + device.rowMs * rows) * Math.exp(device.sigma * normalOf(random));
}

const failWith = (code: 'LATHE_SERVING_TIMEOUT' | 'LATHE_SERVING_OVERLOADED') => () => new LatheError(code);
export const simErrors = {
  timeout: failWith('LATHE_SERVING_TIMEOUT'),
  cancelled: () => new LatheError('LATHE_CANCELLED'),
  queueTimeout: () => new LatheError('LATHE_SERVING_QUEUE_TIMEOUT'),
  overloaded: failWith('LATHE_SERVING_OVERLOADED'),
  unavailable: () => new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE'),
  lost: () => new LatheError('LATHE_SERVING_RUNNER_LOST'),
  internal: () => new LatheError('LATHE_INTERNAL'),
};

export const simSettings = (part: Partial<QueueSettings> = {}): QueueSettings => ({
  batchable: true,
  maxBatchRows: MAX_ROWS,
  sloMs: SLO_MS,
  maxQueueRows: 4_096,
  priority: 2,
  weight: 1,
  padded: false,
  ...part,
});

export const simLimits = (part: Partial<BatcherLimits> = {}): BatcherLimits => ({
  maxQueueDelayUs: 0,
  maxQueueBytes: 1e9,
  requestTimeoutMs: 10_000,
  pipeline: 1,
  ...part,
});

/** The real batcher on a virtual clock, its dispatches given to `dispatch`. */
export function simBatcher<Payload, Result>(
  time: VirtualClock,
  dispatch: (batch: Batch<Payload>, batcher: Batcher<Payload, Result>) => void,
  stuck: (key: string) => void = () => {},
  lagMs = 0,
): Batcher<Payload, Result> {
  const batcher: Batcher<Payload, Result> = createBatcher<Payload, Result>({
    clock: time.clock,
    setTimer: (ms, callback) => time.at(time.nowMs() + ms, callback),
    defer: (callback) => void time.at(time.nowMs(), callback),
    dispatch: (batch) => dispatch(batch, batcher),
    stuck,
    errors: simErrors,
    lagMs: () => lagMs,
  });
  return batcher;
}

export type Arm = { key: string; share: number; settings?: Partial<QueueSettings> };

/** The real scheduler under a load, which is split among models at random. */
export function simulateScheduler(
  load: Load,
  options: {
    limits?: Partial<BatcherLimits>;
    device?: DeviceModel;
    arms?: readonly Arm[];
    /** Every request is to be run on another version of the model too, by the real shadows. */
    shadowed?: boolean;
  } = {},
): SimResult {
  const time = createVirtualClock();
  const takes = durations(options.device ?? DEVICE, load.seed + 1);
  const split = randomOf(load.seed + 2);
  const arms = options.arms ?? [{ key: 'm@1', share: 1 }];
  const record = recorder(load);
  // A device works through what it was sent in order.
  let freeMs = 0;
  const batcher = simBatcher<unknown, typeof NOTHING>(time, (batch) => {
    const tookMs = takes(batch.paddedRows);
    if (batch.key === SHADOW.key) record.shadow(batch.rows);
    else record.batch(batch.rows, batch.key, tookMs);
    freeMs = Math.max(freeMs, time.nowMs()) + tookMs;
    time.at(freeMs, () =>
      batcher.finish(
        batch.id,
        batch.payloads.map(() => NOTHING),
      ),
    );
  });
  batcher.configure(simLimits(options.limits));
  for (const { key, settings } of arms) batcher.open(key, simSettings(settings));
  const shadows = options.shadowed ? simShadows(time, batcher) : null;
  for (const atMs of arrivals(load))
    time.at(atMs, () => {
      let left = split();
      const arm = arms.find(({ share }) => {
        left -= share;
        return left < 0;
      });
      const { key } = arm ?? (arms[0] as Arm);
      shadows?.busy();
      batcher.submit({
        key,
        shapeKey: '',
        rows: 1,
        bytes: 1,
        payload: 0,
        settle: ({ ok }) => {
          if (!ok) return record.refusal(key);
          record.answer(time.nowMs() - atMs, key);
          shadows?.answered(key);
        },
      });
    });
  while (time.step());
  return record.result();
}

/** What a batch comes to, for everyone in it. */
const NOTHING = { outputs: [] } as unknown as JobResult;
const SHADOW = { key: 'm@shadow', version: 'shadow' };

/** The real shadows of all arms, on the simulated device. */
function simShadows(time: VirtualClock, batcher: Batcher<unknown, JobResult>) {
  const served = { state: 'ready', session: 1, spec: { key: SHADOW.key, tuning: { sloMs: SLO_MS } } };
  const shadows = createShadows({
    clock: time.clock,
    batcher: batcher as unknown as Batcher<Job, JobResult>,
    model: () => served as unknown as ServedModel,
    setTimer: (ms, callback) => time.at(time.nowMs() + ms, callback),
  });
  const endpoint = { name: 'm', model: 'm', shadow: { version: SHADOW.version, fraction: 1 } };
  const request = { rows: 1, bytes: 1, shapeKey: '' };
  batcher.open(SHADOW.key, simSettings());
  shadows.apply([endpoint as unknown as EndpointSpec], {} as Limits);
  // As warm-up runs teach it before a model is ready.
  for (let rows = 1; rows <= MAX_ROWS; rows *= 2)
    batcher.observe(SHADOW.key, rows, DEVICE.baseMs + DEVICE.rowMs * rows);
  return {
    busy: shadows.busy,
    answered(key: string): void {
      const model = { ...served, spec: { ...served.spec, key } };
      shadows.answered({ endpoint, model, request, outputs: [] } as unknown as Answered);
    },
  };
}

/** A rival policy under the same load. */
export function simulateRival(load: Load, policy: RivalPolicy, device = DEVICE): SimResult {
  const time = createVirtualClock();
  const takes = durations(device, load.seed + 1);
  const record = recorder(load);
  /** Those before `head` have left. */
  const queue: number[] = [];
  let head = 0;
  let busy = false;
  let freeMs = 0;
  let unset: (() => void) | null = null;

  const look = () => {
    unset?.();
    unset = null;
    for (;;) {
      const decision = policy.decide({
        nowMs: time.nowMs(),
        rows: queue.length - head,
        oldestMs: queue[head] ?? 0,
        newestMs: queue.at(-1) ?? 0,
        freeMs,
        busy,
      });
      if (decision === null) return;
      if ('lookAgainMs' in decision) {
        unset = time.at(decision.lookAgainMs, look);
        return;
      }
      if ('evictOldest' in decision) {
        head += 1;
        record.refusal();
        continue;
      }
      const batch = queue.slice(head, head + decision.take);
      head += batch.length;
      policy.began?.(batch.map((atMs) => time.nowMs() - atMs));
      record.batch(batch.length);
      busy = true;
      time.at(time.nowMs() + takes(batch.length), () => {
        busy = false;
        freeMs = time.nowMs();
        for (const atMs of batch) record.answer(freeMs - atMs);
        look();
      });
    }
  };
  for (const atMs of arrivals(load))
    time.at(atMs, () => {
      queue.push(atMs);
      look();
    });
  while (time.step());
  return record.result();
}

function recorder(load: Load) {
  const latencies: number[] = [];
  let within = 0;
  let refused = 0;
  let batches = 0;
  let rows = 0;
  let shadowed = 0;
  const byKey: SimResult['byKey'] = {};
  const of = (key: string) => {
    byKey[key] ??= { answered: 0, refused: 0, deviceMs: 0 };
    return byKey[key];
  };
  const lastMs = arrivals(load).at(-1) ?? 1;
  return {
    answer(ms: number, key = '') {
      latencies.push(ms);
      of(key).answered += 1;
      if (ms <= SLO_MS) within += 1;
    },
    refusal(key = '') {
      refused += 1;
      of(key).refused += 1;
    },
    batch(size: number, key = '', ms = 0) {
      of(key).deviceMs += ms;
      batches += 1;
      rows += size;
    },
    shadow(size: number) {
      shadowed += size;
    },
    result(): SimResult {
      latencies.sort((left, right) => left - right);
      const at = (share: number) => latencies[Math.floor(share * latencies.length)] ?? Number.NaN;
      return {
        p50Ms: at(0.5),
        p99Ms: at(0.99),
        goodput: (1000 * within) / lastMs,
        answered: latencies.length,
        refused,
        meanBatch: rows / Math.max(1, batches),
        shadowed,
        byKey,
      };
    },
  };
}
