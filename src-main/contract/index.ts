/** The whole typed border between the engine and everyone who talks to it: UI, CLI, tests. */
import { abTests } from './ab-tests.ts';
import { activity } from './activity.ts';
import { alerts } from './alerts.ts';
import { artifacts } from './artifacts.ts';
import { businessMetrics } from './business-metrics.ts';
import { compare } from './compare.ts';
import { datasets } from './datasets.ts';
import { driftReports } from './drift-reports.ts';
import { experiments } from './experiments.ts';
import { explore } from './explore.ts';
import { labels } from './labels.ts';
import { lineage } from './lineage.ts';
import { models } from './models.ts';
import { monitoring } from './monitoring.ts';
import { overview } from './overview.ts';
import { references } from './references.ts';
import { replay } from './replay.ts';
import { savedViews } from './saved-views.ts';
import { serving } from './serving.ts';
import { settings } from './settings.ts';
import { slices } from './slices.ts';
import { trash } from './trash.ts';
import { uploads } from './uploads.ts';
import { workspace } from './workspace.ts';

export const contract = {
  workspace,
  overview,
  experiments,
  artifacts,
  compare,
  savedViews,
  explore,
  datasets,
  lineage,
  models,
  serving,
  abTests,
  monitoring,
  businessMetrics,
  alerts,
  references,
  labels,
  slices,
  driftReports,
  replay,
  activity,
  trash,
  settings,
  uploads,
};
export type Contract = typeof contract;
