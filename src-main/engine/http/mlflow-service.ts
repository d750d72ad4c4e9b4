/** The MLflow port as a service of the engine: a taken port is an error to show, not a failed start. */
import { toErrorReport } from '../../contract/errors.ts';
import type { AreaContext } from '../context.ts';
import { createMlflowApi, type MlflowParts } from './mlflow/api.ts';
import { serveMlflow } from './mlflow.ts';

export type MlflowService = {
  /** Resolves when it listens, or has reported why not. */
  settled: Promise<void>;
  close(): Promise<void>;
};

export function startMlflow(context: AreaContext, port: number, parts: MlflowParts): MlflowService {
  const { status, writes, log } = context;
  status.report('mlflow', { title: 'MLflow port', state: 'starting', error: null });
  const server = serveMlflow({ port, api: createMlflowApi({ ...parts, writes, log }), log }).then(
    (listening) => {
      status.report('mlflow', { state: 'running' });
      status.setUrls({ mlflow: listening.url });
      return listening;
    },
    (thrown: unknown) => {
      log.warn({ err: thrown, port }, 'the MLflow port could not start');
      status.report('mlflow', { state: 'failed', error: toErrorReport(thrown) });
      return null;
    },
  );
  return {
    settled: server.then(() => {}),
    close: async () => (await server)?.close(),
  };
}
