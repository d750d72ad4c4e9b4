import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { descendants, endTree, isRunning } from './processes.mjs';

test.skipIf(process.platform === 'win32')(
  'ends a process with its children, also one that ignores SIGTERM',
  async () => {
    const grandchild = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up');";
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' }); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const [inner = 0] = descendants(pid);
    expect(inner).toBeGreaterThan(0);

    await endTree(pid, { graceMs: 300 });
    await once(child, 'close');
    expect(descendants(pid)).toEqual([]);
    expect(isRunning(inner)).toBe(false);
  },
);
