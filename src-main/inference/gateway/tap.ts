/**
 * The tap: what was served, on its way to monitoring. Rows are gathered into blocks, a few blocks make a chunk, and
 * chunks are kept until the engine says that they are committed: sent again after a reconnect, under the same number,
 * so that each counts once. What is held is bounded, so that an engine that stays away costs memory only up to a
 * point. Recording happens after the answer is written.
 */
import type { BlockHeader } from '../../platform/link.ts';
import { encodeBlock } from '../../platform/tap-block.ts';
import type { OutputTensor } from './request.ts';
import { createGather, type Served } from './tap-gather.ts';

export type TapChunk = {
  seq: number;
  blocks: BlockHeader[];
  /** The blocks' arrays: the body of the frame. */
  parts: Uint8Array[];
  rows: number;
  bytes: number;
  /** Rows thrown away for lack of room since the chunk before this one. */
  dropped: number;
  /** Rows left out because more come than are counted (tap-sampler.ts). */
  sampledOut: number;
};

export type Tap = {
  /** `log`: the rows are to be in the log, and not only counted. */
  record(served: Served, outputs: readonly OutputTensor[], latencyUs: number, log: boolean): void;
  /** So many rows were served and are not even counted. */
  leaveOut(rows: number): void;
  /** Up to this sequence everything is committed. */
  acknowledge(seq: number): void;
  /** Chunks the peer should have now and has not been sent; what arrived since becomes a chunk first. */
  take(): TapChunk[];
  /**
   * The same of chunks that are made already: for when room came free. Making one at each acknowledgement would turn a
   * peer that answers at once into thousands of chunks of a few rows.
   */
  due(): TapChunk[];
  /** The peer is a new one: everything unacknowledged is to be sent again. */
  rewind(): void;
  /** Rows held, sent or not. */
  held(): number;
};

/** `chunkLogged`: rows of the log in a chunk; they cost the engine most. */
export type TapLimits = { maxBytes: number; chunkBytes: number; chunkLogged: number; chunksInFlight: number };
/** 64 MB are about twenty seconds of 25,000 rows a second with 30 features. */
export const TAP_LIMITS: TapLimits = {
  maxBytes: 64_000_000,
  chunkBytes: 512_000,
  chunkLogged: 500,
  chunksInFlight: 20,
};

export function createTap(onFull: () => void, limits: TapLimits = TAP_LIMITS): Tap {
  const gather = createGather();
  let chunks: TapChunk[] = [];
  let sentUpTo = 0;
  let nextSeq = 1;
  let bytes = 0;
  let dropped = 0;
  let sampledOut = 0;

  const seal = () => {
    if (gather.rows() === 0 && dropped === 0 && sampledOut === 0) return;
    const rows = gather.rows();
    const encoded = gather.take().map(encodeBlock);
    const parts = encoded.flatMap((block) => block.parts);
    const chunk = {
      ...{ seq: nextSeq++, blocks: encoded.map(({ header }) => header), parts, rows, dropped, sampledOut },
      bytes: parts.reduce((sum, part) => sum + part.byteLength, 0),
    };
    chunks.push(chunk);
    bytes += chunk.bytes;
    dropped = 0;
    sampledOut = 0;
  };

  const makeRoom = () => {
    while (bytes > limits.maxBytes && chunks.length > 0) {
      const oldest = chunks.shift() as TapChunk;
      bytes -= oldest.bytes;
      const lost = oldest.rows + oldest.dropped;
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

  const due = () => {
    const unsent = chunks.filter((chunk) => chunk.seq > sentUpTo);
    const inFlight = chunks.length - unsent.length;
    const now = unsent.slice(0, Math.max(0, limits.chunksInFlight - inFlight));
    sentUpTo = now.at(-1)?.seq ?? sentUpTo;
    return now;
  };

  return {
    record(served, outputs, latencyUs, log) {
      gather.add(served, outputs, latencyUs, log);
      if (gather.bytes() < limits.chunkBytes && gather.logged() < limits.chunkLogged) return;
      seal();
      makeRoom();
      onFull();
    },
    leaveOut(left) {
      sampledOut += left;
    },
    acknowledge(seq) {
      chunks = chunks.filter((chunk) => {
        if (chunk.seq > seq) return true;
        bytes -= chunk.bytes;
        return false;
      });
    },
    take() {
      seal();
      return due();
    },
    due,
    rewind() {
      sentUpTo = 0;
    },
    held: () => chunks.reduce((sum, chunk) => sum + chunk.rows, gather.rows()),
  };
}
