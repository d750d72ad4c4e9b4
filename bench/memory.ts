/**
 * Memory of all processes of an idle Lathe: the desktop app with its sample open and the traffic paused, and the
 * headless host. PSS shares a page among those who map it, so it adds up; RSS counts shared pages again and again.
 * Held against the floor of the same machine in the same run: Electron with one empty window.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, fileAppears, npmStart, PORTS, processTree, scratch, serve } from './lib/app.ts';
import { type MemoryUse, memoryUse } from './lib/memory-use.ts';
import { repoRoot, tell } from './lib/report.ts';

const SETTLE_MS = 20_000;

type Use = MemoryUse & { pid: number; name: string };

const rows: (string | number)[][] = [];
const data: Record<string, Use[]> = {};
const user = scratch('memory');
const electron = process.env.LATHE_ELECTRON;
const hasWindow = Boolean(electron && process.env.DISPLAY);

if (electron && hasWindow) {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const file = join(user.path, 'blank.json');
  const app = join(repoRoot, 'bench', 'blank-window');
  const blank = spawn(
    electron,
    [...root, app, `--ready-file=${file}`, `--user-data-dir=${join(user.path, 'blank')}`],
    {
      stdio: 'ignore',
    },
  );
  await measure('empty Electron window (floor)', blank, () => fileAppears(file, blank, 60_000));

  const ready = join(user.path, 'ready.json');
  const workspace = join(user.path, 'workspace');
  const desktop = npmStart([
    `--user-data-dir=${join(user.path, 'user')}`,
    `--workspace=${workspace}`,
    `--ready-file=${ready}`,
    ...PORTS,
  ]);
  await measure('desktop, empty workspace', desktop, () => fileAppears(ready, desktop, 120_000));
}

const empty = await serve(['--workspace', join(user.path, 'empty')]);
await measure('headless, empty workspace', empty.child, async () => {});
const sample = await serve(['--workspace', join(user.path, 'sample'), '--sample']);
await measure('headless, sample with its traffic playing', sample.child, async () => {});
user.remove();

tell({
  name: 'memory',
  columns: ['what', 'processes', 'PSS MiB', 'RSS MiB'],
  rows,
  notes: [
    `read ${SETTLE_MS / 1000} s after it was ready; npm and the set-up script are not counted`,
    ...(hasWindow ? [] : ['the desktop rows were not run: no Electron or no display']),
  ],
  data,
});

async function measure(title: string, child: ChildProcess, ready: () => Promise<unknown>): Promise<void> {
  try {
    await ready();
    await sleep(SETTLE_MS);
    const uses = processTree(child.pid ?? 0)
      .map(useOf)
      .filter((use) => use !== null)
      .filter((use) => !/^(npm|node scripts|sh -c)/.test(use.name));
    data[title] = uses;
    const total = (key: 'rssMiB' | 'pssMiB') => Math.round(uses.reduce((sum, use) => sum + use[key], 0));
    rows.push([title, uses.length, total('pssMiB'), total('rssMiB')]);
    for (const use of uses) rows.push([`  ${use.name}`, '', Math.round(use.pssMiB), Math.round(use.rssMiB)]);
  } finally {
    await end(child);
  }
}

function useOf(pid: number): Use | null {
  try {
    return { pid, name: nameOf(pid), ...memoryUse(pid) };
  } catch {
    return null;
  }
}

/** What a process is, from its command line: its Chromium type or its bundle. */
function nameOf(pid: number): string {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/).filter(Boolean);
  const type = args.find((argument) => argument.startsWith('--type='))?.slice(7);
  const sub = args.find((argument) => argument.startsWith('--utility-sub-type='))?.slice(19);
  const bundle = args.find((argument) => /out\/.*\.js$/.test(argument));
  if (bundle) return bundle.slice(bundle.lastIndexOf('out/') + 4);
  if (type) return sub ? `${type} ${sub}` : type;
  return args.slice(0, 2).join(' ').slice(0, 60);
}
