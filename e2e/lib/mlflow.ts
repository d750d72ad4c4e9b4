/** A training script's side of the MLflow port: what the genuine client sends, in the few calls that specs need. */
import type { App } from './app.ts';
import { until } from './processes.ts';

export type Point = { key: string; value: number; step: number; timestamp: number };

export async function mlflowOf(app: App) {
  const base = await until('the MLflow port', async () => (await app.urls()).mlflow);
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(`${base}/api/2.0/${path}`, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const call = async <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json' };
    return (await (await send(`mlflow/${path}`, { method, headers, ...init })).json()) as T;
  };
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    await send(`mlflow-artifacts/artifacts/${path}`, {
      method: 'PUT',
      body: bytes as Uint8Array<ArrayBuffer>,
    });
  };
  async function run(
    experiment: string,
    name: string,
    params: Record<string, string | number> = {},
  ): Promise<string> {
    const made = await call<{ run: { info: { run_id: string } } }>('POST', 'runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: Date.now(),
    });
    const { run_id } = made.run.info;
    const pairs = Object.entries(params).map(([key, value]) => ({ key, value: String(value) }));
    await call('POST', 'runs/log-batch', { run_id, params: pairs });
    return run_id;
  }
  return {
    call,
    put,
    run,
    async experiment(name: string): Promise<string> {
      return (await call<{ experiment_id: string }>('POST', 'experiments/create', { name })).experiment_id;
    },
    /** A run with one metric, one dataset and one file of `bytes`. Returns its id. */
    async runWithFile(experiment: string, name: string, bytes: Uint8Array): Promise<string> {
      const run_id = await run(experiment, name);
      await call('POST', 'runs/log-metric', { run_id, key: 'auc', value: 0.8, timestamp: 1, step: 0 });
      const dataset = {
        name: 'clicks',
        digest: 'abc123',
        source_type: 'local',
        source: '{"uri":"clicks.csv"}',
      };
      const tags = [{ key: 'mlflow.data.context', value: 'training' }];
      await call('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset, tags }] });
      await put(`${experiment}/${run_id}/artifacts/weights.bin`, bytes);
      return run_id;
    },
    /** In batches of as many as the API takes. */
    async log(run: string, points: readonly Point[]): Promise<void> {
      for (let at = 0; at < points.length; at += 1000)
        await call('POST', 'runs/log-batch', { run_id: run, metrics: points.slice(at, at + 1000) });
    },
    async finish(run: string): Promise<void> {
      await call('POST', 'runs/update', { run_id: run, status: 'FINISHED', end_time: Date.now() });
    },
  };
}

export const points = (key: string, count: number, value: (step: number) => number, from = 0): Point[] =>
  Array.from({ length: count }, (_, i) => ({
    key,
    value: value(from + i),
    step: from + i,
    timestamp: Date.now(),
  }));
