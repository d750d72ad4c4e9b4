/** A training script's side of the MLflow port: what the genuine client sends, in the few calls that specs need. */
import type { App } from './app.ts';

export type Point = { key: string; value: number; step: number; timestamp: number };

export async function mlflowOf(app: App) {
  const { mlflow } = await app.urls();
  if (!mlflow) throw new Error('the MLflow port is not open');
  const call = async <T>(path: string, body: unknown): Promise<T> => {
    const response = await fetch(`${mlflow}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    async experiment(name: string): Promise<string> {
      return (await call<{ experiment_id: string }>('experiments/create', { name })).experiment_id;
    },
    async run(
      experiment: string,
      name: string,
      params: Record<string, string | number> = {},
    ): Promise<string> {
      const { run } = await call<{ run: { info: { run_id: string } } }>('runs/create', {
        experiment_id: experiment,
        run_name: name,
        start_time: Date.now(),
      });
      const pairs = Object.entries(params).map(([key, value]) => ({ key, value: String(value) }));
      await call('runs/log-batch', { run_id: run.info.run_id, params: pairs });
      return run.info.run_id;
    },
    /** In batches of as many as the API takes. */
    async log(run: string, points: readonly Point[]): Promise<void> {
      for (let at = 0; at < points.length; at += 1000)
        await call('runs/log-batch', { run_id: run, metrics: points.slice(at, at + 1000) });
    },
    async finish(run: string): Promise<void> {
      await call('runs/update', { run_id: run, status: 'FINISHED', end_time: Date.now() });
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
