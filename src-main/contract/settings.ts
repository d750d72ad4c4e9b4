import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Revision } from './common.ts';
import { ProviderWish } from './devices.ts';

const Port = z.int().min(0).max(65_535);

export const Settings = z.object({
  revision: Revision,
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** 0 picks a free port at each start. */
  ports: z.object({ inferenceHttp: Port, inferenceGrpc: Port, mlflow: Port }),
  serving: z.object({
    /** Most rows in one batch. */
    maxBatchRows: z.int().min(1).max(4096),
    /** How long the first request of a batch may wait for company, in microseconds. */
    maxQueueDelayUs: z.int().min(0).max(1_000_000),
    /** Within which answers of a model without a target of its own should be there; 0 leaves it to Lathe. */
    sloMs: z.int().min(0).max(600_000),
    /** Memory for models on a device, in bytes; 0 is half of the machine's. */
    memoryBudgetBytes: z
      .int()
      .min(0)
      .max(16 * 1024 ** 4),
    /** What runs the models that have no setting of their own. */
    provider: ProviderWish,
    requestTimeoutMs: z.int().min(10).max(600_000),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(1024 * 1024 * 1024),
  }),
  monitoring: z.object({
    /** Logged predictions older than this many days of wall time are removed. */
    retentionDays: z.int().min(1).max(3650),
  }),
  trash: z.object({
    /** Deleted experiments, runs and models go for good after this many days. */
    keepDays: z.int().min(1).max(3650),
    /** The same for files that were deleted or overwritten. */
    keepFilesDays: z.int().min(1).max(3650),
  }),
});
export type Settings = z.infer<typeof Settings>;

export const SettingsPatch = z.object({
  theme: Settings.shape.theme.optional(),
  density: Settings.shape.density.optional(),
  ports: Settings.shape.ports.partial().optional(),
  serving: Settings.shape.serving.partial().optional(),
  monitoring: Settings.shape.monitoring.partial().optional(),
  trash: Settings.shape.trash.partial().optional(),
});
export type SettingsPatch = z.infer<typeof SettingsPatch>;

export const settings = {
  get: oc.output(Settings),
  update: oc.input(z.object({ revision: Revision, patch: SettingsPatch })).output(Settings),
};
