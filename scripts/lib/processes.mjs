// Ending what was started: by process id, children first asked, then made to.

import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf } from './run.mjs';

/**
 * Ends a process and all its descendants: SIGTERM, then SIGKILL for what is left after `graceMs`.
 * @param {number} pid
 * @param {{graceMs?: number}} [options]
 */
export async function endTree(pid, { graceMs = 3000 } = {}) {
  if (process.platform === 'win32') {
    outputOf('taskkill', ['/pid', String(pid), '/T', '/F']);
    return;
  }
  const pids = [pid, ...descendants(pid)];
  for (const each of pids) signal(each, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (pids.some(isRunning) && Date.now() < deadline) await sleep(50);
  for (const each of new Set([...pids, ...pids.flatMap(descendants)])) signal(each, 'SIGKILL');
}

/** Pids of all descendants, nearest first. @param {number} pid @returns {number[]} */
export function descendants(pid) {
  const childrenOf = new Map();
  for (const { id, parent } of processTable()) {
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), id]);
  }
  const found = [];
  const queue = [pid];
  for (let at = 0; at < queue.length; at++) {
    for (const child of childrenOf.get(queue[at]) ?? []) {
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}

/** @returns {{id: number, parent: number}[]} */
function processTable() {
  if (process.platform === 'linux') {
    return fs
      .readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const parent = parentFromStat(name);
        return parent === null ? [] : [{ id: Number(name), parent }];
      });
  }
  const text = outputOf('ps', ['-A', '-o', 'pid=,ppid=']) ?? '';
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([id = 0, parent = 0]) => ({ id, parent }));
}

/** The fourth field of /proc/PID/stat; the second, a name in brackets, may hold spaces. @param {string} pid */
function parentFromStat(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** Alive and not a zombie waiting to be reaped. @param {number} pid */
export function isRunning(pid) {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** @param {number} pid @param {NodeJS.Signals} name */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already, which is what was wanted.
  }
}
