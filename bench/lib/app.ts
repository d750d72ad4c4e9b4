/** Starts and ends the real programs for a benchmark, each with folders of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repoRoot } from './report.ts';

export const PORTS = ['--http-port', '0', '--grpc-port', '0', '--mlflow-port', '0'];

export function scratch(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `lathe-bench-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every descendant of a process, itself first; reads /proc. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended while we looked.
    }
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

/** Ends a program and everything it started: asks, waits up to 10 s, then kills. */
export async function end(child: ChildProcess): Promise<void> {
  const tree = child.pid ? processTree(child.pid) : [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(10_000)]);
  for (const pid of tree) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  }
}

export async function fileAppears(file: string, child: ChildProcess, limitMs: number): Promise<unknown> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
    if (child.exitCode !== null)
      throw new Error(`the program ended with ${child.exitCode} before it was ready`);
    await sleep(5);
  }
  throw new Error(`not ready within ${limitMs} ms`);
}

/** `npm start` as a person types it, in a window. */
export const npmStart = (options: readonly string[]): ChildProcess =>
  spawn('npm', ['start', '--', ...options], { cwd: repoRoot, stdio: ['ignore', 'ignore', 'inherit'] });

/** `lathe serve --json`; resolves with the line it prints when ready. */
export async function serve(
  options: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{
  child: ChildProcess;
  ready: { urls: Record<string, string>; token: string; workspace: string; pid: number };
}> {
  const child = spawn(
    process.execPath,
    [join(repoRoot, 'out', 'cli', 'lathe.js'), 'serve', '--ui-port', '0', ...PORTS, '--json', ...options],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  );
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  child.stdout.resume();
  return { child, ready: JSON.parse(text) };
}
