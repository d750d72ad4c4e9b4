/** For tests of the data folder: folders that come and go, mounts with a nature of their own, a child to kill. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createIds } from '../../platform/ids.ts';
import { manualClock } from '../testing.ts';
import { type OpenOptions, openWorkspace, type Workspace } from './workspace.ts';

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lathe-data-'));

export function openIn(path: string, part: Partial<OpenOptions> = {}): Promise<Workspace> {
  const clock = manualClock();
  return openWorkspace({ path, create: true, clock, ids: createIds(clock), ...part });
}

/** Every file below a folder with the hash of its bytes. */
export function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(folder, file), createHash('sha256').update(readFileSync(file)).digest('hex')];
    }),
  );
}

/** Only root may mount; elsewhere the tests that need it use permission bits or say that they were skipped. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount();

export function mountTmpfs(folder: string, options: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  return () => void execFileSync('umount', ['-l', folder]);
}

export const remountReadOnly = (folder: string): void =>
  void execFileSync('mount', ['-o', 'remount,ro', folder]);

/** Writes a file until only `leave` bytes of its disk are free. */
export function fillDisk(file: string, leave: number): void {
  const { bavail, bsize } = statfsSync(dirname(file));
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
}

function tryMount(): boolean {
  const folder = newFolder();
  try {
    mountTmpfs(folder, 'size=64k')();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export type CrashChild = {
  child: ChildProcess;
  /** Lines it has said: each an acknowledgement. */
  lines: string[];
  /** Resolves when it has said this many lines. */
  said(count: number): Promise<void>;
  /** kill -9; resolves when it is gone and all it said has been read. */
  kill(): Promise<void>;
};

export function startCrashChild(workspace: string, mode: 'rows' | 'blobs' | 'hold'): CrashChild {
  const entry = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, workspace, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const ended = Promise.all([
    new Promise((resolve) => child.once('exit', resolve)),
    new Promise((resolve) => reader.once('close', resolve)),
  ]);
  return {
    child,
    lines,
    said: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (lines.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        ended.then(() => reject(new Error(`the child ended after ${lines.length} lines`)));
      }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
