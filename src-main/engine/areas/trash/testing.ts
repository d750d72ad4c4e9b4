/** For tests only: the trash on a real workspace, beside the areas whose things it takes. */
import { randomBytes } from 'node:crypto';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createActivityArea } from '../activity/index.ts';
import { createArtifactsArea } from '../artifacts/index.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { createModelsArea } from '../models/index.ts';
import { createUploadsArea } from '../uploads/index.ts';
import { createTrashService } from './trash.service.ts';

export const WINDOWS = { keepDays: 30, keepFilesDays: 7 };

async function* pieces(bytes: Uint8Array) {
  yield bytes;
}

export function trashParts(context: TestContext) {
  const { tracking, loggedModels } = createExperimentsArea(context);
  const { artifacts } = createArtifactsArea(context, { rootOf: tracking.artifactRoot });
  const { activities } = createActivityArea(context, { unclean: false });
  const { models, registry } = createModelsArea(context, {
    uploads: createUploadsArea(context).uploads,
    compareRuns: async () => ({ runs: [], rows: [] }),
    activities,
    filesBelow: artifacts.filesBelow,
    runRoot: tracking.artifactRoot,
    loggedModel: loggedModels.find,
    tagLoggedModel: loggedModels.addVersion,
  });
  const trash = createTrashService(context, {
    activities,
    tracking,
    registry,
    settings: () => WINDOWS,
  });
  return { tracking, loggedModels, artifacts, models, registry, trash };
}

export async function openTrash() {
  const context = await openTestContext();
  const parts = trashParts(context);
  const { tracking, artifacts } = parts;

  /** A run with everything that a run can have. Returns its id. */
  async function fullRun(
    experimentId = '0',
    { points = 50, file = randomBytes(5_000) }: { points?: number; file?: Uint8Array } = {},
  ): Promise<string> {
    const { info } = JSON.parse(
      tracking.createRun({ experimentId, user: 'ada', name: '', startMs: 1_000, tags: [] }),
    ) as { info: { run_id: string } };
    const run = info.run_id;
    for (let at = 0; at < points; at += 1_000) {
      const metrics = Array.from({ length: Math.min(1_000, points - at) }, (_, n) => ({
        key: `m${n % 3}`,
        step: at + n,
        timestampMs: 1_000 + at + n,
        value: Math.sin(at + n),
      }));
      tracking.log(run, { metrics, params: [], tags: [] });
    }
    tracking.log(run, {
      metrics: [],
      params: [{ key: 'lr', value: '0.1' }],
      tags: [{ key: 'team', value: 'blue' }],
    });
    tracking.logInputs(
      run,
      [
        {
          name: `data of ${run}`,
          digest: run.slice(0, 8),
          sourceType: 'local',
          source: '{}',
          schema: null,
          profile: null,
          tags: { 'mlflow.data.context': 'training' },
        },
      ],
      [],
    );
    await artifacts.put(`${placeOf(run)}/files/a.bin`, pieces(file));
    return run;
  }
  const placeOf = (run: string): string =>
    (tracking.artifactRoot(run) ?? '').slice('mlflow-artifacts:/'.length);

  return {
    ...parts,
    context,
    fullRun,
    /** Where the run's artifacts lie. */
    placeOf,
    put: (path: string, bytes: Uint8Array) => artifacts.put(path, pieces(bytes)),
    /** What an engine that starts on the same workspace would make. */
    again: () => trashParts(context),
    count: (sql: string, ...params: unknown[]) =>
      context.db
        .prepare(sql)
        .pluck()
        .get(...params) as number,
    async close() {
      await parts.trash.close();
      await context.close();
    },
  };
}
