/** What a process takes of memory, from /proc. */
import { readFileSync } from 'node:fs';

/** PSS shares a page among those who map it, so it adds up; RSS counts shared pages again and again. */
export type MemoryUse = { rssMiB: number; pssMiB: number };

/** Throws when it has ended. */
export function memoryUse(pid: number): MemoryUse {
  const roll = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(roll)?.[1] ?? 0);
  return { rssMiB: kib('Rss') / 1024, pssMiB: kib('Pss') / 1024 };
}
