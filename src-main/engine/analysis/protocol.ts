/** What the engine and the analysis process say to each other, as frames over a local socket (platform/frames.ts). */
import type { ErrorDetails } from '../../contract/errors.ts';
import type { Database } from '../data/database.ts';
import type { Duck, DuckFiles } from './duck.ts';

export type AnalysisStart = {
  role: 'analysis';
  socket: string;
  /** First word on the socket, so that nobody else is taken for the process. */
  nonce: string;
  logFile: string;
  /** The workspace's database, which is opened for reading only. */
  database: string;
  /** Folder for what does not fit into memory. */
  temporary: string;
};

export type ToAnalysis =
  /** `job`: URL of a module that exports `run` (AnalysisJob). */
  { type: 'run'; id: number; job: string; input: unknown } | { type: 'cancel'; id: number };

export type FromAnalysis =
  | { type: 'hello'; nonce: string }
  | { type: 'progress'; id: number; share: number; detail: string }
  /** The body of the frame is the job's `body`. */
  | { type: 'done'; id: number; result: unknown }
  /** `code`: of the catalogue; null for what no row was written for. */
  | { type: 'failed'; id: number; code: string | null; details: ErrorDetails; message: string };

/** What a job is given beside its input. */
export type JobTools = {
  /** Aborted when the one who asked has cancelled. Queries are interrupted by it. */
  signal: AbortSignal;
  /** Share done, 0 to 1, and what is being done. */
  progress(share: number, detail: string): void;
  /** The workspace's database, read-only. Use a transaction where several reads must be of one moment. */
  database(): Database;
  /** A DuckDB of its own that may touch the named files only. Closed when the job ends. */
  duck(files: DuckFiles): Promise<Duck>;
  temporary: string;
};

/** What a job's module exports as `run`. `body`: large arrays, which travel as they are. */
export type AnalysisJob<Input, Result> = (
  input: Input,
  tools: JobTools,
) => Promise<{ result: Result; body?: Uint8Array }>;
