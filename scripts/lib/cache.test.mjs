import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectoryOnce, withLock } from './cache.mjs';

/** @type {string} */
let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-cache-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('a folder whose filling failed half-way does not exist', async () => {
  const target = path.join(folder, 'node');
  const halfWay = makeDirectoryOnce(target, async (temporary) => {
    fs.writeFileSync(path.join(temporary, 'first'), '1');
    throw new Error('the network went away');
  });
  await expect(halfWay).rejects.toThrow('the network went away');
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('what a killed process left behind is not taken for the folder', async () => {
  fs.mkdirSync(path.join(folder, '.tmp-1-dead'));
  fs.writeFileSync(path.join(folder, '.tmp-1-dead', 'half'), '');
  const target = path.join(folder, 'node');
  await makeDirectoryOnce(target, async (temporary) => fs.writeFileSync(path.join(temporary, 'whole'), ''));
  expect(fs.readdirSync(target)).toEqual(['whole']);
});

test('two at once both end with one whole folder', async () => {
  const target = path.join(folder, 'node');
  const fill = async (/** @type {string} */ temporary) => {
    fs.writeFileSync(path.join(temporary, 'a'), '');
    await sleep(20);
    fs.writeFileSync(path.join(temporary, 'b'), '');
  };
  await Promise.all([makeDirectoryOnce(target, fill), makeDirectoryOnce(target, fill)]);
  expect(fs.readdirSync(target).sort()).toEqual(['a', 'b']);
  expect(fs.readdirSync(folder)).toEqual(['node']);
});

test('a lock lets one in at a time', async () => {
  const lock = path.join(folder, 'lock');
  const order = /** @type {string[]} */ ([]);
  const enter = (/** @type {string} */ name) =>
    withLock(lock, async () => {
      order.push(`${name} in`);
      await sleep(30);
      order.push(`${name} out`);
    });
  await Promise.all([enter('a'), enter('b')]);
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out']);
});

test('a lock whose process is gone is taken over', async () => {
  const lock = path.join(folder, 'lock');
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  fs.writeFileSync(lock, String(gone));
  await expect(withLock(lock, async () => 'in')).resolves.toBe('in');
  expect(fs.existsSync(lock)).toBe(false);
});
