/**
 * Hashes of large files that were read before, by what changes when a file does: device, inode, size, times. It only
 * saves time: one that is missing, damaged or older is an empty one.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

type Stat = { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint };

export type HashCache = {
  find(file: Stat): string | null;
  remember(file: Stat, sha256: string): void;
  /** Writes it down; a failure is none of the caller's business. */
  save(): void;
};

/** Smaller files are read faster than they are looked up. */
const LEAST_BYTES = 1024n * 1024n;
const MOST_ENTRIES = 20_000;
/** A file written this lately may change again within the same tick of its clock. */
const SETTLED_MS = 2_000;

export function openHashCache(file: string, nowMs: () => number = Date.now): HashCache {
  const known = read(file);
  const fresh = new Map<string, string>();
  return {
    find(stat) {
      const key = keyOf(stat);
      const sha256 = known.get(key);
      if (sha256) fresh.set(key, sha256);
      return sha256 ?? null;
    },
    remember(stat, sha256) {
      const changedMs = Math.max(Number(stat.mtimeNs), Number(stat.ctimeNs)) / 1e6;
      if (stat.size >= LEAST_BYTES && nowMs() - changedMs >= SETTLED_MS) fresh.set(keyOf(stat), sha256);
    },
    save() {
      if (fresh.size === 0) return;
      // Another run may have written meanwhile. What was used last stands last and stays longest.
      const all = new Map([...read(file)].filter(([key]) => !fresh.has(key)));
      for (const [key, sha256] of fresh) all.set(key, sha256);
      const kept = Object.fromEntries([...all].slice(-MOST_ENTRIES));
      try {
        mkdirSync(dirname(file), { recursive: true });
        const temporary = `${file}.${process.pid}.tmp`;
        writeFileSync(temporary, JSON.stringify(kept), { mode: 0o600 });
        renameSync(temporary, file);
      } catch {
        // Then it is read again next time.
      }
    },
  };
}

const keyOf = ({ dev, ino, size, mtimeNs, ctimeNs }: Stat): string =>
  `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;

function read(file: string): Map<string, string> {
  try {
    const found = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
    return new Map(
      found.filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && /^[0-9a-f]{64}$/.test(entry[1]),
      ),
    );
  } catch {
    return new Map();
  }
}
