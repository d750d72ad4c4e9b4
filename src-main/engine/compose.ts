/** The composition root: every area once, in the order in which they need each other. */
import type { Settings } from '../contract/settings.ts';
import { createAbTestsArea } from './areas/ab-tests/index.ts';
import { createActivityArea } from './areas/activity/index.ts';
import { createAlertsArea } from './areas/alerts/index.ts';
import { createArtifactsArea } from './areas/artifacts/index.ts';
import { createBusinessMetricsArea } from './areas/business-metrics/index.ts';
import { createCompareArea } from './areas/compare/index.ts';
import { createDatasetsArea } from './areas/datasets/index.ts';
import { createDriftReportsArea } from './areas/drift-reports/index.ts';
import { createExperimentsArea } from './areas/experiments/index.ts';
import { createExploreArea } from './areas/explore/index.ts';
import { createLabelsArea } from './areas/labels/index.ts';
import { createLineageArea } from './areas/lineage/index.ts';
import { createModelsArea } from './areas/models/index.ts';
import { createMonitoringArea } from './areas/monitoring/index.ts';
import { createOverviewArea } from './areas/overview/index.ts';
import { createRawLogArea } from './areas/raw-log/index.ts';
import { createReferencesArea } from './areas/references/index.ts';
import { createReplayArea } from './areas/replay/index.ts';
import { seedSample, startMinutesLate } from './areas/sample/index.ts';
import { createSavedViewsArea } from './areas/saved-views/index.ts';
import { createServingArea } from './areas/serving/index.ts';
import { createSettingsArea } from './areas/settings/index.ts';
import { createSlicesArea } from './areas/slices/index.ts';
import { createTrashArea } from './areas/trash/index.ts';
import { createUploadsArea } from './areas/uploads/index.ts';
import { createWorkspaceArea } from './areas/workspace/index.ts';
import type { AreaContext } from './context.ts';
import type { Workspace } from './data/workspace.ts';

/** The engine is ready without the gateway after this long; serving comes when it comes. */
const LISTEN_LIMIT_MS = 15_000;

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
  const artifactArea = createArtifactsArea(context, { rootOf: experiments.tracking.artifactRoot });
  const { artifacts } = artifactArea;
  const compare = createCompareArea(context);
  const explore = createExploreArea(context, {
    runsWhere: experiments.runsSql.where,
    cell: experiments.runsSql.cell,
  });
  const models = createModelsArea(context, {
    compareRuns: (runIds) => compare.runs({ runIds, all: true, aggregate: 'last' }),
    uploads: uploads.uploads,
    activities: activity.activities,
    filesBelow: artifacts.filesBelow,
    runRoot: experiments.tracking.artifactRoot,
    loggedModel: experiments.loggedModels.find,
    tagLoggedModel: experiments.loggedModels.addVersion,
  });
  const versions = models.models;
  const serving = createServingArea(context, {
    findVersion: versions.find,
    versionsOf: versions.numbers,
    activities: activity.activities,
    settings: settings.settings,
  });
  const endpoints = serving.serving;
  versions.verifyWith(endpoints.verifyModel);
  const rawLog = createRawLogArea(context, {
    endpoints: endpoints.records,
    inputs: (model, version) => versions.find(model, version)?.inputs ?? null,
    retentionDays: () => settings.settings.get().monitoring.retentionDays,
    countBytesPerDay: (endpointId) => monitoring.monitoring.countBytesPerDay(endpointId),
  });
  const references = createReferencesArea(context, {
    uploads: uploads.uploads,
    activities: activity.activities,
    find: versions.find,
    endpoints: endpoints.records,
    rawLog: rawLog.rawLog,
    artifacts,
    runRoot: experiments.tracking.artifactRoot,
    changed: (model, version) => monitoring.monitoring.referenceChanged(model, version),
  });
  const profile = (found: { profile: unknown } | null) => found && JSON.stringify(found.profile);
  const monitoring = createMonitoringArea(context, {
    rawLog: rawLog.rawLog,
    endpoints: endpoints.records,
    version: versions.find,
    grid: (model, version) => profile(references.references.grid(model, version)),
    reference: references.references.reference,
    labelled: references.references.labelled,
    retentionDays: () => settings.settings.get().monitoring.retentionDays,
  });
  endpoints.setTapHandler(async (taps) => {
    await monitoring.monitoring.ingestTap(
      taps.map(({ instance, seq, ...chunk }) => ({ ...chunk, cursor: { instance, seq } })),
    );
  });
  const abTests = createAbTestsArea(context, {
    serving: endpoints,
    monitoring: monitoring.monitoring,
    retentionDays: () => settings.settings.get().monitoring.retentionDays,
  });
  endpoints.setFeedbackHandler(abTests.abTests.feedback);
  const slices = createSlicesArea(context, {
    monitoring: monitoring.monitoring,
    endpoints: endpoints.records,
    inputs: (model, version) => versions.find(model, version)?.inputs ?? null,
    matching: rawLog.rawLog.matching,
    masked: rawLog.rawLog.masked,
  });
  const driftReports = createDriftReportsArea(context, {
    activities: activity.activities,
    uploads: uploads.uploads,
    endpoints: endpoints.records,
    find: versions.find,
    references: references.references,
    rawLog: rawLog.rawLog,
    health: {
      series: (query) => monitoring.monitoring.series(query),
      drift: (wanted) => monitoring.monitoring.drift({ ...wanted, method: 'lathe.psi.frozen@1', windows: 1 }),
      changes: (endpoint) => alerts.alerts.changes(endpoint, 0, undefined),
      openAlerts: (endpoint) => alerts.alerts.list({ endpoint, state: 'open', limit: 500 }).alerts,
    },
    businessMetrics: async (endpoint) =>
      (await businessMetrics.businessMetrics.list(endpoint)).map(({ name }) => name),
    conditions: (endpoint, id) => slices.slices.list(endpoint).find((slice) => slice.id === id) ?? null,
  });
  const labels = createLabelsArea(context, {
    monitoring: monitoring.monitoring,
    activities: activity.activities,
    uploads: uploads.uploads,
  });
  const replay = createReplayArea(context, {
    endpoints: endpoints.records,
    onEndpoints: endpoints.onChange,
    inputs: (model, version) => versions.find(model, version)?.inputs ?? null,
    pushLabels: labels.labels.push,
    activities: activity.activities,
    uploads: uploads.uploads,
  });
  const businessMetrics = createBusinessMetricsArea(context, {
    endpoints: endpoints.records,
    uploads: uploads.uploads,
    activities: activity.activities,
    series: monitoring.monitoring.series,
  });
  monitoring.monitoring.addSeries('business', businessMetrics.businessMetrics.series);
  endpoints.setMetricsHandler(businessMetrics.businessMetrics.pushBody);
  const alerts = createAlertsArea(context, {
    endpoints: endpoints.records,
    series: monitoring.monitoring.series,
    drift: monitoring.monitoring.drift,
    feature: monitoring.monitoring.feature,
    sliceRows: slices.slices.compare,
    sliceEstimates: slices.slices.estimates,
    async sliceScores(wanted) {
      const own = slices.slices.list(wanted.endpoint);
      if (own.length === 0) return [];
      const { queryOf } = rawLog.rawLog;
      return monitoring.monitoring.sliceScores({ ...wanted, slices: own, queryOf });
    },
    sliceName: async (endpoint, id) =>
      slices.slices.list(endpoint).find((slice) => slice.id === id)?.name ?? null,
    isRegression: ({ model, arms }) =>
      versions.find(model, arms[0]?.version ?? '')?.prediction.task === 'regression',
    history: endpoints.history,
    versions: (model) => versions.get(model).versions,
    references: references.references.list,
    activities: activity.list,
  });
  const home = createWorkspaceArea(context, { ...options, workspace: workspace.info });
  const overview = createOverviewArea(context, {
    services: home.services,
    experiments: experiments.experiments,
    models: versions,
    serving: endpoints,
    monitoring: monitoring.monitoring,
    replay: replay.replay,
  });
  const trash = createTrashArea(context, {
    activities: activity.activities,
    tracking: experiments.tracking,
    registry: models.registry,
    settings: () => settings.settings.get().trash,
  });
  const minutesLate = startMinutesLate(context, {
    businessMetrics: businessMetrics.businessMetrics,
    replay: replay.replay,
  });
  let seeding: Promise<void> = Promise.resolve();

  return {
    router: {
      workspace: home.routes,
      overview: overview.routes,
      experiments: experiments.routes,
      artifacts: artifactArea.routes,
      compare: compare.routes,
      savedViews: createSavedViewsArea(context).routes,
      explore: explore.routes,
      datasets: createDatasetsArea(context).routes,
      lineage: createLineageArea(context).routes,
      models: models.routes,
      serving: serving.routes,
      abTests: abTests.routes,
      monitoring: { ...monitoring.routes, ...rawLog.routes },
      labels: labels.routes,
      slices: slices.routes,
      references: references.routes,
      businessMetrics: businessMetrics.routes,
      alerts: alerts.routes,
      driftReports: driftReports.routes,
      replay: replay.routes,
      activity: activity.routes,
      trash: trash.routes,
      settings: settings.routes,
      uploads: uploads.routes,
    },
    hello: home.hello,
    /** What the MLflow port serves. */
    mlflow: {
      tracking: experiments.tracking,
      loggedModels: experiments.loggedModels,
      registry: models.registry,
      artifacts,
    },
    ports: settings.settings.ports,
    /** After the engine answers: start processes, seed. Resolves when the gateway has said where it listens, or why not. */
    async start(): Promise<void> {
      trash.start();
      monitoring.start();
      slices.start();
      await endpoints.start();
      await rawLog.start();
      const seeded = {
        activities: activity.activities,
        experiments: experiments.experiments,
        models: versions,
        serving: endpoints,
        replay: replay.replay,
        references: references.references,
        slices: slices.slices,
        alerts: alerts.alerts,
        businessMetrics: businessMetrics.businessMetrics,
        markSample: workspace.markSample,
      };
      seeding = seedSample(context, seeded, options.sample)
        .then(replay.replay.resume)
        .catch((thrown: unknown) => context.log.error({ err: thrown }, 'seeding the sample failed'));
      alerts.start();
      await endpoints.waitListening(LISTEN_LIMIT_MS);
    },
    /** In reverse order of need. */
    async close(): Promise<void> {
      await seeding;
      await minutesLate.close();
      await alerts.close();
      await trash.close();
      await replay.close();
      await serving.close();
      abTests.close();
      await slices.close();
      monitoring.close();
      await rawLog.close();
      await uploads.close();
      await explore.close();
      activity.close();
    },
  };
}
