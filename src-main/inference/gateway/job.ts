/** What a batch carries for each of its requests, and what comes back. */
import type { InferRequest, OutputTensor } from './request.ts';
import type { ArmStats } from './stats.ts';

/** `stats` is null for what runs aside (a shadow), which counts nowhere. */
export type Job = { request: InferRequest; stats: ArmStats | null };
/** Times are of the whole batch: inside the model, assembling it, cutting its results. */
export type JobResult = { outputs: OutputTensor[]; computeUs: number; inputUs: number; outputUs: number };
