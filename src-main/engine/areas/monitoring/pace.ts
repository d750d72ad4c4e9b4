/**
 * How much one transaction takes: as much as this machine commits in a few milliseconds of the engine's thread, as measured.
 * What a row costs differs by the number of features, of slices and of rows that are in already.
 */

/** Half of what may hold the engine's thread: a transaction that takes longer than those before it has the other half. */
const TARGET_MS = 5;
const FIRST_SHARE = 1 / 8;
/** Less would be dearer in all: a transaction has its own cost. */
const LEAST_SHARE = 1 / 32;
/** Down at once, but by no more than this after one: it may have been a pause of the machine's. */
const STEP_DOWN = 1 / 2;
const STEP_UP = 1.2;
/** Of the transactions before, in what is known of how busy the machine is otherwise. */
const REMEMBERED = 0.9;

export type Pace = {
  /** Does the work of a transaction, of which `share` is how much of the most that it may take. */
  measured<T>(work: (share: number) => T): T;
};
/** Both in ms, from any beginning. */
export type PaceClocks = { wallMs(): number; threadMs(): number };

const CLOCKS: PaceClocks = {
  wallMs: () => performance.now(),
  threadMs() {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  },
};

/**
 * What counts is the thread's own time, so that a machine which is busy with other things does not make transactions small.
 * Systems tell it in ticks of 4 to 16 ms, too coarse for one transaction: of its wall time that part counts which was the
 * thread's own over the last ten or so.
 */
export function createPace({ wallMs, threadMs }: PaceClocks = CLOCKS): Pace {
  let share = FIRST_SHARE;
  let wall = 0;
  let own = 0;
  return {
    measured(work) {
      const [wallBegan, ownBegan] = [wallMs(), threadMs()];
      const result = work(share);
      const tookMs = wallMs() - wallBegan;
      wall = REMEMBERED * wall + tookMs;
      own = REMEMBERED * own + threadMs() - ownBegan;
      share = nextShare(share, wall > 0 ? tookMs * Math.min(1, own / wall) : 0);
      return result;
    },
  };
}

function nextShare(share: number, tookMs: number): number {
  if (tookMs > TARGET_MS) return Math.max(LEAST_SHARE, share * Math.max(STEP_DOWN, TARGET_MS / tookMs));
  return tookMs < TARGET_MS / STEP_UP ? Math.min(1, share * STEP_UP) : share;
}
