/** Runs a program for what it says: no shell, a time limit, and only as much of its output as is wanted. */
import { spawn } from 'node:child_process';

export type Said = {
  /** Null when it did not start, was stopped by the limit of time, or ended by a signal. */
  code: number | null;
  stdout: Buffer;
  stderr: string;
  /** There was more output than wanted; the program was stopped. */
  cut: boolean;
  /** There is no such program. */
  missing: boolean;
};

const MOST_BYTES = 8 * 1024 * 1024;
const MOST_STDERR = 16 * 1024;

export function ask(
  program: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: Buffer;
    mostBytes?: number;
    limitMs?: number;
  } = {},
): Promise<Said> {
  const { cwd, env, input, mostBytes = MOST_BYTES, limitMs = 30_000 } = options;
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const parts: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let cut = false;
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const end = (code: number | null, missing: boolean) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(parts).subarray(0, mostBytes), stderr, cut, missing });
    };
    child.on('error', (thrown: NodeJS.ErrnoException) => end(null, thrown.code === 'ENOENT'));
    child.on('close', (code) => end(code, false));
    child.stdout.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size <= mostBytes) return;
      cut = true;
      child.stdout.destroy();
      child.kill('SIGKILL');
    });
    child.stderr.on('data', (part: Buffer) => {
      if (stderr.length < MOST_STDERR) stderr += part.toString();
    });
    // It may end before it has read all.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** What it printed, without the last line's end; null when it failed. */
export async function askText(...request: Parameters<typeof ask>): Promise<string | null> {
  const { code, stdout } = await ask(...request);
  return code === 0 ? stdout.toString().replace(/\r?\n$/, '') : null;
}
