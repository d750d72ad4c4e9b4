/**
 * Tracking as MLflow means it (tracking.md of the research, §1.5): what its clients send, and its messages back as
 * JSON text. A call is one transaction: it happens whole or not at all, and it is answered after the commit.
 */
import { LatheError } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { Found } from '../../data/search.ts';
import type { MetricEntry, RunStatus } from './experiments.service.ts';
import { createExperimentStore } from './experiments.store.ts';
import { createLoggedModelStore } from './logged-models.store.ts';
import { createMetricHistory, type History } from './metric-history.ts';
import { randomRunName } from './run-names.ts';
import { type Search, searchExperiments, searchRuns } from './tracking.search.ts';
import { createTrackingStore, type NewInput, RUN_BY_ID_SQL } from './tracking.store.ts';

export type Pair = { key: string; value: string };
/** A metric may be of a logged model and measured on a dataset; the run has it as well. */
export type TrackedMetric = MetricEntry & {
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
};
export type TrackedBatch = { metrics: TrackedMetric[]; params: Pair[]; tags: Pair[] };

const NAME_TAG = 'mlflow.runName';
const PARENT_TAG = 'mlflow.parentRunId';
const NOTE_TAG = 'mlflow.note.content';

export type Tracking = ReturnType<typeof createTrackingService>;

export function createTrackingService(
  context: Pick<AreaContext, 'db' | 'readers' | 'clock' | 'ids' | 'events'>,
) {
  const { db, readers, clock, ids, events } = context;
  const store = createTrackingStore(db);
  const points = createExperimentStore(db);
  const loggedModels = createLoggedModelStore(db);
  const history = createMetricHistory(readers);

  const needExperiment = (id: string) => {
    const found = /^\d{1,15}$/.test(id) ? store.experiment(Number(id)) : null;
    if (!found) throw noExperiment(id);
    return found;
  };
  const activeExperiment = (id: string) => {
    const found = needExperiment(id);
    if (found.deleted_ms !== null) throw wrongState('experiment', id, 'active', 'deleted');
    return found;
  };
  const needRun = (id: string) => {
    const found = store.run(id);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'run', name: id });
    return found;
  };
  const activeRun = (id: string) => {
    const found = needRun(id);
    if (found.deleted_ms !== null) throw wrongState('run', id, 'active', 'deleted');
    return found;
  };
  /** One transaction, then one announcement. */
  function change<T>(work: () => T): T {
    const result = inTransaction(db, work);
    events.changed('experiments', 'overview');
    return result;
  }
  /** The same, of what goes to the trash or comes back. */
  function discard(work: () => void): void {
    change(work);
    events.changed('trash');
  }

  function putTag(run: number, { key, value }: Pair): void {
    points.setTag(run, key, value);
    if (key === NAME_TAG) store.renameRun(run, value);
    if (key === PARENT_TAG) store.setParent(run, value);
    if (key === NOTE_TAG) store.setNote(run, value);
  }
  function putModelMetric(run: string, { modelId, ...metric }: TrackedMetric): void {
    if (!modelId) return;
    const model = loggedModels.find(modelId);
    if (!model) throw new LatheError('LATHE_NOT_FOUND', { kind: 'logged model', name: modelId });
    loggedModels.addMetric(model.id, run, metric);
  }
  function putParam(run: number, runId: string, { key, value }: Pair): void {
    const present = points.putParam(run, key, value);
    if (present !== null && present !== value)
      throw new LatheError('LATHE_TRACKING_PARAM_CHANGED', { key, present, value, run: runId });
  }

  return {
    createExperiment: (name: string, location: string | null, tags: readonly Pair[]): string =>
      change(() => {
        const present = store.experimentByName(name);
        if (present) throw nameTaken(name, present.deleted_ms !== null);
        const id = store.insertExperiment(ids.next(), name, location, clock.now());
        for (const { key, value } of tags) store.setExperimentTag(id, key, value);
        return String(id);
      }),
    experiment: (id: string): string => store.experimentJson(needExperiment(id).id),
    experimentByName(name: string): string {
      const found = store.experimentByName(name);
      if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'experiment name', name });
      return store.experimentJson(found.id);
    },
    renameExperiment: (id: string, name: string): void =>
      change(() => {
        const present = store.experimentByName(name);
        const own = activeExperiment(id);
        if (present && present.id !== own.id) throw nameTaken(name, present.deleted_ms !== null);
        store.renameExperiment(own.id, name, clock.now());
      }),
    deleteExperiment: (id: string): void =>
      discard(() => {
        const found = needExperiment(id);
        if (found.deleted_ms !== null) throw noExperiment(id);
        store.deleteExperiment(found.id, clock.now());
      }),
    restoreExperiment: (id: string): void =>
      discard(() => {
        const found = needExperiment(id);
        if (found.deleted_ms === null) throw noExperiment(id);
        store.restoreExperiment(found.id, clock.now());
      }),
    setExperimentTag: (id: string, { key, value }: Pair): void =>
      change(() => store.setExperimentTag(activeExperiment(id).id, key, value)),
    deleteExperimentTag: (id: string, key: string): void =>
      change(() => {
        if (!store.deleteExperimentTag(activeExperiment(id).id, key))
          throw new LatheError('LATHE_NOT_FOUND', {
            kind: 'tag',
            name: `${key} in experiment with id ${id}`,
          });
      }),

    createRun: (run: {
      experimentId: string;
      user: string;
      name: string;
      startMs: number | null;
      tags: readonly Pair[];
    }): string =>
      change(() => {
        const experiment = activeExperiment(run.experimentId);
        const tagged = run.tags.find(({ key }) => key === NAME_TAG)?.value;
        if (run.name && tagged && run.name !== tagged)
          throw new LatheError('LATHE_INPUT_INVALID', {
            reason: `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${run.name}', mlflow.runName='${tagged}').`,
          });
        const name = run.name || tagged || randomRunName();
        const id = store.insertRun({
          uuid: ids.next().replaceAll('-', ''),
          experiment: experiment.id,
          name,
          user: run.user,
          startMs: run.startMs ?? clock.now(),
          parent: run.tags.find(({ key }) => key === PARENT_TAG)?.value ?? null,
        });
        for (const tag of run.tags) putTag(id, tag);
        if (!tagged) putTag(id, { key: NAME_TAG, value: name });
        return store.runJson(id);
      }),
    run: (id: string): string => store.runJson(needRun(id).id),
    /** The same as it is committed; one with thousands of metrics or params is written out on a reader thread. */
    async runForClient(id: string): Promise<string> {
      const run = needRun(id).id;
      if (!store.isLarge(run)) return store.runJson(run);
      const [row] = await readers.all<{ json: string }>(`SELECT (${RUN_BY_ID_SQL}) AS json`, [run], 60_000);
      return row?.json ?? store.runJson(run);
    },
    /** Where the run's artifacts lie, such as mlflow-artifacts:/1/<run>/artifacts; null when there is no such run. */
    artifactRoot(id: string): string | null {
      const run = store.run(id);
      return run && store.artifactRoot(run.id);
    },
    updateRun: (id: string, patch: { status?: RunStatus; endMs?: number; name?: string }): string =>
      change(() => {
        const run = activeRun(id);
        if (patch.status) store.setStatus(run.id, patch.status);
        if (patch.endMs !== undefined) store.setEnd(run.id, patch.endMs);
        if (patch.name) putTag(run.id, { key: NAME_TAG, value: patch.name });
        return store.runInfoJson(run.id);
      }),
    /** An empty note takes the tag away. */
    setNote: (id: string, note: string): void =>
      change(() => {
        const run = activeRun(id);
        if (note === '') {
          store.deleteTag(run.id, NOTE_TAG);
          store.setNote(run.id, '');
        } else putTag(run.id, { key: NOTE_TAG, value: note });
      }),
    deleteRun: (id: string): void => discard(() => store.deleteRun(needRun(id).id, clock.now())),
    restoreRun: (id: string): void =>
      discard(() => {
        const run = needRun(id);
        activeExperiment(String(run.exp_id));
        store.deleteRun(run.id, null);
      }),

    log: (id: string, batch: TrackedBatch): void =>
      change(() => {
        const run = activeRun(id);
        for (const param of batch.params) putParam(run.id, id, param);
        for (const [key, entries] of Map.groupBy(batch.metrics, (metric) => metric.key))
          points.addPoints(run.id, key, entries);
        for (const metric of batch.metrics) putModelMetric(id, metric);
        for (const tag of batch.tags) putTag(run.id, tag);
        points.touchExperiment(run.id, clock.now());
      }),
    deleteTag: (id: string, key: string): void =>
      change(() => {
        if (!store.deleteTag(activeRun(id).id, key))
          throw new LatheError('LATHE_NOT_FOUND', { kind: 'tag', name: `${key} in run with id ${id}` });
      }),
    logInputs: (id: string, datasets: readonly NewInput[], models: readonly string[]): void =>
      change(() => {
        const run = activeRun(id);
        for (const dataset of datasets) store.addInput(run.id, dataset, ids.next(), clock.now());
        for (const model of models) store.linkModel(run.id, 'input', model, 0);
      }),
    logOutputs: (id: string, models: readonly { model: string; step: number }[]): void =>
      change(() => {
        const run = activeRun(id);
        for (const { model, step } of models) store.linkModel(run.id, 'output', model, step);
      }),
    /** MLflow 2 clients: the model is added to the JSON list in a tag. */
    logModel: (id: string, model: unknown): void =>
      change(() => {
        const run = activeRun(id);
        const history = JSON.parse(store.tag(run.id, 'mlflow.log-model.history') ?? '[]') as unknown[];
        putTag(run.id, { key: 'mlflow.log-model.history', value: JSON.stringify([...history, model]) });
      }),
    searchRuns: (search: Search & { experimentIds: readonly string[] }): Promise<Found> =>
      searchRuns(readers, search),
    searchExperiments: (search: Search): Promise<Found> => searchExperiments(readers, search),
    /**
     * Points of one metric as a JSON text, joined by commas, in MLflow's order: timestamp, step, value. An unknown
     * run or metric has none.
     */
    history: (id: string, key: string, limit: number, offset: number): Promise<History> =>
      history.page(id, key, limit, offset),
    /** The same of many runs, by id; `limit` over all. */
    historyOfRuns: (ids: readonly string[], key: string, limit: number): Promise<string> =>
      history.bulk(ids, key, limit),
    /** At most `most` points a run, evenly taken between the steps. */
    sampledHistory: (
      ids: readonly string[],
      key: string,
      steps: { from: number; to: number } | null,
      most: number,
    ): Promise<string> => history.sampled(ids, key, steps, most),
    /** The datasets that the runs of these experiments read. JSON texts. */
    async datasetsOf(experimentIds: readonly string[]): Promise<string[]> {
      const ids = experimentIds.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
      const rows = await readers.all<{ json: string }>(DATASETS_SQL, [JSON.stringify(ids)]);
      return rows.map(({ json }) => json);
    },
  };
}

/** At most 1000, as MLflow has it. */
const DATASETS_SQL = `SELECT json_object('experiment_id', CAST(r.exp_id AS TEXT), 'name', d.name, 'digest', d.digest,
    'context', NULLIF(i.context, '')) AS json
  FROM run r JOIN run_input i ON i.run_id = r.id JOIN dataset d ON d.id = i.dataset_id
  WHERE r.exp_id IN (SELECT value FROM json_each(?)) AND r.deleted_ms IS NULL
  GROUP BY r.exp_id, d.name, d.digest, i.context ORDER BY r.exp_id, d.name, d.digest, i.context LIMIT 1000`;

const noExperiment = (id: string) => new LatheError('LATHE_NOT_FOUND', { kind: 'experiment', name: id });

const wrongState = (kind: string, id: string, needed: string, state: string) =>
  new LatheError('LATHE_TRACKING_STATE', { kind, id, needed, state });

const nameTaken = (name: string, deleted: boolean) =>
  new LatheError('LATHE_TRACKING_NAME_TAKEN', {
    kind: 'Experiment',
    name: `name=${name}`,
    where: deleted
      ? ' in deleted state. You can restore it, or permanently delete it to create a new one'
      : '',
  });
