/**
 * What the processes say to each other. Engine ↔ gateway and gateway ↔ runner speak frames (frames.ts) over
 * local sockets that only this user can reach; the first frame of a connection proves a shared nonce.
 * Host ↔ child speak the small lifecycle messages at the end.
 */

import type { FeedbackResult } from '../contract/ab-tests.ts';
import type { Pushed } from '../contract/business-metrics.ts';
import type { Datatype, FeatureValue, TensorSpec } from '../contract/common.ts';
import type { Provider } from '../contract/devices.ts';
import type { ErrorReport } from '../contract/errors.ts';
import type { Shadow, ShadowReport, Sticky } from '../contract/serving-route.ts';

// ---- engine ↔ gateway --------------------------------------------------------------------------------

/** One model version that must be loaded. `key` names it everywhere: "<model>@<version>". */
export type ModelSpec = {
  key: string;
  model: string;
  version: string;
  /** Absolute path of the .onnx blob; the runner only reads it. */
  path: string;
  sha256: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /** Which outputs monitoring reads (contract/models.ts PredictionSpec). */
  prediction: {
    label: string | null;
    score: { output: string; index: number } | null;
    threshold: number;
  };
  /** False keeps it out of memory until someone asks for it; it stays known. */
  loaded?: boolean;
  tuning?: ModelTuning;
  /** What is to run it; the CPU where nothing is said. */
  device?: DeviceOrder;
};

/** What is to run a model, as the engine decided it from settings and findings. */
export type DeviceOrder = {
  provider: Provider;
  /** The CPU runs it where that provider cannot. */
  fallback: boolean;
  /** Known to be unusable, and why: it is not tried, as it may take the runner with it. */
  refused: string | null;
  /** Of one run on the CPU; chosen by the runner where nothing is said. */
  threads?: number | null;
};

/** How one model is batched and queued; what is left out or null is chosen by the gateway. */
export type ModelTuning = {
  maxBatchRows?: number | null;
  /** Within which an answer should be there, milliseconds from its arrival. */
  sloMs?: number | null;
  /** Most rows that may wait. */
  maxQueueRows?: number | null;
  /** Of requests that name none; 1 is served first. */
  priority?: number | null;
  /** Share of the device when models compete for it; 1 is usual. */
  weight?: number | null;
  /** Fill batches up to a power of two; by default on devices that plan anew for every size. */
  padded?: boolean | null;
};

export type EndpointSpec = {
  name: string;
  model: string;
  /** Hash salt of the sticky split; stable for the endpoint's life. */
  salt: string;
  revision: number;
  arms: ArmSpec[];
  /**
   * The arms before, while not every version of the new ones is known to be loaded: what cannot be answered by the
   * new ones yet is answered by these.
   */
  former?: ArmSpec[] | null;
  /** What a unit is known by; the `unit` kind when it is left out. */
  sticky?: Sticky;
  shadow?: Shadow | null;
  logging: boolean;
};

export type ArmSpec = { key: string; version: string; weight: number };

/** Everything the gateway should be doing. Sent whole; the gateway works out the difference. */
export type DesiredState = {
  revision: number;
  listen: { host: string; httpPort: number; grpcPort: number };
  limits: {
    maxBatchRows: number;
    maxQueueDelayUs: number;
    requestTimeoutMs: number;
    maxBodyBytes: number;
    /** Target of models that have none of their own; 0 or none leaves it to the gateway. */
    sloMs?: number;
    /** Memory for models on the device; 0 or none lets the gateway choose. */
    memoryBudgetBytes?: number;
  };
  models: ModelSpec[];
  endpoints: EndpointSpec[];
};

/** One served row as it is logged. */
export type Prediction = {
  /** Unique: the request's id, plus "#<row>" when the request has several rows. */
  id: string;
  endpoint: string;
  arm: string;
  version: string;
  unit: string | null;
  /** Time of the event itself: parameter lathe_event_ms, or the arrival time. */
  eventMs: number;
  receivedMs: number;
  latencyUs: number;
  features: Record<string, FeatureValue>;
  label: string | null;
  score: number | null;
  /** Of the endpoint, by whose route it was answered. */
  revision?: number;
  /** What the split took for the unit where the client named none: the beginning of its input's hash. */
  inputUnit?: string;
  /** It says nothing about the split: a tester named the arm, or an arm's version was still being loaded. */
  apart?: boolean;
};

/** How a column's values are held; `any` is JSON, for rows whose values change their type. */
export type ColumnKind = 'f32' | 'f64' | 'bool' | 'text' | 'any';
export type ColumnHeader = { name: string; width: number; kind: ColumnKind; nulls: number };
/** What a frame's header says of a block of served rows; its arrays are in the body (tap-block.ts). */
export type BlockHeader = {
  endpoint: string;
  arm: string;
  version: string;
  revision: number | null;
  rows: number;
  columns: ColumnHeader[];
  score: ColumnHeader | null;
  jsonBytes: number;
};

/** Its queue is full; it would be late; the client's own limit passed while it waited; nothing can run it. */
export type Refusal = 'queueFull' | 'late' | 'expired' | 'unavailable';

export type ArmCounters = {
  endpoint: string;
  arm: string;
  version: string;
  requests: number;
  rows: number;
  /** Answered 5xx, the refused ones among them. */
  errors: number;
  /** Refused instead of queued without end, by why. */
  refused: Record<Refusal, number>;
  /** Answered 4xx: requests that do not fit the model. */
  invalid: number;
  batches: number;
  batchRows: number;
  /** Batches by rows: of 1, of 2, up to 4, up to 8, and so on; short of what it was not. */
  batchSizes: number[];
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  queueMs: number | null;
  /** A packed histogram (histogram.ts): milliseconds in the model per row, one value per batch. */
  rowTimes: number[];
};

/** Milliseconds per batch and per row, the largest batch in use, and the rows a second that makes. */
export type ModelEstimate = { baseMs: number; rowMs: number; cap: number; rowsPerSecond: number };

export type EngineToGateway =
  | { type: 'state'; state: DesiredState }
  /** Someone wants the versions of a model tried again that failed to load, or were stopped. */
  | { type: 'load'; model: string }
  /** Predictions up to this sequence are committed; the gateway may forget them. */
  | { type: 'tap-ack'; seq: number }
  /** Committed, in the order of the items; or why nothing is known of it. */
  | { type: 'feedback-done'; id: number; results: FeedbackResult[] }
  | { type: 'feedback-failed'; id: number; error: ErrorReport }
  | { type: 'metrics-done'; id: number; pushed: Pushed }
  | { type: 'metrics-failed'; id: number; error: ErrorReport }
  | { type: 'shutdown' };

export type GatewayToEngine =
  | { type: 'hello'; nonce: string; pid: number }
  | {
      type: 'status';
      revision: number;
      listening: { http: number | null; grpc: number | null };
      listenErrors: ErrorReport[];
      models: {
        key: string;
        state: 'loading' | 'ready' | 'failed' | 'unavailable';
        error: ErrorReport | null;
        loadMs: number | null;
        /** What runs it, once it was loaded, and why not what was to. */
        provider: Provider | null;
        fallback: string | null;
        /** Measured memory while it is loaded; 0 while it is not, also when it rests for want of memory. */
        memoryBytes: number;
      }[];
      runner: { connected: boolean; pid: number | null };
      memory: { usedBytes: number; budgetBytes: number };
    }
  /** A client of the protocol loaded or unloaded a model; to be kept and sent back in the state. */
  | { type: 'repository'; model: string; loaded: boolean }
  /** How the shadows' answers differ: the endpoints of which it changed. */
  | { type: 'shadow'; reports: { endpoint: string; report: ShadowReport }[] }
  /**
   * Served rows; the body carries the blocks (tap-block.ts). `instance` names the gateway's life, in which `seq` rises.
   * `dropped` were lost for want of room; `sampledOut` are rows beyond what is counted at high rates.
   */
  | {
      type: 'tap';
      instance: string;
      seq: number;
      blocks: BlockHeader[];
      dropped: number;
      sampledOut: number;
    }
  /** As a client sent it; the engine checks it (contract/ab-tests.ts Feedback). */
  | { type: 'feedback'; id: number; items: unknown[] }
  /** The same for business metrics (contract/business-metrics.ts PushBody). */
  | { type: 'metrics'; id: number; body: unknown }
  | {
      type: 'stats';
      atMs: number;
      queued: Record<string, number>;
      arms: ArmCounters[];
      /** What is known of the batches of each loaded version, by its key. */
      estimates: Record<string, ModelEstimate>;
      /** How late the gateway's event loop was in this second, milliseconds. */
      loop: { p50Ms: number; p99Ms: number };
    };

// ---- gateway ↔ runner --------------------------------------------------------------------------------

/** A tensor in a frame's body: `byteLength` bytes at the running offset. BYTES elements are u32le length + bytes. */
export type TensorHeader = { name: string; datatype: Datatype; shape: number[]; byteLength: number };

/** `key` names a session: a model version and its file. */
export type GatewayToRunner =
  | { type: 'load'; key: string; path: string; sha256: string; device: DeviceOrder }
  | { type: 'unload'; key: string }
  /** One run on blank rows, to be ready for real ones; `last` of the largest size. */
  | { type: 'warm'; key: string; rows: number; last: boolean }
  /** Where bodies of batches lie from now on (inference/batch-files.ts). */
  | { type: 'files'; folder: string }
  /** `slot`: the body lies in that slot of the files, and the result's may; null: it is this message's. */
  | { type: 'infer'; id: number; key: string; inputs: TensorHeader[]; slot: number | null }
  | { type: 'shutdown' };

export type RunnerToGateway =
  | { type: 'hello'; nonce: string; pid: number; device: string }
  | {
      type: 'loaded';
      key: string;
      inputs: TensorSpec[];
      outputs: TensorSpec[];
      loadMs: number;
      provider: Provider;
      /** Why the CPU runs it though another provider was to. */
      fallback: string | null;
      /** By how much the process has grown. */
      footprintBytes: number;
    }
  /** `error` says why blank rows are no input for it. */
  | { type: 'warmed'; key: string; rows: number; runUs: number; grownBytes: number; error: string | null }
  | { type: 'load-failed'; key: string; error: ErrorReport }
  | { type: 'unloaded'; key: string }
  /** `runUs` is the time inside ONNX Runtime. */
  | { type: 'files-opened'; folder: string }
  /** `filed`: the body lies in the batch's slot. */
  | { type: 'result'; id: number; outputs: TensorHeader[]; runUs: number; filed: boolean }
  | { type: 'run-failed'; id: number; error: ErrorReport };

// ---- host ↔ child ------------------------------------------------------------------------------------

export type GatewayStart = {
  role: 'gateway';
  engineSocket: string;
  runnerSocket: string;
  nonce: string;
  logFile: string;
};
export type RunnerStart = {
  role: 'runner';
  gatewaySocket: string;
  nonce: string;
  device: string;
  logFile: string;
};
