/** How long work keeps its thread: the thread's own time, so that what else the machine does does not count. */

/** Busy time of this thread since, in ms. */
export function cpuClock(): () => number {
  const start = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1_000;
  };
}

/**
 * How long the thread was busy between each two turns of the event loop, in ms. Work that waits has millions of turns
 * without any: those below `leastMs` are not kept, or the list itself would hold the thread.
 */
export async function holds(work: () => Promise<unknown>, leastMs = 0): Promise<number[]> {
  const found: number[] = [];
  let since = cpuClock();
  let on = true;
  const tick = () => {
    const ms = since();
    if (ms >= leastMs) found.push(ms);
    since = cpuClock();
    if (on) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  on = false;
  return found;
}
