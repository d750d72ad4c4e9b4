/**
 * The registry as MLflow means it (tracking.md of the research, §1.5): its messages as JSON text. A version's files
 * are artifacts; when an ONNX model is among them, that file is what endpoints serve.
 */
import { LatheError } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { Found } from '../../data/search.ts';
import { guessPrediction } from './models.rules.ts';
import { createModelStore } from './models.store.ts';
import { type FoundOnnx, findOnnx, type OnnxFinder } from './onnx-finder.ts';
import { type RegistrySearch, searchModels, searchVersions } from './registry.search.ts';
import { createRegistryStore, type VersionState } from './registry.store.ts';
import { locateSource, type SourceFacts } from './version-source.ts';

export type Pair = { key: string; value: string };
export type NewModelVersion = {
  model: string;
  source: string;
  run: string;
  loggedModel: string;
  runLink: string;
  description: string;
  tags: readonly Pair[];
};
export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';
export type Registry = ReturnType<typeof createRegistryService>;
export type RegistryDeps = Omit<SourceFacts, 'registered'> &
  OnnxFinder & {
    /** Remembers with a logged model where it was registered. */
    tagLoggedModel(id: string, model: string, version: string): void;
  };

const IS_PROMPT = 'mlflow.prompt.is_prompt';
/** Of a run, kept with the version that came from it. */
const MOST_METRICS = 50;

export function createRegistryService(
  context: Pick<AreaContext, 'db' | 'writes' | 'readers' | 'clock' | 'ids' | 'events' | 'blobs'>,
  deps: RegistryDeps,
) {
  const { db, writes, readers, clock, ids, events } = context;
  const store = createRegistryStore(db);
  const models = createModelStore(db);

  const needModel = (name: string) => {
    const found = store.model(name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'registered model', name });
    return found;
  };
  const needVersion = (name: string, version: string): VersionState => {
    const model = store.model(name);
    const found = model && store.version(model.id, Number(version));
    if (!found)
      throw new LatheError('LATHE_NOT_FOUND', {
        kind: 'model version',
        name: `(name=${name}, version=${version})`,
      });
    return found;
  };
  function change<T>(work: () => T): T {
    const result = inTransaction(db, work);
    events.changed('models', 'overview');
    return result;
  }
  function changeVersion(name: string, version: string, work: (state: VersionState) => void): string {
    return change(() => {
      const state = needVersion(name, version);
      work(state);
      store.touch(state.model_id, clock.now());
      return store.versionJson(state.id);
    });
  }
  function checkUnserved(name: string, version: string | null): void {
    const served = models
      .versions(name)
      .find((one) => one.servedBy.length > 0 && (version === null || one.version === version));
    if (served)
      throw new LatheError('LATHE_MODELS_IN_USE', {
        name,
        version: served.version,
        endpoint: served.servedBy.join(', '),
      });
  }
  const facts: SourceFacts = {
    ...deps,
    registered(name, version) {
      const model = needModel(name);
      const byNumber = /^\d+$/.test(version);
      const found = byNumber ? needVersion(name, version) : store.byAlias(model.id, version);
      if (!found)
        throw new LatheError('LATHE_INPUT_INVALID', {
          reason: `Registered model alias ${version} not found.`,
        });
      const { location, run_uuid: run, logged_model: loggedModel } = found;
      if (location === '')
        throw new LatheError('LATHE_INPUT_INVALID', {
          reason: `Invalid model version source: 'models:/${name}/${version}'. Prompt versions cannot be used as model version sources.`,
        });
      return { source: `models:/${name}/${found.version}`, location, run, loggedModel };
    },
  };

  function insertVersion(given: NewModelVersion, located: ReturnType<typeof locateSource>, onnx: FoundOnnx) {
    return change(() => {
      const model = needModel(given.model);
      const uuid = ids.next();
      const { outputs } = onnx;
      const version = models.insertVersion({
        uuid,
        modelId: model.id,
        description: given.description,
        ...onnx,
        runId: located.run || null,
        source: located.source,
        location: located.location,
        runLink: given.runLink,
        user: '',
        loggedModel: located.loggedModel,
        prediction: guessPrediction(outputs),
        metrics: located.run ? store.metricsOf(located.run, MOST_METRICS) : {},
        reference: null,
        createdMs: clock.now(),
      });
      for (const { key, value } of given.tags) models.setVersionTag(uuid, key, value);
      store.touch(model.id, clock.now());
      if (located.loggedModel) deps.tagLoggedModel(located.loggedModel, given.model, version);
      return store.versionJson(needVersion(given.model, version).id);
    });
  }

  return {
    createModel: (name: string, description: string, tags: readonly Pair[]): string =>
      change(() => {
        if (store.model(name)) throw nameTaken(name);
        models.insertModel(ids.next(), name, description, clock.now());
        const { id } = needModel(name);
        for (const { key, value } of tags) store.setTag(id, key, value);
        return store.modelJson(id);
      }),
    model: (name: string): string => store.modelJson(needModel(name).id),
    rename: (name: string, newName: string): string =>
      change(() => {
        const { id } = needModel(name);
        if (newName !== name && store.model(newName)) throw nameTaken(newName);
        checkUnserved(name, null);
        store.rename(id, newName, clock.now());
        return store.modelJson(id);
      }),
    describe: (name: string, description: string): string =>
      change(() => {
        const { id } = needModel(name);
        store.describe(id, description, clock.now());
        return store.modelJson(id);
      }),
    /** To the trash; refused while an endpoint serves a version of it. */
    removeModel: (name: string): void => {
      change(() => {
        const { id } = needModel(name);
        checkUnserved(name, null);
        store.remove(id, clock.now());
      });
      events.changed('trash');
    },
    setTag: (name: string, { key, value }: Pair): void =>
      change(() => {
        const { id } = needModel(name);
        store.setTag(id, key, value);
        store.touch(id, clock.now());
      }),
    deleteTag: (name: string, key: string): void =>
      change(() => {
        const { id } = needModel(name);
        store.deleteTag(id, key);
        store.touch(id, clock.now());
      }),
    setAlias: (name: string, alias: string, version: string): void =>
      change(() => {
        const { model_id } = needVersion(name, version);
        models.setAlias(model_id, alias, version, clock.now());
        store.touch(model_id, clock.now());
      }),
    deleteAlias: (name: string, alias: string): void =>
      change(() => {
        const { id } = needModel(name);
        store.deleteAlias(id, alias);
        store.touch(id, clock.now());
      }),
    /** By alias; `latest` is the newest version. */
    versionByAlias(name: string, alias: string): string {
      const { id } = needModel(name);
      const found = alias.toLowerCase() === 'latest' ? store.newest(id) : store.byAlias(id, alias);
      if (found) return store.versionJson(found.id);
      if (alias.toLowerCase() === 'latest')
        throw new LatheError('LATHE_NOT_FOUND', { kind: 'latest version', name });
      throw new LatheError('LATHE_INPUT_INVALID', { reason: `Registered model alias ${alias} not found.` });
    },
    latestVersions: (name: string, stages: readonly string[]): string[] =>
      store.latest(needModel(name).id, stages),

    /** Inspects what the source holds, then registers it: a version without an ONNX file is kept, not served. */
    async createVersion(given: NewModelVersion): Promise<string> {
      needModel(given.model);
      const isPrompt = given.tags.some(
        ({ key, value }) => key === IS_PROMPT && value.toLowerCase() === 'true',
      );
      const located = locateSource({ ...given, isPrompt }, facts);
      const onnx = await findOnnx(located.location, deps);
      return writes.run(() => insertVersion(given, located, onnx));
    },
    version: (name: string, version: string): string => store.versionJson(needVersion(name, version).id),
    describeVersion: (name: string, version: string, description: string): string =>
      changeVersion(name, version, ({ id }) => store.describeVersion(id, description, clock.now())),
    transition: (name: string, version: string, stage: Stage, archiveOthers: boolean): string =>
      changeVersion(name, version, (state) => {
        if (archiveOthers) store.archiveOthers(state, stage, clock.now());
        store.setStage(state.id, stage, clock.now());
      }),
    /** To the trash, its aliases gone; refused while an endpoint serves it. */
    removeVersion: (name: string, version: string): void => {
      change(() => {
        const state = needVersion(name, version);
        checkUnserved(name, String(state.version));
        store.removeVersion(state, clock.now());
        store.touch(state.model_id, clock.now());
      });
      events.changed('trash');
    },
    setVersionTag: (name: string, version: string, { key, value }: Pair): void =>
      void changeVersion(name, version, ({ id }) => store.setVersionTag(id, key, value)),
    deleteVersionTag: (name: string, version: string, key: string): void =>
      void changeVersion(name, version, ({ id }) => store.deleteVersionTag(id, key)),
    /** mlflow-artifacts:/… or where else the client put the files. */
    downloadUri: (name: string, version: string): string => {
      const { location, source } = needVersion(name, version);
      return location || source;
    },
    searchModels: (search: RegistrySearch): Promise<Found> => searchModels(readers, search),
    searchVersions: (search: RegistrySearch): Promise<Found> => searchVersions(readers, search),
  };
}

const nameTaken = (name: string) =>
  new LatheError('LATHE_TRACKING_NAME_TAKEN', { kind: 'Registered Model ', name: `name=${name}`, where: '' });
