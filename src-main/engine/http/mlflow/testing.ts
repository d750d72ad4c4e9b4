/** For tests only: the MLflow port on a real workspace, and its clients' calls. */
import { expect } from 'vitest';
import { createActivityArea } from '../../areas/activity/index.ts';
import { createArtifactsArea } from '../../areas/artifacts/index.ts';
import { createExperimentsArea } from '../../areas/experiments/index.ts';
import { createModelsArea } from '../../areas/models/index.ts';
import { createUploadsArea } from '../../areas/uploads/index.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { startMlflow } from '../mlflow-service.ts';

export type Json = Record<string, unknown>;
export type Run = {
  info: {
    run_id: string;
    run_name: string;
    status: string;
    lifecycle_stage: string;
    artifact_uri: string;
    experiment_id: string;
  };
  data: { metrics: Json[]; params: Json[]; tags: { key: string; value: string }[] };
};

/** The areas that MLflow's API is about, as the composition root joins them. */
export function mlflowParts(context: TestContext) {
  const { tracking, loggedModels } = createExperimentsArea(context);
  const { artifacts } = createArtifactsArea(context, { rootOf: tracking.artifactRoot });
  const { models, registry } = createModelsArea(context, {
    uploads: createUploadsArea(context).uploads,
    compareRuns: async () => ({ runs: [], rows: [] }),
    activities: createActivityArea(context, { unclean: false }).activities,
    filesBelow: artifacts.filesBelow,
    runRoot: tracking.artifactRoot,
    loggedModel: loggedModels.find,
    tagLoggedModel: loggedModels.addVersion,
  });
  return { tracking, loggedModels, artifacts, registry, models };
}

export async function openMlflow() {
  const context = await openTestContext();
  const { models, ...parts } = mlflowParts(context);
  const service = startMlflow(context, 0, parts);
  await service.settled;
  const base = context.status.urls().mlflow ?? '';
  async function call(method: string, path: string, body?: unknown): Promise<{ status: number; json: Json }> {
    const response = await fetch(path.startsWith('/') ? `${base}${path}` : `${base}/api/2.0/mlflow/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, json: (await response.json()) as Json };
  }
  /** The answer, which must be one. */
  async function good(method: string, path: string, body?: unknown): Promise<Json> {
    const { status, json } = await call(method, path, body);
    expect({ path, status, json: status === 200 ? null : json }).toEqual({ path, status: 200, json: null });
    return json;
  }
  return {
    context,
    models,
    base,
    call,
    good,
    newRun: async (extra: Json = {}): Promise<Run> =>
      (await good('POST', 'runs/create', { experiment_id: '0', start_time: 1_000, ...extra })).run as Run,
    putFile: (path: string, bytes: string | Uint8Array) =>
      fetch(`${base}/api/2.0/mlflow-artifacts/artifacts/${path}`, { method: 'PUT', body: bytes as string }),
    async close() {
      await service.close();
      await context.close();
    },
  };
}

export const refused = (status: number, error_code: string, message: unknown = expect.any(String)) => ({
  status,
  json: { error_code, message },
});
