/** Metrics in sections by what stands before the first slash, as `val/loss` is under `val`. Pure. */
import { rankMetrics } from '../../lib/run-columns.ts';

export type Section = { name: string; keys: string[] };

/** Metrics without a slash. */
export const PLAIN = '';
/** The machine's own. */
const LAST = 'system';

/** Sections in the order of their most telling metric; the machine's own at the end. */
export function sectionsOf(
  metrics: readonly { key: string; runs: number }[],
  total: number,
  search: string,
): Section[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const sections = new Map<string, string[]>();
  for (const key of rankMetrics(metrics, total)) {
    const lower = key.toLowerCase();
    if (!words.every((word) => lower.includes(word))) continue;
    const slash = key.indexOf('/');
    const name = slash > 0 ? key.slice(0, slash) : PLAIN;
    const keys = sections.get(name);
    if (keys) keys.push(key);
    else sections.set(name, [key]);
  }
  return [...sections]
    .map(([name, keys]) => ({ name, keys }))
    .sort((a, b) => Number(a.name === LAST) - Number(b.name === LAST));
}

/** More sections than this are folded to begin with, but for the first ones. */
const OPEN = 6;

/** Sections that are folded before anybody has folded one. */
export const usuallyFolded = (sections: readonly Section[]): string[] =>
  sections.filter(({ name }, at) => at >= OPEN || name === LAST).map(({ name }) => name);
