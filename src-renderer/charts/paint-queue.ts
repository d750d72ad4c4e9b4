/**
 * Work of many charts, one piece at a time, so that a setting that changes twenty charts does not hold the thread for
 * all of them at once. A piece that is asked for again before it began is done once.
 */
const waiting = new Map<object, () => void>();
let running = false;

export function queuePaint(owner: object, work: () => void): void {
  waiting.set(owner, work);
  if (running) return;
  running = true;
  setTimeout(next);
}

export const forgetPaint = (owner: object): void => void waiting.delete(owner);

function next(): void {
  for (const [owner, work] of waiting) {
    waiting.delete(owner);
    work();
    break;
  }
  if (waiting.size > 0) setTimeout(next);
  else running = false;
}
