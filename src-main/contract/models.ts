import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, ModelAlias, ModelName, TensorSpec, Version } from './common.ts';

/** Which outputs are the prediction that monitoring reads. */
export const PredictionSpec = z.object({
  task: z.enum(['binary-classification', 'regression', 'other']),
  /** Output holding the predicted class or value. */
  label: z.string().nullable(),
  /** Output and column holding the score (probability of the positive class). */
  score: z.object({ output: z.string(), index: z.int() }).nullable(),
  /** A score at or above this counts as positive. */
  threshold: z.number(),
});
export type PredictionSpec = z.infer<typeof PredictionSpec>;

export const ModelVersion = z.object({
  model: ModelName,
  version: Version,
  createdMs: Millis,
  description: z.string(),
  /** Of the ONNX file that is served; null when the version holds none that could be. */
  sha256: z.string().nullable(),
  sizeBytes: z.int().nullable(),
  /** Why it cannot be served here, or null. */
  notServable: z.string().nullable(),
  /** MLflow's stage: None, Staging, Production or Archived. */
  stage: z.string(),
  tags: z.record(z.string(), z.string()),
  /** What the client registered it from, such as models:/m-0123 or runs:/abc/model. */
  source: z.string(),
  updatedMs: Millis,
  inputs: z.array(TensorSpec),
  outputs: z.array(TensorSpec),
  opset: z.int().nullable(),
  producer: z.string(),
  metadata: z.record(z.string(), z.string()),
  prediction: PredictionSpec,
  /** Validation metrics recorded with the version. */
  metrics: z.record(z.string(), z.number()),
  aliases: z.array(z.string()),
  runId: Id.nullable(),
  /** True when a training reference profile is stored, so that drift can be computed. */
  hasReference: z.boolean(),
  servedBy: z.array(z.string()),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

export const RegisteredModel = z.object({
  name: ModelName,
  description: z.string(),
  createdMs: Millis,
  updatedMs: Millis,
  versionCount: z.int(),
  latest: Version.nullable(),
  aliases: z.record(z.string(), Version),
  tags: z.record(z.string(), z.string()),
  servedBy: z.array(z.string()),
});
export type RegisteredModel = z.infer<typeof RegisteredModel>;

/** The structure of an ONNX file. */
export const OnnxSummary = z.object({
  irVersion: z.int(),
  opsets: z.array(z.object({ domain: z.string(), version: z.int() })),
  nodes: z.int(),
  /** Most used first; those of other domains with the domain before their name. */
  operators: z.array(z.object({ name: z.string(), count: z.int() })),
  /** Tensors of weights, and how many numbers they hold. Trees keep theirs in attributes, which are not counted. */
  weights: z.int(),
  parameters: z.int(),
  /** False when the file is so large or deep that it was not read to its end. */
  whole: z.boolean(),
});
export type OnnxSummary = z.infer<typeof OnnxSummary>;

export const MlflowField = z.object({
  name: z.string(),
  type: z.string(),
  /** Of tensors; -1 is any size. */
  shape: z.array(z.number()).nullable(),
  required: z.boolean(),
});
export type MlflowField = z.infer<typeof MlflowField>;

/** What MLflow's MLmodel file says; '' where it says nothing. */
export const MlflowModel = z.object({
  flavors: z.array(z.string()),
  mlflowVersion: z.string(),
  createdAt: z.string(),
  inputs: z.array(MlflowField),
  outputs: z.array(MlflowField),
  params: z.array(MlflowField),
});
export type MlflowModel = z.infer<typeof MlflowModel>;

/** A table, or else the text. */
export const InputExample = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  /** Rows that are not here. */
  more: z.int(),
  text: z.string().nullable(),
});
export type InputExample = z.infer<typeof InputExample>;

export const VersionFiles = z.object({
  onnx: OnnxSummary.nullable(),
  mlflow: MlflowModel.nullable(),
  example: InputExample.nullable(),
  /** All files of the version. */
  files: z.int(),
  bytes: z.int(),
});
export type VersionFiles = z.infer<typeof VersionFiles>;

export const VersionDiffSection = z.enum([
  'version',
  'metric',
  'signature',
  'operator',
  'tag',
  'metadata',
  'param',
  'code',
  'environment',
  'dataset',
  'package',
]);
export type VersionDiffSection = z.infer<typeof VersionDiffSection>;

export const VersionDiffRow = z.object({
  section: VersionDiffSection,
  key: z.string(),
  /** Of the first and of the second version; null where it has none. */
  values: z.array(z.union([z.string(), z.number(), z.null()])).length(2),
  differs: z.boolean(),
});
export type VersionDiffRow = z.infer<typeof VersionDiffRow>;

const TagKey = z.string().trim().min(1).max(250);
const Description = z.string().max(5000);
const Named = { name: ModelName, version: Version };

export const models = {
  list: oc.output(z.array(RegisteredModel)),
  get: oc
    .input(z.object({ name: ModelName }))
    .output(z.object({ model: RegisteredModel, versions: z.array(ModelVersion) })),
  version: oc.input(z.object({ name: ModelName, version: Version })).output(ModelVersion),
  /** What the version's files say. */
  files: oc.input(z.object(Named)).output(VersionFiles),
  /** Any two versions, of one model or of two: what they are, and how the runs that they came from differ. */
  diff: oc
    .input(z.object({ a: z.object(Named), b: z.object(Named) }))
    .output(z.object({ rows: z.array(VersionDiffRow), runs: z.array(Id.nullable()).length(2) })),
  describe: oc.input(z.object({ name: ModelName, description: Description })).output(z.void()),
  describeVersion: oc.input(z.object({ ...Named, description: Description })).output(z.void()),
  /** An alias is of one version: naming another moves it, null takes it away. */
  setAlias: oc
    .input(z.object({ name: ModelName, alias: ModelAlias, version: Version.nullable() }))
    .output(z.void()),
  /** Of the version, or of the model when no version is named; null takes the tag away. */
  setTag: oc
    .input(
      z.object({
        name: ModelName,
        version: Version.nullable(),
        key: TagKey,
        value: z.string().max(100_000).nullable(),
      }),
    )
    .output(z.void()),
  setStage: oc
    .input(z.object({ ...Named, stage: z.enum(['None', 'Staging', 'Production', 'Archived']) }))
    .output(z.void()),
  /** Registers an uploaded .onnx as a new version; the model is made when the name is new. */
  import: oc
    .input(z.object({ uploadId: Id, name: ModelName, description: Description.default('') }))
    .output(ModelVersion),
};
