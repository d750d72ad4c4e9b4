// Child processes: always an argument array, never a shell string.

import { spawn, spawnSync } from 'node:child_process';

/**
 * Runs a command to its end. Output goes to this terminal unless `capture` is set.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean, timeoutMs?: number}} [options]
 * @returns {Promise<{code: number, stdout: string, stderr: string, timedOut: boolean}>} code 127 when it could not start
 */
export function run(command, args, { cwd, env, capture = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : undefined;
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, stdout, stderr: `${stderr}${error.message}`, timedOut });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, stdout, stderr, timedOut });
    });
  });
}

/** Standard output of a quick command, or null when it is missing or fails. @param {string} command @param {string[]} args */
export function outputOf(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout : null;
}

/** The last lines of a long output, for an error message. @param {string} text @param {number} lines */
export function tail(text, lines = 12) {
  return text.trim().split('\n').slice(-lines).join('\n');
}
