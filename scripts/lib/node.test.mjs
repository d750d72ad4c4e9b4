import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureNode, environmentWithNode } from './node.mjs';
import { NODE_VERSION } from './pins.mjs';

/** @type {string} */
let cache;
beforeEach(() => {
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-node-'));
});
afterEach(() => fs.rmSync(cache, { recursive: true }));

test('a new enough Node is used as it is', async () => {
  expect(await ensureNode({ running: '24.0.0', cache })).toBe(process.execPath);
  expect(fs.readdirSync(cache)).toEqual([]);
});

test('a cached Node is used without asking the network', async () => {
  const executable = path.join(cache, 'node', `${NODE_VERSION}-linux-x64`, 'bin', 'node');
  fs.mkdirSync(path.dirname(executable), { recursive: true });
  fs.writeFileSync(executable, '');
  expect(await ensureNode({ running: '20.0.0', cache, platform: 'linux-x64' })).toBe(executable);
});

test('where no package carries Node, it says to install it', async () => {
  await expect(ensureNode({ running: '20.0.0', cache, platform: 'sunos-x64' })).rejects.toThrow(
    /Node 24 or later is needed; this is 20\.0\.0[\s\S]*remedy/,
  );
});

test('children find that Node first', () => {
  const env = environmentWithNode(path.join(cache, 'bin', 'node'), { PATH: '/usr/bin' });
  expect(env.PATH?.split(path.delimiter)[0]).toBe(path.join(cache, 'bin'));
});
