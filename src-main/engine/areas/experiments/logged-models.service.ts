/** Logged models (MLflow 3): a model's files, params, metrics and tags from the moment a run begins to write it. */
import { LatheError } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { Found } from '../../data/search.ts';
import { createLoggedModelStore } from './logged-models.store.ts';
import { randomRunName } from './run-names.ts';
import { type LoggedModelSearch, searchLoggedModels } from './tracking.search.ts';
import type { Pair } from './tracking.service.ts';
import { createTrackingStore } from './tracking.store.ts';

export type LoggedModelStatus = 'LOGGED_MODEL_PENDING' | 'LOGGED_MODEL_READY' | 'LOGGED_MODEL_UPLOAD_FAILED';

const VERSIONS_TAG = 'mlflow.modelVersions';

export type LoggedModels = ReturnType<typeof createLoggedModelService>;

export function createLoggedModelService(
  context: Pick<AreaContext, 'db' | 'readers' | 'clock' | 'ids' | 'events'>,
) {
  const { db, readers, clock, ids, events } = context;
  const store = createLoggedModelStore(db);
  const tracking = createTrackingStore(db);

  const need = (id: string) => {
    const found = store.find(id);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'logged model', name: id });
    return found;
  };
  function change<T>(work: () => T): T {
    const result = inTransaction(db, work);
    events.changed('experiments', 'models');
    return result;
  }
  function putParams(id: number, uuid: string, params: readonly Pair[]): void {
    for (const { key, value } of params) {
      const present = store.putParam(id, key, value);
      if (present !== null && present !== value)
        throw new LatheError('LATHE_TRACKING_PARAM_CHANGED', { key, present, value, run: uuid });
    }
  }

  return {
    /** The model's message as JSON, with LOGGED_MODEL_PENDING until it is finalised. */
    create: (model: {
      experimentId: string;
      name: string;
      modelType: string;
      sourceRunId: string | null;
      params: readonly Pair[];
      tags: readonly Pair[];
    }): string =>
      change(() => {
        const experiment = /^\d{1,15}$/.test(model.experimentId)
          ? tracking.experiment(Number(model.experimentId))
          : null;
        if (!experiment)
          throw new LatheError('LATHE_NOT_FOUND', { kind: 'experiment', name: model.experimentId });
        if (experiment.deleted_ms !== null)
          throw new LatheError('LATHE_TRACKING_STATE', {
            kind: 'experiment',
            id: model.experimentId,
            needed: 'active',
            state: 'deleted',
          });
        const uuid = `m-${ids.next().replaceAll('-', '')}`;
        const id = store.insert(
          {
            uuid,
            experiment: experiment.id,
            name: model.name || randomRunName(),
            modelType: model.modelType,
            sourceRun: model.sourceRunId,
          },
          clock.now(),
        );
        putParams(id, uuid, model.params);
        for (const { key, value } of model.tags) store.setTag(id, key, value);
        return store.json(id);
      }),
    get(id: string, alsoDeleted = false): string {
      const found = alsoDeleted ? store.findAny(id) : store.find(id);
      if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'logged model', name: id });
      return store.json(found.id);
    },
    /** Where its files lie and which run made it; null when there is none. */
    find(id: string): { root: string; run: string | null } | null {
      const found = store.find(id);
      return found && { root: found.root, run: found.source_run };
    },
    /** Adds a registered version to the tag that MLflow keeps of them. */
    addVersion: (id: string, name: string, version: string): void =>
      change(() => {
        const model = need(id);
        const present = JSON.parse(store.tag(model.id, VERSIONS_TAG) ?? '[]') as unknown[];
        store.setTag(
          model.id,
          VERSIONS_TAG,
          JSON.stringify([...present, { name, version: Number(version) }]),
        );
      }),
    finalise: (id: string, status: LoggedModelStatus): string =>
      change(() => {
        const model = need(id);
        store.setStatus(model.id, status, clock.now());
        return store.json(model.id);
      }),
    /** To the trash; again is no error. */
    remove: (id: string): void => {
      change(() => {
        if (store.find(id) || !store.findAny(id)) store.remove(need(id).id, clock.now());
      });
      events.changed('trash');
    },
    logParams: (id: string, params: readonly Pair[]): void =>
      change(() => {
        const model = need(id);
        putParams(model.id, id, params);
        store.touch(model.id, clock.now());
      }),
    setTags: (id: string, tags: readonly Pair[]): void =>
      change(() => {
        const model = need(id);
        for (const { key, value } of tags) store.setTag(model.id, key, value);
        store.touch(model.id, clock.now());
      }),
    deleteTag: (id: string, key: string): void =>
      change(() => {
        const model = need(id);
        if (!store.deleteTag(model.id, key))
          throw new LatheError('LATHE_NOT_FOUND', { kind: 'tag of a logged model', name: key, model: id });
        store.touch(model.id, clock.now());
      }),
    search: (search: LoggedModelSearch): Promise<Found> => searchLoggedModels(readers, search),
  };
}
