/** What a batch carries for each of its requests, and what comes back. */
import type { InferRequest, OutputTensor } from './request.ts';
import type { ArmStats } from './stats.ts';

export type Job = { request: InferRequest; stats: ArmStats };
/** Times are of the whole batch: inside the model, assembling it, cutting its results. */
export type JobResult = { outputs: OutputTensor[]; computeUs: number; inputUs: number; outputUs: number };
