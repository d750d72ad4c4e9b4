/**
 * Answers the gateway's messages, one after the other: load, unload, infer. A model stays loaded across a
 * gateway restart and is adopted by the new gateway when it asks for the same file.
 */
import type { Socket } from 'node:net';
import { LatheError, toErrorReport } from '../../contract/errors.ts';
import { briefReason } from '../../platform/devices/ort-message.ts';
import { type Frame, readFrames, writeFrame } from '../../platform/frames.ts';
import type { Running } from '../../platform/lifecycle.ts';
import type { GatewayToRunner, RunnerStart, RunnerToGateway, TensorHeader } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import { openBatchFiles, type RunnerBatchFiles } from '../batch-files.ts';
import { keyOf, namesOf } from '../model-key.ts';
import { keepConnected } from '../reconnect.ts';
import { type LoadedModel, loadModel, runModel, spareThreads, warmUp } from './sessions.ts';

/** How long a model that no gateway asked for again is kept after a reconnect. */
const ORPHAN_MS = 60_000;

export function startRunner(start: RunnerStart, log: Logger): Running {
  const models = new Map<string, LoadedModel>();
  let orphans = new Map<string, LoadedModel>();
  let orphanTimer: NodeJS.Timeout | null = null;
  let work: Promise<void> = Promise.resolve();

  /** Of the gateway that is connected. */
  let files: RunnerBatchFiles | null = null;

  const send = (socket: Socket, message: RunnerToGateway, body: Uint8Array[] = []) => {
    writeFrame(socket, message, body);
  };

  const closeFiles = () => {
    files?.close();
    files = null;
  };
  function openFiles(socket: Socket, folder: string): void {
    closeFiles();
    try {
      files = openBatchFiles(folder);
      send(socket, { type: 'files-opened', folder });
    } catch (thrown) {
      log.warn({ err: thrown }, 'bodies go by the socket');
    }
  }

  const release = async (model: LoadedModel | undefined) => {
    await model?.session.release().catch((error: unknown) => log.warn({ err: error }, 'release failed'));
  };

  async function load(socket: Socket, message: Extract<GatewayToRunner, { type: 'load' }>): Promise<void> {
    const { key, path, sha256, device } = message;
    const begin = performance.now();
    try {
      const kept = orphans.get(key);
      orphans.delete(key);
      if (kept && kept.sha256 !== sha256) await release(kept);
      const model = kept?.sha256 === sha256 ? kept : await loadModel(keyOf(key), path, sha256, device);
      if (models.get(key) !== model) await release(models.get(key));
      models.set(key, model);
      const loadMs = Math.round(performance.now() - begin);
      const { inputs, outputs, provider, threads, fallback, footprintBytes } = model;
      log.info({ key, loadMs, adopted: model === kept, provider, threads, fallback }, 'loaded');
      send(socket, { type: 'loaded', key, inputs, outputs, loadMs, provider, fallback, footprintBytes });
    } catch (thrown) {
      const error = toErrorReport(thrown);
      log.warn({ key, code: error.code, cause: error.cause }, 'load failed');
      send(socket, { type: 'load-failed', key, error });
    }
  }

  async function warm(socket: Socket, message: Extract<GatewayToRunner, { type: 'warm' }>): Promise<void> {
    const { key, rows, last } = message;
    const model = models.get(key);
    const answer = { type: 'warmed' as const, key, rows };
    try {
      if (!model) throw new Error('it is not loaded');
      const { runUs, grownBytes } = await warmUp(model, rows);
      if (last) await spareThreads(model, runUs);
      send(socket, { ...answer, runUs, grownBytes, error: null });
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : String(thrown);
      send(socket, { ...answer, runUs: 0, grownBytes: 0, error: briefReason(text) });
    }
  }

  async function infer(
    socket: Socket,
    message: Extract<GatewayToRunner, { type: 'infer' }>,
    body: Buffer,
  ): Promise<void> {
    const { id, key, inputs, slot } = message;
    const names = namesOf(keyOf(key));
    const model = models.get(key);
    try {
      if (!model)
        throw new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', {
          ...names,
          reason: 'the runner has not loaded it',
        });
      const given = slot === null ? body : takeFiled(slot, inputs);
      const { outputs, parts, runUs } = await runModel(model, inputs, given);
      const filed = slot !== null && (files?.put(slot, parts) ?? false);
      send(socket, { type: 'result', id, outputs, runUs, filed }, filed ? [] : parts);
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : String(thrown);
      const error =
        thrown instanceof LatheError
          ? thrown
          : new LatheError('LATHE_SERVING_RUN_FAILED', { ...names, reason: briefReason(text) });
      send(socket, { type: 'run-failed', id, error: error.report() });
    }
    await flushed(socket);
  }

  function takeFiled(slot: number, inputs: readonly TensorHeader[]): Buffer {
    if (!files) throw new Error('the batch lies in files that are not open');
    return files.take(
      slot,
      inputs.reduce((sum, { byteLength }) => sum + byteLength, 0),
    );
  }

  async function handle(socket: Socket, { header, body }: Frame<GatewayToRunner>): Promise<void> {
    if (socket.destroyed) return;
    if (header.type === 'infer') return infer(socket, header, body);
    if (header.type === 'files') return openFiles(socket, header.folder);
    if (header.type === 'load') return load(socket, header);
    if (header.type === 'warm') return warm(socket, header);
    if (header.type === 'unload') {
      await release(models.get(header.key));
      models.delete(header.key);
      send(socket, { type: 'unloaded', key: header.key });
    }
  }

  const link = keepConnected(start.gatewaySocket, {
    up(socket) {
      log.info('connected to the gateway');
      send(socket, {
        type: 'hello',
        nonce: start.nonce,
        pid: process.pid,
        device: start.device,
      });
      readFrames<GatewayToRunner>(socket, (frame) => {
        work = work.then(() => handle(socket, frame));
      });
      orphanTimer = setTimeout(() => {
        work = work.then(async () => {
          for (const model of orphans.values()) await release(model);
          orphans.clear();
        });
      }, ORPHAN_MS);
      orphanTimer.unref();
    },
    down(error) {
      log.warn({ err: error }, 'lost the gateway');
      if (orphanTimer) clearTimeout(orphanTimer);
      work = work.then(() => {
        closeFiles();
        orphans = new Map([...orphans, ...models]);
        models.clear();
      });
    },
  });

  return {
    async close() {
      link.close();
      await work;
      closeFiles();
      for (const model of [...models.values(), ...orphans.values()]) await release(model);
    },
  };
}

/** What a socket had no room for is sent by this thread, which the next run holds: the answer would come with that one's. */
function flushed(socket: Socket): Promise<void> | void {
  if (socket.writableLength === 0 || socket.destroyed) return;
  return new Promise((resolve) => {
    socket.write(NOTHING, () => resolve());
  });
}
const NOTHING = Buffer.alloc(0);
