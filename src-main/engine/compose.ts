/** The composition root: every area once, in the order in which they need each other. */
import type { Settings } from '../contract/settings.ts';
import { createActivityArea } from './areas/activity/index.ts';
import { createExperimentsArea } from './areas/experiments/index.ts';
import { createModelsArea } from './areas/models/index.ts';
import { createSettingsArea } from './areas/settings/index.ts';
import { createUploadsArea } from './areas/uploads/index.ts';
import { createWorkspaceArea } from './areas/workspace/index.ts';
import type { AreaContext } from './context.ts';
import type { Workspace } from './data/workspace.ts';

export type EngineOptions = {
  version: string;
  instanceId: string;
  startedMs: number;
  workspace: Workspace;
  /** Put the sample in when the workspace does not have it. */
  sample: boolean;
  ports: Partial<Settings['ports']>;
};

export function composeAreas(context: AreaContext, options: EngineOptions) {
  const { workspace } = options;
  const activity = createActivityArea(context, { unclean: workspace.unclean });
  const settings = createSettingsArea(context, { ports: options.ports });
  const uploads = createUploadsArea(context);
  const experiments = createExperimentsArea(context);
  const models = createModelsArea(context, { uploads: uploads.uploads, activities: activity.activities });
  const home = createWorkspaceArea(context, { ...options, workspace: workspace.info });

  return {
    router: {
      workspace: home.routes,
      experiments: experiments.routes,
      models: models.routes,
      activity: activity.routes,
      settings: settings.routes,
      uploads: uploads.routes,
    },
    hello: home.hello,
    ports: settings.settings.ports,
    /** After the engine answers: start processes, seed. Resolves when the gateway has said where it listens, or why not. */
    async start(): Promise<void> {},
    /** In reverse order of need. */
    async close(): Promise<void> {
      await uploads.close();
      activity.close();
    },
  };
}
