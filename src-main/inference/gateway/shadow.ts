/**
 * Shadows: copies of answered requests, run on another version when the device has nothing else to do, and
 * compared. A copy is taken after its answer was handed to the socket, waits in a bounded ring, is tried once and
 * counts nowhere but here. Nobody waits for it: it only begins on a device that was idle for a moment, in batches
 * that are expected to take a tenth of the target at most.
 */
import { LatheError } from '../../contract/errors.ts';
import type { ShadowReport } from '../../contract/serving-route.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EndpointSpec } from '../../platform/link.ts';
import { namesOf } from '../model-key.ts';
import type { Batcher, Outcome } from './batcher-types.ts';
import type { Job, JobResult } from './job.ts';
import type { InferRequest, OutputTensor } from './request.ts';
import type { Limits, ServedModel } from './served-model.ts';
import { type Compared, createShadowDiff, type KeptOutput, type ShadowDiff } from './shadow-diff.ts';

export type Shadows = {
  /** What is watched from now on; another version begins from nothing. */
  apply(endpoints: readonly EndpointSpec[], limits: Limits): void;
  /** A request that someone waits for is about to be queued. */
  busy(): void;
  /** A request by the route was answered. */
  answered(of: Answered): void;
  /** Those that changed since they were last asked for. */
  changed(): EndpointReport[];
  /** All of them are new to whoever asks next. */
  rewind(): void;
  close(): void;
};

export type Answered = Omit<Compared, 'rows'> & {
  endpoint: EndpointSpec;
  /** Of the version that answered. */
  model: ServedModel;
  request: InferRequest;
  outputs: readonly OutputTensor[];
};
export type EndpointReport = { endpoint: string; report: ShadowReport };

type Ports = {
  clock: Clock;
  batcher: Pick<Batcher<Job, JobResult>, 'runAside' | 'estimate' | 'largestBatch'>;
  model(key: string): ServedModel | undefined;
  setTimer(ms: number, callback: () => void): () => void;
};

type Copy = Compared & {
  shadow: Shadow;
  request: InferRequest;
  outputs: KeptOutput[];
  /** Copies of one kind can share a batch. */
  kind: string;
  allowedMs: number;
  bytes: number;
};
type Shadow = {
  key: string;
  fraction: number;
  report: Omit<ShadowReport, 'outputs' | 'examples'>;
  diff: ShadowDiff;
  /** It is not run any more. */
  stopped: boolean;
  dirty: boolean;
};

/** Nobody has asked or been answered for so long before a copy begins. */
const IDLE_MS = 2;
const LOOK_MS = 5;
const RING_COPIES = 256;
const RING_BYTES = 32 * 1024 * 1024;
const COPY_BYTES = 4 * 1024 * 1024;
/** Comparing more would hold up other people's answers. */
const COPY_VALUES = 32 * 1024;
const SHARE_OF_TARGET = 0.1;
/** Where no target is set. */
const TARGET_MS = 500;
/** One that took so many times longer than allowed rests for so many times what it took. */
const OVERRUN = 3;
const REST_FACTOR = 50;
/** Fractional part of the golden ratio: its multiples spread evenly, so that any traffic is sampled fairly. */
const GOLDEN = 0.618_033_988_749_894_8;

export function createShadows(ports: Ports): Shadows {
  const { clock, batcher } = ports;
  const shadows = new Map<string, Shadow>();
  let limits: Pick<Limits, 'sloMs'> = {};
  let ring: Copy[] = [];
  let ringBytes = 0;
  let busyMs = Number.NEGATIVE_INFINITY;
  let restUntilMs = Number.NEGATIVE_INFINITY;
  let running = false;
  let cancelTimer: (() => void) | null = null;
  let phase = 0;

  const drop = (copy: Copy) => {
    ringBytes -= copy.bytes;
    copy.shadow.report.dropped += 1;
    copy.shadow.dirty = true;
  };

  function look(): void {
    if (cancelTimer || running || ring.length === 0) return;
    cancelTimer = ports.setTimer(LOOK_MS, () => {
      cancelTimer = null;
      start();
      look();
    });
  }

  function start(): void {
    const nowMs = clock.monotonic();
    if (nowMs - busyMs < IDLE_MS || nowMs < restUntilMs) return;
    const batch = nextBatch();
    const first = batch[0];
    if (!first) return;
    const { shadow } = first;
    const left = { count: batch.length };
    const settle = (copy: Copy) => (outcome: Outcome<JobResult>) => {
      left.count -= 1;
      if (left.count === 0) ended(first, clock.monotonic() - nowMs);
      take(copy, outcome);
    };
    const begun = batcher.runAside(
      batch.map((copy) => ({
        key: shadow.key,
        shapeKey: copy.request.shapeKey,
        rows: copy.rows,
        bytes: copy.request.bytes,
        payload: { request: copy.request, stats: null },
        settle: settle(copy),
      })),
    );
    if (!begun) return;
    running = left.count > 0;
    ring = ring.slice(batch.length);
    for (const copy of batch) ringBytes -= copy.bytes;
  }

  function ended({ allowedMs }: Copy, tookMs: number): void {
    running = false;
    if (tookMs > OVERRUN * allowedMs) restUntilMs = clock.monotonic() + REST_FACTOR * tookMs;
    look();
  }

  /** The first copies of one kind that fit the time; those that never would are dropped. */
  function nextBatch(): Copy[] {
    for (;;) {
      const first = ring[0];
      if (!first) return [];
      const { shadow, allowedMs, kind } = first;
      const most = rowsWithin(shadow.key, allowedMs);
      if (first.rows > most || !canRun(shadow)) {
        ring.shift();
        drop(first);
        continue;
      }
      let rows = 0;
      const end = ring.findIndex((copy) => {
        rows += copy.rows;
        return copy !== first && (copy.kind !== kind || rows > most);
      });
      // Requests of such a model cannot share a batch.
      const alone = batcher.largestBatch(shadow.key) === Number.POSITIVE_INFINITY;
      return ring.slice(0, alone ? 1 : end < 0 ? ring.length : end);
    }
  }

  function rowsWithin(key: string, allowedMs: number): number {
    const estimate = batcher.estimate(key);
    if (!estimate) return 1;
    const { baseMs, rowMs, cap } = estimate;
    const rows = rowMs > 0 ? Math.floor((allowedMs - baseMs) / rowMs) : baseMs <= allowedMs ? cap : 0;
    return Math.min(cap, rows);
  }

  const canRun = ({ key, stopped }: Shadow): boolean => {
    const model = ports.model(key);
    return !stopped && model?.state === 'ready' && model.session !== null;
  };

  function take(copy: Copy, outcome: Outcome<JobResult>): void {
    const { shadow, outputs, request: _request, ...of } = copy;
    // Another version has taken its place meanwhile.
    if (![...shadows.values()].includes(shadow)) return;
    shadow.dirty = true;
    if (outcome.ok) {
      shadow.report.compared += 1;
      shadow.diff.add(of, outputs, outcome.result.outputs.map(kept));
      return;
    }
    shadow.report.failed += 1;
    if (outcome.error.code === 'LATHE_SERVING_RUNNER_LOST') stop(shadow);
    else shadow.report.lastError = outcome.error.report();
  }

  /** It took the process with it that runs everything: once is enough. */
  function stop(shadow: Shadow): void {
    shadow.stopped = true;
    const error = new LatheError('LATHE_SERVING_SHADOW_STOPPED', namesOf(shadow.key));
    shadow.report.lastError = error.report();
  }

  function keep(endpoint: EndpointSpec, before: Shadow | undefined): Shadow | null {
    if (!endpoint.shadow) return null;
    const { version, fraction } = endpoint.shadow;
    const key = `${endpoint.model}@${version}`;
    if (before?.key === key) return Object.assign(before, { fraction });
    const counts = { seen: 0, sampled: 0, compared: 0, failed: 0, dropped: 0 };
    const report = { version, sinceMs: clock.now(), ...counts, lastError: null };
    return { key, fraction, report, diff: createShadowDiff(), stopped: false, dirty: true };
  }

  return {
    apply(endpoints, next) {
      limits = next;
      const before = new Map(shadows);
      shadows.clear();
      for (const endpoint of endpoints) {
        const shadow = keep(endpoint, before.get(endpoint.name));
        if (shadow) shadows.set(endpoint.name, shadow);
      }
      const present = new Set(shadows.values());
      ring = ring.filter((copy) => present.has(copy.shadow));
      ringBytes = ring.reduce((bytes, copy) => bytes + copy.bytes, 0);
    },
    busy() {
      if (shadows.size > 0) busyMs = clock.monotonic();
    },
    answered({ endpoint, model, request, outputs, ...of }) {
      const shadow = shadows.get(endpoint.name);
      if (!shadow) return;
      // Whoever was answered may ask again at once.
      busyMs = clock.monotonic();
      shadow.report.seen += 1;
      shadow.dirty = true;
      phase = (phase + GOLDEN) % 1;
      if (phase >= shadow.fraction || !canRun(shadow)) return;
      shadow.report.sampled += 1;
      const values = outputs.reduce((sum, { from, to }) => sum + to - from, 0);
      // The batch's own arrays would be held for as long as the copy.
      const bytes = request.bytes + 8 * values;
      if (bytes > COPY_BYTES || values > COPY_VALUES) {
        shadow.report.dropped += 1;
        return;
      }
      const allowedMs = SHARE_OF_TARGET * (model.spec.tuning?.sloMs ?? (limits.sloMs || TARGET_MS));
      const kind = `${shadow.key} ${model.spec.key} ${request.shapeKey}`;
      const { rows } = request;
      ring.push({ ...of, rows, shadow, request, outputs: outputs.map(kept), kind, allowedMs, bytes });
      ringBytes += bytes;
      while (ring.length > RING_COPIES || ringBytes > RING_BYTES) drop(ring.shift() as Copy);
      look();
    },
    changed: () =>
      [...shadows].flatMap(([endpoint, shadow]) => {
        if (!shadow.dirty) return [];
        shadow.dirty = false;
        const { report, diff } = shadow;
        return [{ endpoint, report: { ...report, outputs: diff.outputs(), examples: diff.examples() } }];
      }),
    rewind() {
      for (const shadow of shadows.values()) shadow.dirty = true;
    },
    close() {
      cancelTimer?.();
      ring = [];
    },
  };
}

const kept = ({ name, datatype, values, from, to }: OutputTensor): KeptOutput => ({
  name,
  datatype,
  values: values.slice(from, to),
});
