/**
 * Which queued requests make the next batch. Pure, so that another policy can take its place: the batcher
 * asks whenever the device is free and something is queued.
 */

export type BatchLimits = {
  /** Most rows in one batch; a single larger request runs alone. */
  maxBatchRows: number;
  /** How long the oldest request may wait for company, in microseconds; 0 never waits. */
  maxQueueDelayUs: number;
};

/** Requests of one model version whose tensors can be concatenated. */
export type LaneView = { readonly rows: number; readonly oldestMs: number };

export type Choice<Lane> = { take: Lane } | { waitUntilMs: number } | null;

/**
 * Greedy, as batching servers with no delay do it: when the device frees up, everything that is queued goes.
 * Among lanes (models and shapes) the one whose oldest request came first. With a delay set, a lane that is
 * not full is ready once its oldest request has waited that long.
 */
export function chooseGreedy<Lane extends LaneView>(
  lanes: Iterable<Lane>,
  nowMs: number,
  limits: BatchLimits,
): Choice<Lane> {
  const delayMs = limits.maxQueueDelayUs / 1000;
  let best: Lane | null = null;
  let waitUntilMs = Number.POSITIVE_INFINITY;
  for (const lane of lanes) {
    const readyMs = lane.rows >= limits.maxBatchRows ? lane.oldestMs : lane.oldestMs + delayMs;
    if (readyMs > nowMs) waitUntilMs = Math.min(waitUntilMs, readyMs);
    else if (best === null || lane.oldestMs < best.oldestMs) best = lane;
  }
  if (best) return { take: best };
  return waitUntilMs === Number.POSITIVE_INFINITY ? null : { waitUntilMs };
}
