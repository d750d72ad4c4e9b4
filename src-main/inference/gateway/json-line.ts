/**
 * The line before the thread for heavy JSON (json-thread.ts), which does one thing at a time. Answers go first; requests
 * in the order they came, held to what they will be held to at the batcher's door: bytes, time, a client that is there.
 */
import type { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { isLate, isRefused } from './batch-policy.ts';
import type { Overload } from './batcher-types.ts';
import { cancelled } from './scheduler-errors.ts';

/** What a request may ask of the line. Times in milliseconds, `arrivedMs` monotonic. */
export type Patience = {
  arrivedMs: number;
  /** An answer is of no use after so long. */
  limitMs: number;
  /** Within which it should be there; null where there is no target. */
  sloMs: number | null;
  /** Bytes that may wait, with its own. */
  roomBytes(): number;
  overloaded(overload: Pick<Overload, 'late'> & { queuedBytes: number }): LatheError;
  timeout(): LatheError;
  /** Called once, with what to do when the client is gone. */
  onGone(leave: () => void): void;
};

export type Turn = {
  bytes: number;
  patience: Patience;
  /** Ends in `ended`. */
  begin(): void;
  refuse(error: LatheError): void;
};

export type JsonLine = {
  read(turn: Turn): void;
  /** An answer's; it waits for what runs and for other answers. */
  write(begin: () => void): void;
  /** What was begun is done. `ms` is what reading took; null teaches nothing. */
  ended(ms: number | null): void;
  /** Forgets all that wait. */
  clear(): void;
};

/** Before anything was measured: about what one slow core does. */
const FIRST_MS_PER_BYTE = 1 / 50_000;
const LEARN_SHARE = 0.3;
/** Without a target, as at the batcher's door: so long, or so many times what it takes by itself. */
const AUTOMATIC_MS = 1_000;
const AUTOMATIC_TIMES = 8;

export function createJsonLine(clock: Clock): JsonLine {
  let busy: { bytes: number; startedMs: number } | null = null;
  let answers: (() => void)[] = [];
  let turns: { turn: Turn; sinceMs: number }[] = [];
  let waitingBytes = 0;
  let msPerByte = FIRST_MS_PER_BYTE;

  /** Without a target only the line counts, not what a slow client took to send its request. */
  const leftMs = (turn: Turn, waitsSinceMs: number, nowMs: number): number => {
    const { bytes, patience } = turn;
    const { arrivedMs, limitMs, sloMs } = patience;
    const sinceMs = nowMs - arrivedMs;
    const automaticMs = Math.max(AUTOMATIC_MS, AUTOMATIC_TIMES * bytes * msPerByte);
    return Math.min(
      limitMs - sinceMs,
      sloMs === null ? automaticMs - (nowMs - waitsSinceMs) : sloMs - sinceMs,
    );
  };
  const isOver = ({ patience }: Turn, nowMs: number) => patience.arrivedMs + patience.limitMs <= nowMs;
  const queuedBytes = () => waitingBytes + (busy?.bytes ?? 0);

  const refuseLate = (turn: Turn, late: { inMs: number; allowedMs: number }) => {
    turn.refuse(turn.patience.overloaded({ queuedBytes: queuedBytes(), late }));
  };

  function begin(turn: Turn): void {
    busy = { bytes: turn.bytes, startedMs: clock.monotonic() };
    turn.begin();
  }

  function next(): void {
    while (!busy) {
      const answer = answers.shift();
      if (answer) {
        busy = { bytes: 0, startedMs: clock.monotonic() };
        answer();
        return;
      }
      const waiting = turns.shift();
      if (!waiting) return;
      const { turn, sinceMs } = waiting;
      waitingBytes -= turn.bytes;
      const nowMs = clock.monotonic();
      const ownMs = turn.bytes * msPerByte;
      const allowedMs = leftMs(turn, sinceMs, nowMs);
      if (isOver(turn, nowMs)) turn.refuse(turn.patience.timeout());
      else if (isLate(0, ownMs, allowedMs)) refuseLate(turn, { inMs: ownMs, allowedMs });
      else begin(turn);
    }
  }

  return {
    read(turn) {
      const { bytes, patience } = turn;
      const nowMs = clock.monotonic();
      if (isOver(turn, nowMs)) {
        turn.refuse(patience.timeout());
        return;
      }
      // With nothing before it, it has the best chance there is, and keeps the estimate honest.
      if (!busy) {
        begin(turn);
        return;
      }
      if (queuedBytes() + bytes > patience.roomBytes()) {
        turn.refuse(patience.overloaded({ queuedBytes: queuedBytes(), late: null }));
        return;
      }
      const busyMs = Math.max(0, busy.bytes * msPerByte - (nowMs - busy.startedMs));
      const inMs = busyMs + (waitingBytes + bytes) * msPerByte;
      const allowedMs = leftMs(turn, nowMs, nowMs);
      if (isRefused(inMs, allowedMs)) {
        refuseLate(turn, { inMs, allowedMs });
        return;
      }
      const one = { turn, sinceMs: nowMs };
      turns.push(one);
      waitingBytes += bytes;
      patience.onGone(() => {
        const at = turns.indexOf(one);
        if (at < 0) return;
        turns.splice(at, 1);
        waitingBytes -= bytes;
        turn.refuse(cancelled());
      });
    },
    write(beginAnswer) {
      answers.push(beginAnswer);
      next();
    },
    ended(ms) {
      if (busy && busy.bytes > 0 && ms !== null) msPerByte += LEARN_SHARE * (ms / busy.bytes - msPerByte);
      busy = null;
      next();
    },
    clear() {
      answers = [];
      turns = [];
      waitingBytes = 0;
    },
  };
}
