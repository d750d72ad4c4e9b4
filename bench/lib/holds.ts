/** How long work keeps its thread: the thread's own time, so that what else the machine does does not count. */

/** Busy time of this thread since, in ms. */
export function cpuClock(): () => number {
  const start = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1_000;
  };
}

/** How long the thread was busy between each two turns of the event loop, in ms. */
export async function holds(work: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  let since = cpuClock();
  let on = true;
  const tick = () => {
    found.push(since());
    since = cpuClock();
    if (on) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  on = false;
  return found;
}
