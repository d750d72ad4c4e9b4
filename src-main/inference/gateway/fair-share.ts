/**
 * Whose turn it is on a shared device. Each model is charged for the device time it used, divided by its
 * weight. While there is time for all, urgency alone decides. When there is not, those within a window of the
 * least served may go, the most urgent first, and the others wait until the least served has caught up.
 * (Start-time fair queueing, Goyal et al. 1996, with a window for the sake of deadlines.)
 */
export type Share = {
  /** Device milliseconds used, divided by the weight; comparable between models. */
  usedMs: number;
  weight: number;
};

/** How far the device time of two busy models may drift apart. */
const WINDOW_MS = 20;

/**
 * A model has work again, beside those that wait already. What it did not use while it had none is not saved
 * up: it would run row by row as long as it may, and the device would do little else than begin batches.
 */
export function join(share: Share, waiting: Iterable<Share>): void {
  let leastMs = Number.POSITIVE_INFINITY;
  for (const other of waiting) leastMs = Math.min(leastMs, other.usedMs);
  if (leastMs !== Number.POSITIVE_INFINITY) share.usedMs = Math.max(share.usedMs, leastMs);
}

export function charge(share: Share, deviceMs: number): void {
  share.usedMs += deviceMs / share.weight;
}

/** Of those with work now: the ones that may go when there is not time for all. */
export function eligible<Each extends { share: Share }>(waiting: readonly Each[]): Each[] {
  let leastMs = Number.POSITIVE_INFINITY;
  for (const { share } of waiting) leastMs = Math.min(leastMs, share.usedMs);
  return waiting.filter(({ share }) => share.usedMs <= leastMs + WINDOW_MS);
}
