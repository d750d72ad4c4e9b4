// Hands the terminal over to the program that was asked for.

import { spawn } from 'node:child_process';
import os from 'node:os';

/**
 * Runs a program in the foreground: its output is ours, signals go through to it, and its end is ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env: NodeJS.ProcessEnv}} options
 * @returns {Promise<number>} its exit code, 128 + signal when a signal ended it
 */
export function launch(command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(name, () => {
        // A terminal sends Ctrl+C to the program as well; a second one would read as "at once".
        if (name !== 'SIGINT' || !process.stdin.isTTY) child.kill(name);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
  });
}
