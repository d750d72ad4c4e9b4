/**
 * The model registry. A version is its file's bytes and what is known about them; it never changes. A file is
 * registered only when it is an ONNX model and the runner could load it: of a refused one nothing stays.
 */
import { LatheError } from '../../../contract/errors.ts';
import type { ModelVersion, PredictionSpec, RegisteredModel } from '../../../contract/models.ts';
import type { AreaContext } from '../../context.ts';
import { type BlobIdentity, hashFile } from '../../data/blobs.ts';
import { inTransaction } from '../../data/database.ts';
import { copyTemporary } from './model-file.ts';
import { guessPrediction } from './models.rules.ts';
import { createModelStore } from './models.store.ts';
import { inspectOnnx, type OnnxModel } from './onnx.ts';

export type Registration = {
  model: string;
  /** A finished file. A temporary one of ours is moved; any other is copied. */
  file: string;
  temporary: boolean;
  /** For messages: the name a person knows the file by. */
  fileName: string;
  description?: string;
  runId?: string | null;
  metrics?: Record<string, number>;
  metadata?: Record<string, string>;
  /** By default guessed from the outputs' names and shapes. */
  prediction?: PredictionSpec;
  /** Training reference profile as JSON, for drift. */
  reference?: string | null;
  aliases?: string[];
  createdMs?: number;
  /** Ships with Lathe and was tried when it was made: the runner need not load it first. */
  trusted?: boolean;
};

/** Loads the file in the runner and lets it go again; throws a LATHE_MODELS_* error when that fails. */
export type VerifyModel = (path: string, sha256: string) => Promise<void>;

export type Models = {
  /** Registers the next version; the model is made when its name is new. */
  register(registration: Registration): Promise<ModelVersion>;
  /** Null when there is no such model or version. */
  find(model: string, version: string): ModelVersion | null;
  /** The numbers of a model's versions; none when there is no such model. */
  numbers(model: string): string[];
  /** The reference profile of a version as JSON, or null. */
  reference(model: string, version: string): string | null;
  setReference(model: string, version: string, reference: string): void;
  setAlias(model: string, alias: string, version: string): void;
  list(): RegisteredModel[];
  get(model: string): { model: RegisteredModel; versions: ModelVersion[] };
  version(model: string, version: string): ModelVersion;
  /** Who tries files before they are registered; until it is set the static inspection stands alone. */
  verifyWith(verify: VerifyModel): void;
  verify: VerifyModel;
};

/** The scheme of addresses of artifacts kept here. */
export const ARTIFACTS = 'mlflow-artifacts:/';

export function createModelService(
  context: Pick<AreaContext, 'db' | 'blobs' | 'clock' | 'ids' | 'events' | 'paths'>,
): Models {
  const { db, blobs, clock, ids, events } = context;
  const store = createModelStore(db);
  let verify: VerifyModel | null = null;

  const missing = (kind: string, name: string) => new LatheError('LATHE_NOT_FOUND', { kind, name });

  /** Gives the file a place under its hash once it is known to be good. */
  async function keep(registration: Registration): Promise<{ onnx: OnnxModel; blob: BlobIdentity }> {
    const { file, fileName, temporary } = registration;
    const onnx = await inspectOnnx(file, fileName);
    if (verify && !registration.trusted) {
      const { sha256 } = await hashFile(file);
      await verify(file, sha256).catch((thrown: unknown) => {
        throw named(thrown, fileName);
      });
    }
    return { onnx, blob: await blobs.adopt(temporary ? file : await copyTemporary(file, context.paths)) };
  }

  function insert(registration: Registration, onnx: OnnxModel, blob: BlobIdentity): string {
    const nowMs = registration.createdMs ?? clock.now();
    const { model, description = '' } = registration;
    return inTransaction(db, () => {
      if (store.modelId(model) === null) store.insertModel(ids.next(), model, '', nowMs);
      const modelId = store.modelId(model);
      if (modelId === null) throw missing('model', model);
      const uuid = ids.next();
      const place = `registry/${uuid}`;
      store.putFile(`${place}/model.onnx`, blob, nowMs);
      const version = store.insertVersion({
        uuid,
        modelId,
        description,
        ...blob,
        notServable: null,
        runId: registration.runId ?? null,
        source: `${ARTIFACTS}${place}`,
        location: `${ARTIFACTS}${place}`,
        runLink: '',
        user: '',
        loggedModel: null,
        inputs: onnx.inputs,
        outputs: onnx.outputs,
        opset: onnx.opset,
        producer: onnx.producer,
        metadata: { ...onnx.metadata, ...registration.metadata },
        prediction: registration.prediction ?? guessPrediction(onnx.outputs),
        metrics: registration.metrics ?? {},
        reference: registration.reference ?? null,
        createdMs: nowMs,
      });
      for (const alias of registration.aliases ?? []) store.setAlias(modelId, alias, version, nowMs);
      store.touchModel(modelId, nowMs);
      return version;
    });
  }

  const service: Models = {
    async register(registration) {
      const { onnx, blob } = await keep(registration);
      let version: string;
      try {
        version = insert(registration, onnx, blob);
      } catch (thrown) {
        await blobs.removeUnused(blob.sha256);
        throw thrown;
      }
      events.changed('models', 'experiments', 'overview');
      return service.version(registration.model, version);
    },
    find: (model, version) => store.version(model, version),
    numbers: (model) => store.versions(model).map(({ version }) => version),
    reference: (model, version) => store.reference(model, version),
    setReference(model, version, reference) {
      if (!store.setReference(model, version, reference))
        throw missing('model version', `${model} ${version}`);
      events.changed('models', 'monitoring');
    },
    setAlias(model, alias, version) {
      const id = store.modelId(model);
      if (id === null || !store.version(model, version))
        throw missing('model version', `${model} ${version}`);
      store.setAlias(id, alias, version, clock.now());
      events.changed('models');
    },
    list: () => store.models(),
    get(name) {
      const model = store.model(name);
      if (!model) throw missing('model', name);
      return { model, versions: store.versions(name) };
    },
    version(name, number) {
      const version = store.version(name, number);
      if (!version) throw missing('model version', `${name} ${number}`);
      return version;
    },
    verifyWith(given) {
      verify = given;
    },
    verify: async (path, sha256) => verify?.(path, sha256),
  };
  return service;
}

/** The runner knows the file by its path; a person knows it by its name. */
const named = (thrown: unknown, file: string): unknown =>
  thrown instanceof LatheError && 'file' in thrown.details
    ? new LatheError(thrown.code, { ...thrown.details, file }, { cause: thrown })
    : thrown;
