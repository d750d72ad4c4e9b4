/** How much of the machine's processor time nobody wants. */
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';

/** Since the machine started, in any unit, of all cores together. */
export type CpuTimes = { idle: number; all: number };

/** The share since the call before; null at the first, and where no time has passed. */
export type CpuIdle = () => Promise<number | null>;

export function createCpuIdle(read: () => Promise<CpuTimes> = readTimes): CpuIdle {
  let before: CpuTimes | null = null;
  return async () => {
    const [from, now] = [before, await read()];
    before = now;
    if (!from || now.all <= from.all) return null;
    return Math.min(1, Math.max(0, (now.idle - from.idle) / (now.all - from.all)));
  };
}

/** On Linux Node asks every core for its clock rate too, which takes milliseconds where there are many. */
const readTimes = async (): Promise<CpuTimes> =>
  process.platform === 'linux' ? timesIn(await readFile('/proc/stat', 'utf8')) : timesOfCores();

function timesOfCores(): CpuTimes {
  const sum = { idle: 0, all: 0 };
  for (const { times } of cpus()) {
    sum.idle += times.idle;
    for (const each of Object.values(times)) sum.all += each;
  }
  return sum;
}

/** The first line has the sums: cpu user nice system idle iowait irq softirq steal … (proc_stat(5)). */
export function timesIn(stat: string): CpuTimes {
  const times = stat.slice(0, stat.indexOf('\n')).split(/\s+/).slice(1, 9).map(Number);
  const [, , , idle = 0, waiting = 0] = times;
  return { idle: idle + waiting, all: times.reduce((sum, each) => sum + each, 0) };
}
