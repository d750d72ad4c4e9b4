import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, ModelName, TensorSpec, Version } from './common.ts';

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

export const LineageNode = z.object({
  id: z.string(),
  kind: z.enum(['dataset', 'run', 'version', 'endpoint']),
  title: z.string(),
  subtitle: z.string(),
  /** Route of the UI that shows it. */
  href: z.string().nullable(),
});
export const Lineage = z.object({
  nodes: z.array(LineageNode),
  edges: z.array(z.object({ from: z.string(), to: z.string(), label: z.string() })),
});
export type Lineage = z.infer<typeof Lineage>;

export const models = {
  list: oc.output(z.array(RegisteredModel)),
  get: oc
    .input(z.object({ name: ModelName }))
    .output(z.object({ model: RegisteredModel, versions: z.array(ModelVersion) })),
  version: oc.input(z.object({ name: ModelName, version: Version })).output(ModelVersion),
  /** Everything upstream and downstream of a model. */
  lineage: oc.input(z.object({ name: ModelName })).output(Lineage),
  /** Registers an uploaded .onnx as a new version; the model is made when the name is new. */
  import: oc
    .input(z.object({ uploadId: Id, name: ModelName, description: z.string().max(5000).default('') }))
    .output(ModelVersion),
};
