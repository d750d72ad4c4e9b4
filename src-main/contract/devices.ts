/** What can run models here, as it was tried, and which of it is chosen and why. */
import { z } from 'zod';
import { ErrorReportSchema, Millis } from './common.ts';

/** ONNX Runtime's execution providers that Lathe knows how to try. */
export const Provider = z.enum(['cpu', 'cuda', 'webgpu']);
export type Provider = z.infer<typeof Provider>;

/** What a person asks for: `auto` takes the best that was found and falls back to the CPU, the others do not. */
export const ProviderWish = z.enum(['auto', ...Provider.options]);
export type ProviderWish = z.infer<typeof ProviderWish>;

export const ProviderFinding = z.object({
  provider: Provider,
  /** `slower`: it works, and the CPU is as fast or faster. */
  state: z.enum(['usable', 'slower', 'unusable']),
  /** One sentence, for any state. */
  reason: z.string(),
  /** Everything that stands in its way, what to mend first in front; none where it is usable. */
  problems: z.array(ErrorReportSchema),
  /** Name of the device, where the system tells it. */
  device: z.string().nullable(),
  /** The device's own memory; null where it is unknown. */
  memoryBytes: z.number().nullable(),
  driver: z.string().nullable(),
  /** Milliseconds of one run of the trial model, and how often that goes into the CPU's; null where it did not run. */
  trial: z.object({ ms: z.number(), speedup: z.number() }).nullable(),
});
export type ProviderFinding = z.infer<typeof ProviderFinding>;

export const Devices = z.object({
  /** False until the first trial has ended; until then models run on the CPU. */
  tried: z.boolean(),
  /** A trial is under way. */
  trying: z.boolean(),
  /** When the findings were made; they are kept until something of the machine changes. */
  triedMs: Millis.nullable(),
  onnxruntime: z.string(),
  /** In the order of preference. */
  findings: z.array(ProviderFinding),
  /** The setting for models that have none of their own, and what it comes to. */
  wish: ProviderWish,
  chosen: z.object({ provider: Provider, reason: z.string() }),
  /** ONNX Runtime's CUDA files, which `lathe gpu install` fetches. */
  cudaFiles: z.object({
    folder: z.string(),
    state: z.enum(['installed', 'absent', 'damaged', 'unsupported']),
  }),
});
export type Devices = z.infer<typeof Devices>;
