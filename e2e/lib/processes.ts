/** Ending what a test started, by process id, with everything below it, in bounded time. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The process and all its descendants, parents first. */
export function processTree(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [pid];
  for (let at = 0; at < found.length; at++)
    for (const [id, parent] of table) if (parent === found[at]) found.push(id);
  return found;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Kills at once what is still running of a tree that was read before. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already, which is what was wanted.
    }
  }
}

/** Polls until `attempt` gives a value other than null or undefined; rejects with `what` after `limitMs`. */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | null | undefined> | T | null | undefined,
  limitMs = 40_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown = null;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== null && value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`waited ${limitMs} ms for ${what}${last ? `: ${String(last)}` : ''}`);
    await sleep(50);
  }
}
