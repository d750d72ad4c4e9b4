/** The table of models and the real batcher, against a runner that is played, on a virtual clock. */

import type { GatewayToRunner, ModelSpec } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import { createModelTable } from '../gateway/model-table.ts';
import type { ModelTable } from '../gateway/model-table-types.ts';
import { simBatcher, simLimits } from './simulator.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const MB = 1_000_000;
const quiet = { info() {}, warn() {}, error() {}, debug() {} } as unknown as Logger;
const FLOATS = [{ name: 'v', datatype: 'FP32' as const, shape: [-1, 1] }];

export const spec = (model: string, version = '1', part: Partial<ModelSpec> = {}): ModelSpec => ({
  key: `${model}@${version}`,
  model,
  version,
  path: `/${model}-${version}`,
  sha256: `${model}${version}`.padEnd(64, '0'),
  inputs: FLOATS,
  outputs: FLOATS,
  prediction: { label: null, score: null, threshold: 0.5 },
  ...part,
});

/** The runner answers when told to: `bad` in a path is a file that does not load. */
export function tableWorld() {
  const time = createVirtualClock();
  const heard: string[] = [];
  /** Sizes of the warm-ups that were said to be the last of the largest size. */
  const largest: number[] = [];
  let runUs: (rows: number, nth: number) => number = () => 10_000;
  /** Warm-ups so far, by size. */
  const warmed = new Map<number, number>();
  let inbox: GatewayToRunner[] = [];
  let connected = false;
  /** Requests of each batch. */
  const sizes = new Map<number, number>();
  const batcher = simBatcher<string, string>(time, ({ id, key, payloads }) => {
    if (table.session(key) === null) heard.push(`no session of ${key}`);
    sizes.set(id, payloads.length);
    inbox.push({ type: 'infer', id, key, inputs: [], slot: null });
  });
  batcher.configure(simLimits({ pipeline: 2 }));
  const table: ModelTable = createModelTable({
    clock: time.clock,
    log: quiet,
    batcher,
    send(message) {
      if (!connected) return false;
      inbox.push(message);
      return true;
    },
    fileBytes: () => MB,
    automaticBudgetBytes: 100 * MB,
    changed: () => {},
  });
  const settle = () => {
    const untilMs = time.nowMs();
    while (time.step(untilMs));
  };
  /** The runner takes up to so many messages; returns what they were. */
  const serve = (most = Number.POSITIVE_INFINITY) => {
    const done: string[] = [];
    settle();
    for (let n = 0; n < most && inbox.length > 0; n++) {
      const message = inbox.shift() as GatewayToRunner;
      const key = 'key' in message ? message.key.replace(/#.*/, '') : '';
      done.push(`${message.type} ${key}`);
      if (message.type === 'load') {
        const report = {
          code: 'LATHE_MODELS_NOT_ONNX' as const,
          status: 422,
          cause: 'bad.',
          remedy: '',
          details: {},
        };
        if (message.path.includes('bad'))
          table.onMessage({ type: 'load-failed', key: message.key, error: report });
        else
          table.onMessage({
            type: 'loaded',
            key: message.key,
            inputs: FLOATS,
            outputs: FLOATS,
            loadMs: 1,
            provider: message.device.provider,
            fallback: null,
            footprintBytes: 10 * MB,
          });
      } else if (message.type === 'warm') {
        if (message.last) largest.push(message.rows);
        const nth = (warmed.get(message.rows) ?? 0) + 1;
        warmed.set(message.rows, nth);
        const us = runUs(message.rows, nth);
        table.onMessage({ ...message, type: 'warmed', runUs: us, grownBytes: 0, error: null });
      } else if (message.type === 'infer') {
        table.ran(message.key);
        batcher.finish(message.id, new Array<string>(sizes.get(message.id) ?? 0).fill('answer'));
      }
      settle();
    }
    heard.push(...done);
    return done;
  };
  const outcomes: string[] = [];
  return {
    table,
    batcher,
    time,
    heard,
    largest,
    outcomes,
    /** What a warm-up takes from now on; the `nth` of its size counts from 1. */
    setRunUs(us: number | ((rows: number, nth: number) => number)) {
      runUs = typeof us === 'number' ? () => us : us;
    },
    /** Sizes that were warmed up, in order. */
    warmed: () => [...warmed.keys()],
    serve,
    connect() {
      connected = true;
      table.runnerConnected();
    },
    /** As the gateway does it. */
    die() {
      connected = false;
      inbox = [];
      table.runnerLost(false);
      batcher.deviceLost();
      settle();
    },
    ask(key: string) {
      const model = table.get(key);
      if (!model) throw new Error(`no ${key}`);
      table.use(model);
      batcher.submit({
        key,
        shapeKey: '',
        rows: 1,
        bytes: 1,
        payload: key,
        settle: (outcome) => outcomes.push(outcome.ok ? 'ok' : outcome.error.code),
      });
      settle();
    },
    states: () => [...table.all()].map((model) => `${model.spec.key} ${model.state}`),
  };
}
