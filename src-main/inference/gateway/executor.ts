/** Sends batches to the runner and cuts its results back into requests. */
import { LatheError } from '../../contract/errors.ts';
import type { GatewayToRunner, RunnerToGateway } from '../../platform/link.ts';
import type { Batch, Batcher } from './batcher.ts';
import type { Job, JobResult } from './service.ts';
import type { Stats } from './stats.ts';
import { decodeOutputs, encodeBatch, splitOutputs } from './tensor-frames.ts';

export type Executor = {
  dispatch(batch: Batch<Job>): void;
  onMessage(message: RunnerToGateway, body: Buffer): void;
};

export function createExecutor(ports: {
  batcher(): Pick<Batcher<Job, JobResult>, 'finish' | 'fail'>;
  stats: Stats;
  send(message: GatewayToRunner, body: Uint8Array[]): boolean;
  setUnbatchable(key: string): void;
}): Executor {
  let running: Batch<Job> | null = null;

  const count = (batch: Batch<Job>) => {
    const totals = ports.stats.totals(batch.key);
    totals.executions += 1;
    totals.inferences += batch.rows;
    for (const { stats } of batch.payloads) {
      if (stats.lastBatch === batch.id) continue;
      stats.lastBatch = batch.id;
      stats.batches += 1;
      stats.batchRows += batch.rows;
    }
  };

  const finish = (batch: Batch<Job>, message: Extract<RunnerToGateway, { type: 'result' }>, body: Buffer) => {
    const requests = batch.payloads.map((job) => job.request);
    const split = splitOutputs(decodeOutputs(message.outputs, body), requests);
    if (split) {
      count(batch);
      const computeUs = message.runUs;
      ports.batcher().finish(
        batch.id,
        split.map((outputs) => ({ outputs, computeUs })),
      );
      return;
    }
    ports.setUnbatchable(batch.key);
    const reason = 'its outputs cannot be told apart by row';
    ports.batcher().fail(batch.id, runFailed(batch.key, reason));
  };

  return {
    dispatch(batch) {
      const { inputs, body } = encodeBatch(batch.payloads.map((job) => job.request));
      running = batch;
      ports.send({ type: 'infer', id: batch.id, key: batch.key, inputs }, [body]);
    },
    onMessage(message, body) {
      if (message.type !== 'result' && message.type !== 'run-failed') return;
      // An answer to a batch that was given up is nobody's.
      if (running?.id !== message.id) return;
      const batch = running;
      running = null;
      if (message.type === 'run-failed') {
        const { code, details } = message.error;
        ports.batcher().fail(batch.id, new LatheError(code, details));
        return;
      }
      try {
        finish(batch, message, body);
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        ports.batcher().fail(batch.id, runFailed(batch.key, reason));
      }
    },
  };
}

function runFailed(key: string, reason: string): LatheError {
  const [name = key, version = ''] = key.split('@');
  return new LatheError('LATHE_SERVING_RUN_FAILED', { name, version, reason });
}
