// Folders that appear whole or not at all, and locks that outlive no process.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/**
 * Makes `target` by filling a temporary folder beside it and renaming that into place, so that an interrupted
 * attempt is never mistaken for a complete one. When two processes race, the first rename wins and both use it.
 * @param {string} target
 * @param {(folder: string) => Promise<void>} fill
 */
export async function makeDirectoryOnce(target, fill) {
  if (fs.existsSync(target)) return;
  const parent = path.dirname(target);
  fs.mkdirSync(parent, { recursive: true });
  removeAbandoned(parent);
  const temporary = path.join(parent, `.tmp-${process.pid}-${crypto.randomUUID()}`);
  fs.mkdirSync(temporary);
  try {
    await fill(temporary);
    renameUnlessThere(temporary, target);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** @param {string} temporary @param {string} target */
function renameUnlessThere(temporary, target) {
  try {
    fs.renameSync(temporary, target);
  } catch (error) {
    if (!fs.existsSync(target)) throw error;
  }
}

/** Removes what killed processes left behind; a day is longer than any fetch. @param {string} parent */
function removeAbandoned(parent) {
  for (const name of fs.readdirSync(parent)) {
    if (!name.startsWith('.tmp-')) continue;
    const folder = path.join(parent, name);
    const age = Date.now() - (fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_AFTER_MS) fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs `action` while holding `lockFile`. A lock whose process is gone is taken over.
 * @template T
 * @param {string} lockFile
 * @param {() => Promise<T>} action
 * @param {{onWait?: (pid: number) => void}} [options]
 * @returns {Promise<T>}
 */
export async function withLock(lockFile, action, { onWait } = {}) {
  fs.mkdirSync(path.dirname(lockFile), { recursive: true });
  let said = false;
  while (!tryLock(lockFile)) {
    const holder = Number(readIfThere(lockFile));
    if (!isAlive(holder)) {
      removeStale(lockFile, holder);
      continue;
    }
    if (!said) onWait?.(holder);
    said = true;
    await sleep(200);
  }
  try {
    return await action();
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}

/** The pid is written before the lock gets its name, so that a reader never sees an empty lock. @param {string} lockFile */
function tryLock(lockFile) {
  const mine = `${lockFile}.${process.pid}`;
  fs.writeFileSync(mine, String(process.pid));
  try {
    fs.linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/**
 * Removes a dead holder's lock and no other: the rename decides between two that saw the same dead holder.
 * @param {string} lockFile
 * @param {number} holder
 */
function removeStale(lockFile, holder) {
  const aside = `${lockFile}.${process.pid}.stale`;
  try {
    fs.renameSync(lockFile, aside);
    if (Number(readIfThere(aside)) !== holder) fs.linkSync(aside, lockFile);
  } catch {
    // Another process was quicker; the next try sees its lock.
  }
  fs.rmSync(aside, { force: true });
}

/** @param {number} pid */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} file */
export function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
