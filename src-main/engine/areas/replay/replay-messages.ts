/** What the engine and the replay's thread say to each other. */
import type { TensorSpec } from '../../../contract/common.ts';
import type { ErrorReport } from '../../../contract/errors.ts';
import type { FileShape, Position } from './replay.rules.ts';

export type PlayJob = {
  file: string;
  endpoint: string;
  /** Base URL of the gateway; null while it is not listening. */
  url: string | null;
  inputs: TensorSpec[];
  pass: number;
  fromMs: number;
  toMs: number;
  /** Rows before this time were answered in an earlier life; only their labels are sent again. */
  start: Position;
  speed: number;
};

export type WorkerTask = { mode: 'inspect'; file: string; name: string } | { mode: 'play'; job: PlayJob };

export type ToWorker =
  | { type: 'speed'; speed: number }
  | { type: 'url'; url: string | null }
  /** Finish what is under way and say where it stands. */
  | { type: 'stop' };

/** `labelledMs`: in simulated time, as the prediction's own. */
export type ReplayLabel = { predictionId: string; label: string; labelledMs: number };

export type FromWorker =
  | { type: 'inspected'; shape: FileShape; span: { firstMs: number; lastMs: number } | null }
  | { type: 'failed'; error: ErrorReport }
  | {
      type: 'progress';
      /** Simulated time now. */
      nowMs: number;
      /** Answered so far, ahead of `position`. */
      sent: number;
      failed: number;
      position: Position;
      requestsPerSecond: number;
      /** Why nothing goes out right now, or why the last request was refused. */
      error: ErrorReport | null;
    }
  | { type: 'labels'; labels: ReplayLabel[] }
  | { type: 'stopped'; position: Position; finished: boolean };
