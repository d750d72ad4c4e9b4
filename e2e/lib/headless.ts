/** Starts `lathe serve` as a user would, and reads its one line of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Announcement = {
  ready: true;
  urls: { ui: string; inferenceHttp: string | null; inferenceGrpc: string | null; mlflow: string | null };
  token: string;
  workspace: string;
  pid: number;
};

export type HeadlessSession = { child: ChildProcess; announcement: Announcement; pid: number };

/** A run of the command line to its end. */
export type Outcome = { code: number | null; stdout: string; stderr: string };

type Where = { env?: NodeJS.ProcessEnv; cwd?: string };

export function lathe(appFolder: string, args: readonly string[], where: Where = {}): ChildProcess {
  return spawn(process.execPath, [join(appFolder, 'out', 'cli', 'lathe.js'), ...args], {
    ...where,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** `onStart` is given the process while it runs. */
export function runLathe(
  appFolder: string,
  args: readonly string[],
  limitMs = 30_000,
  where: Where & { onStart?: (child: ChildProcess) => void } = {},
): Promise<Outcome> {
  const { onStart, ...rest } = where;
  return new Promise((resolve) => {
    const child = lathe(appFolder, args, rest);
    onStart?.(child);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

export function startHeadless(appFolder: string, args: readonly string[]): Promise<HeadlessSession> {
  const child = lathe(appFolder, ['serve', '--json', ...args]);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.once('exit', (code) => reject(new Error(`lathe serve ended with ${code}: ${stderr}`)));
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      const announcement = JSON.parse(line) as Announcement & { error?: unknown };
      if (announcement.ready) resolve({ child, announcement, pid: announcement.pid });
      else reject(new Error(`lathe serve: ${line}`));
    });
  });
}
