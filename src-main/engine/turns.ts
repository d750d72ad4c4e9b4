/**
 * Long work on the engine's thread is cut into slices of a few milliseconds, with this between two of them. Whoever waits
 * goes on one by one, each in a turn of the event loop of its own: slices of three that went on in one turn would hold the
 * thread for as long as all three.
 */
const waiting: (() => void)[] = [];

export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(goOn);
  });

function goOn(): void {
  const resolve = waiting.shift();
  if (waiting.length > 0) setImmediate(goOn);
  resolve?.();
}
