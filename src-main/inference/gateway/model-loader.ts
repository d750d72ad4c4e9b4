/**
 * Brings one model at a time into the runner: loads it, then runs it on blank rows in every size it will be
 * asked for, so that the first real request meets a model that has its buffers and plans, and a scheduler that
 * knows what a batch costs. Each step has the device to itself and takes turns with the batches of others.
 */
import type { TensorSpec } from '../../contract/common.ts';
import type { Provider } from '../../contract/devices.ts';
import type { ErrorReport } from '../../contract/errors.ts';
import type { DeviceOrder, GatewayToRunner, ModelSpec, RunnerToGateway } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import { sessionOf } from '../model-key.ts';
import type { Batcher } from './batcher-types.ts';

export type Loaded = {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  loadMs: number;
  provider: Provider;
  fallback: string | null;
  footprintBytes: number;
};

export type LoadJob = {
  spec: ModelSpec;
  device: DeviceOrder;
  /**
   * Sizes that it will be asked for, and those to run it in once it is loaded: fewer where what they cost is known.
   * `padded`: the device plans anew for each size, so that none is left out.
   */
  sizes(loaded: Loaded): { all: readonly number[]; now: readonly number[]; padded: boolean };
  /** Longest run that is still worth knowing the next size of, where that can be left out; milliseconds. */
  enoughMs: number;
  /** After which a run is stuck. */
  runLimitMs: number;
  done(outcome: { ok: true; loaded: Loaded } | { ok: false; error: ErrorReport }): void;
};

export type ModelLoader = {
  /** What is being loaded or warmed up. */
  current(): LoadJob | null;
  /** Call only while there is no current one. */
  begin(job: LoadJob): void;
  /** True for messages that were answers to it. */
  onMessage(message: RunnerToGateway): boolean;
  /** The runner is gone, and with it what was under way. */
  reset(): void;
};

/** The first run of a size pays for its buffers and plans, the second is what it costs. */
const RUNS_PER_SIZE = 2;
/** A load that takes longer never ends. */
const LOAD_LIMIT_MS = 300_000;
/** What sizes cost may come to so much in all, where the next one is only worth knowing. */
const WORTH_MS = 2_000;
/** A warm-up takes no longer: a search for the best plan takes a second a size, and a few sizes minutes only if it hangs. */
const WARM_UP_MS = 60_000;

type Work = {
  job: LoadJob;
  session: string;
  loaded: Loaded | null;
  runs: number[];
  largest: number;
  padded: boolean;
  /** Of all runs, and of those that say what a size costs. */
  spentMs: number;
  judgedMs: number;
};

export function createModelLoader(ports: {
  log: Logger;
  batcher: Pick<Batcher<never, never>, 'occupy' | 'taskDone' | 'observe'>;
  send(message: GatewayToRunner): boolean;
}): ModelLoader {
  const { log, batcher, send } = ports;
  let work: Work | null = null;

  const finish = ({ job, loaded }: Work) => {
    work = null;
    if (loaded) job.done({ ok: true, loaded });
  };

  const warmNext = (present: Work) => {
    const rows = present.runs.shift();
    if (rows === undefined) {
      finish(present);
      return;
    }
    const { session } = present;
    const last = present.runs.length === 0 && rows === present.largest;
    const { key } = present.job.spec;
    const limitMs = present.job.runLimitMs;
    batcher.occupy({
      key,
      expectedMs: 0,
      limitMs,
      start: () => void send({ type: 'warm', key: session, rows, last }),
    });
  };

  function onWarmed(present: Work, message: Extract<RunnerToGateway, { type: 'warmed' }>): void {
    const { spec, enoughMs } = present.job;
    batcher.taskDone();
    if (message.error) {
      // Blank rows are not always valid input; then the first requests teach what the model costs.
      log.info({ key: spec.key, cause: message.error }, 'not warmed up');
      present.runs = [];
    } else {
      const ms = message.runUs / 1000;
      batcher.observe(spec.key, message.rows, ms);
      present.spentMs += ms;
      const isFirst = present.runs[0] === message.rows;
      if (!isFirst) present.judgedMs += ms;
      if (present.loaded) present.loaded.footprintBytes += message.grownBytes;
      const isEnough = !isFirst && (ms > enoughMs || present.judgedMs > WORTH_MS);
      if (present.runs.length > 0 && present.spentMs > WARM_UP_MS) {
        const left = [...new Set(present.runs)];
        log.warn(
          { key: spec.key, ms: Math.round(present.spentMs), left },
          'warmed up for too long: sizes are left',
        );
        present.runs = [];
      } else if (isEnough && !present.padded) present.runs = [];
    }
    warmNext(present);
  }

  return {
    current: () => work?.job ?? null,
    begin(job) {
      const { key, path, sha256 } = job.spec;
      const { device } = job;
      const session = sessionOf(job.spec);
      work = { job, session, loaded: null, runs: [], largest: 1, padded: false, spentMs: 0, judgedMs: 0 };
      batcher.occupy({
        key,
        expectedMs: 0,
        limitMs: LOAD_LIMIT_MS,
        start: () => void send({ type: 'load', key: session, path, sha256, device }),
      });
    },
    onMessage(message) {
      const present = work;
      if (!present || !('key' in message) || message.key !== present.session) return false;
      if (message.type === 'loaded') {
        batcher.taskDone();
        const { inputs, outputs, loadMs, provider, fallback, footprintBytes } = message;
        present.loaded = { inputs, outputs, loadMs, provider, fallback, footprintBytes };
        const { all, now, padded } = present.job.sizes(present.loaded);
        present.padded = padded;
        present.largest = Math.max(1, ...all);
        present.runs = now.flatMap((rows) => Array.from({ length: RUNS_PER_SIZE }, () => rows));
        warmNext(present);
      } else if (message.type === 'load-failed') {
        batcher.taskDone();
        work = null;
        present.job.done({ ok: false, error: message.error });
      } else if (message.type === 'warmed') onWarmed(present, message);
      else return false;
      return true;
    },
    reset() {
      work = null;
    },
  };
}
