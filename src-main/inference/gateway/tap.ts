/**
 * The tap: what was served, on its way to monitoring. Rows are kept until the engine says that they are
 * committed, sent again after a reconnect, and bounded, so that an engine that stays away costs memory
 * only up to a point. Recording happens after the answer is written.
 */
import type { Prediction } from '../../platform/link.ts';

export type TapChunk = {
  seq: number;
  predictions: Prediction[];
  /** Rows thrown away for lack of room since the chunk before this one. */
  dropped: number;
  /** Rows left out because only a sample is logged (tap-sampler.ts). */
  sampledOut: number;
};

export type Tap = {
  record(prediction: Prediction): void;
  /** So many rows were served and are not in the sample. */
  leaveOut(rows: number): void;
  /** Up to this sequence everything is committed. */
  acknowledge(seq: number): void;
  /** Chunks the peer should have now and has not been sent; what arrived since becomes a chunk first. */
  take(): TapChunk[];
  /** The peer is a new one: everything unacknowledged is to be sent again. */
  rewind(): void;
  /** Rows held, sent or not. */
  held(): number;
};

export type TapLimits = { maxRows: number; chunkRows: number; chunksInFlight: number };
export const TAP_LIMITS: TapLimits = { maxRows: 50_000, chunkRows: 500, chunksInFlight: 20 };

export function createTap(onFull: () => void, limits: TapLimits = TAP_LIMITS): Tap {
  let open: Prediction[] = [];
  let chunks: TapChunk[] = [];
  let sentUpTo = 0;
  let nextSeq = 1;
  let rows = 0;
  let dropped = 0;
  let sampledOut = 0;

  const seal = () => {
    if (open.length === 0 && dropped === 0 && sampledOut === 0) return;
    chunks.push({ seq: nextSeq++, predictions: open, dropped, sampledOut });
    open = [];
    dropped = 0;
    sampledOut = 0;
  };

  const makeRoom = () => {
    while (rows > limits.maxRows && chunks.length > 0) {
      const oldest = chunks.shift() as TapChunk;
      rows -= oldest.predictions.length;
      const lost = oldest.predictions.length + oldest.dropped;
      // The loss is told with the chunk that follows, or with the next one made.
      const next = chunks.find((chunk) => chunk.seq > sentUpTo);
      if (next) {
        next.dropped += lost;
        next.sampledOut += oldest.sampledOut;
      } else {
        dropped += lost;
        sampledOut += oldest.sampledOut;
      }
    }
  };

  return {
    record(prediction) {
      open.push(prediction);
      rows += 1;
      if (open.length >= limits.chunkRows) {
        seal();
        onFull();
      }
      if (rows > limits.maxRows) makeRoom();
    },
    leaveOut(left) {
      sampledOut += left;
    },
    acknowledge(seq) {
      chunks = chunks.filter((chunk) => {
        if (chunk.seq > seq) return true;
        rows -= chunk.predictions.length;
        return false;
      });
    },
    take() {
      seal();
      const due = chunks.filter((chunk) => chunk.seq > sentUpTo);
      const inFlight = chunks.length - due.length;
      const now = due.slice(0, Math.max(0, limits.chunksInFlight - inFlight));
      sentUpTo = now.at(-1)?.seq ?? sentUpTo;
      return now;
    },
    rewind() {
      sentUpTo = 0;
    },
    held: () => rows,
  };
}
