/** Schemas that several areas share. Times are integer milliseconds since the epoch, UTC. */
import { z } from 'zod';

export const Millis = z.int().nonnegative();
export const Id = z.string().min(1).max(64);
/** Names of models, endpoints, experiments: what a URL path and a file name can carry. */
export const Name = z
  .string()
  .min(1)
  .max(128)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'letters, digits, dot, dash and underscore; starts with a letter or digit',
  );
/** A registered model's name, as MLflow has it: any text without slash and colon that is no folder sign. */
export const ModelName = z
  .string()
  .min(1)
  .max(256)
  .refine((name) => name.trim() !== '' && !/[/:]/.test(name) && name !== '.' && name !== '..', {
    message: 'any text without a slash or a colon',
  });
/** MLflow's rule: no alias looks like a version, and none is called latest. */
export const ModelAlias = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\w-]+$/, 'letters, digits, dash and underscore')
  .refine((alias) => !/^v\d+$/i.test(alias) && alias.toLowerCase() !== 'latest', {
    message: 'not “latest” and not like a version (v1)',
  });
/** A model version's number as a string of digits, as the Open Inference Protocol writes it. */
export const Version = z.string().regex(/^[1-9][0-9]{0,8}$/);
export const Revision = z.int().nonnegative();

export const ErrorReportSchema = z.object({
  code: z.string(),
  status: z.int(),
  cause: z.string(),
  remedy: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** Open Inference Protocol datatypes. */
export const Datatype = z.enum([
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BF16',
  'BYTES',
]);
export type Datatype = z.infer<typeof Datatype>;

/** One input or output of a model; -1 is a dimension of any size, the first one is the batch. */
export const TensorSpec = z.object({ name: z.string(), datatype: Datatype, shape: z.array(z.int()) });
export type TensorSpec = z.infer<typeof TensorSpec>;

/** A feature's value as it travels in logs and profiles. */
export const FeatureValue = z.union([z.number(), z.string(), z.boolean(), z.null()]);
export type FeatureValue = z.infer<typeof FeatureValue>;
