/** Sends batches to the runner and cuts its results back into requests. */
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { GatewayToRunner, RunnerToGateway } from '../../platform/link.ts';
import type { GatewayBatchFiles } from '../batch-files.ts';
import { namesOf } from '../model-key.ts';
import type { Batch, Batcher } from './batcher-types.ts';
import type { Job, JobResult } from './job.ts';
import { type BatchTotals, countBatch, type Stats } from './stats.ts';
import { decodeOutputs, encodeBatch, splitOutputs } from './tensor-frames.ts';

export type Executor = {
  dispatch(batch: Batch<Job>): void;
  onMessage(message: RunnerToGateway, body: Buffer): void;
  /** The device is gone, and with it what was sent to it. */
  deviceLost(): void;
};

/** As many as are on the device and behind it, unless they are huge. */
const SPARE = 2;
const SPARE_BYTES = 16 * 1024 * 1024;

export function createExecutor(ports: {
  batcher(): Pick<Batcher<Job, JobResult>, 'finish' | 'fail'>;
  clock: Clock;
  stats: Stats;
  send(message: GatewayToRunner, body: Uint8Array[]): boolean;
  /** Where bodies lie that do not go with their message. */
  files: Pick<GatewayBatchFiles, 'put' | 'take' | 'give'>;
  /** The runner's name for a model version; null when it is not in memory. */
  session(key: string): string | null;
  ran(key: string): void;
  setUnbatchable(key: string): void;
}): Executor {
  const { files } = ports;
  type Sent = {
    batch: Batch<Job>;
    inputUs: number /** Null once it lies in a slot. */;
    body: Buffer | null;
    slot: number | null;
  };
  const running = new Map<number, Sent>();
  /** Of bodies that are written, or were answered, so that the runner has read them: a new one for each is what garbage is collected for. */
  const spare: Buffer[] = [];
  const keep = (body: Buffer | null) => {
    if (body && spare.length < SPARE && body.length <= SPARE_BYTES) spare.push(body);
  };
  const take = (bytes: number): Buffer => {
    const kept = spare.pop();
    return kept && kept.length >= bytes ? kept : Buffer.allocUnsafeSlow(bytes);
  };

  const count = (batch: Batch<Job>, times: Omit<BatchTotals, 'count'>) => {
    if (batch.payloads.every(({ stats }) => stats === null)) return;
    const totals = ports.stats.totals(batch.key);
    totals.executions += 1;
    totals.inferences += batch.rows;
    const size = totals.batches.get(batch.rows) ?? { count: 0, inputUs: 0, inferUs: 0, outputUs: 0 };
    totals.batches.set(batch.rows, {
      count: size.count + 1,
      inputUs: size.inputUs + times.inputUs,
      inferUs: size.inferUs + times.inferUs,
      outputUs: size.outputUs + times.outputUs,
    });
    for (const { stats } of batch.payloads) {
      if (stats === null || stats.lastBatch === batch.id) continue;
      stats.lastBatch = batch.id;
      countBatch(stats, batch.rows);
      stats.rowTimes.add(times.inferUs / 1000 / batch.rows);
    }
  };

  const finish = (
    batch: Batch<Job>,
    inputUs: number,
    message: Extract<RunnerToGateway, { type: 'result' }>,
    body: Buffer,
    slot: number | null,
  ) => {
    const beganMs = ports.clock.monotonic();
    const bytes = message.outputs.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const whole = message.filed && slot !== null ? files.take(slot, bytes) : body;
    const requests = batch.payloads.map((job) => job.request);
    const split = splitOutputs(decodeOutputs(message.outputs, whole), requests, batch.paddedRows);
    if (split) {
      const computeUs = message.runUs;
      const outputUs = (ports.clock.monotonic() - beganMs) * 1000;
      ports.ran(batch.key);
      count(batch, { inputUs, inferUs: computeUs, outputUs });
      ports.batcher().finish(
        batch.id,
        split.map((outputs) => ({ outputs, computeUs, inputUs, outputUs })),
      );
      return;
    }
    ports.setUnbatchable(batch.key);
    const reason = 'its outputs cannot be told apart by row';
    ports.batcher().fail(batch.id, runFailed(batch.key, reason));
  };

  return {
    dispatch(batch) {
      const beganMs = ports.clock.monotonic();
      const session = ports.session(batch.key);
      if (session === null) throw new Error(`${batch.key} is not in memory`);
      const requests = batch.payloads.map((job) => job.request);
      let whole: Buffer | undefined;
      const { inputs, body } = encodeBatch(requests, batch.paddedRows, (bytes) => {
        whole = take(bytes);
        return whole;
      });
      const slot = files.put(body);
      const inputUs = (ports.clock.monotonic() - beganMs) * 1000;
      if (slot !== null) keep(whole ?? body);
      running.set(batch.id, { batch, inputUs, body: slot === null ? (whole ?? body) : null, slot });
      ports.send({ type: 'infer', id: batch.id, key: session, inputs, slot }, slot === null ? [body] : []);
    },
    onMessage(message, body) {
      if (message.type !== 'result' && message.type !== 'run-failed') return;
      // An answer to a batch that was given up is nobody's.
      const present = running.get(message.id);
      if (!present) return;
      const { batch, inputUs, slot } = present;
      running.delete(message.id);
      keep(present.body);
      try {
        if (message.type === 'result') finish(batch, inputUs, message, body, slot);
        else {
          const { code, details } = message.error;
          ports.batcher().fail(batch.id, new LatheError(code, details));
        }
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        ports.batcher().fail(batch.id, runFailed(batch.key, reason));
      } finally {
        if (slot !== null) files.give(slot);
      }
    },
    deviceLost: () => running.clear(),
  };
}

function runFailed(key: string, reason: string): LatheError {
  return new LatheError('LATHE_SERVING_RUN_FAILED', { ...namesOf(key), reason });
}
