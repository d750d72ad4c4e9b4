import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { type ChildHandle, createSupervisor, type Supervisor, type SupervisorEvent } from './supervisor.ts';

/** A child of ours in small: ready after start, ends on shutdown, and misbehaves when its start message says so. */
const CHILD = `
process.on('message', (message) => {
  if (message.type === 'start') {
    if (message.start.mode === 'dies') process.exit(3);
    process.send({ type: 'ready' });
    process.send({ type: 'echo', start: message.start });
  }
  if (message.type === 'shutdown' && message.mode !== 'stubborn' && !globalThis.stubborn) process.exit(0);
  if (message.type === 'start' && message.start.mode === 'stubborn') globalThis.stubborn = true;
});
process.on('disconnect', () => process.exit(0));
`;

let folder: string;
let supervisor: Supervisor;
let events: SupervisorEvent[];
let children: ChildProcess[];
let posted: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-supervisor-'));
  writeFileSync(join(folder, 'child.mjs'), CHILD);
  children = [];
  posted = [];
  events = [];
  supervisor = createSupervisor(launch, systemClock, {
    backoffMs: [0, 20, 40],
    stableMs: 5_000,
    stopGraceMs: 200,
    afterKillMs: 100,
  });
  supervisor.on((event) => events.push(event));
});
afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

function launch(): ChildHandle {
  const child = fork(join(folder, 'child.mjs'), { stdio: 'ignore' });
  children.push(child);
  return {
    pid: child.pid,
    postMessage(message) {
      posted.push(message);
      if (child.connected) child.send(message as object);
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => child.on('exit', listener),
    kill: (signal) => void child.kill(signal),
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${JSON.stringify(supervisor.list())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const state = (id = 'p') => supervisor.list().find((process) => process.id === id);
const start = (mode: string, id = 'p') => supervisor.ensure({ id, entry: 'child', start: { mode } });

test('starts a child, hands it its start message, and does not start it twice', async () => {
  start('good');
  start('good');
  await until(() =>
    events.some((event) => event.type === 'message' && (event.message as { type: string }).type === 'echo'),
  );
  expect(children).toHaveLength(1);
  expect(state()).toMatchObject({ state: 'running', pid: children[0]?.pid, restarts: 0, lastExit: null });
  expect(events).toContainEqual({
    type: 'message',
    id: 'p',
    message: { type: 'echo', start: { mode: 'good' } },
  });
});

test('a killed child is back at once, as a new process, and it is said how the old one ended', async () => {
  start('good');
  await until(() => state()?.state === 'running');
  const startMs = performance.now();
  process.kill(state()?.pid ?? 0, 'SIGKILL');
  await until(() => state()?.state === 'running' && state()?.restarts === 1);
  expect(performance.now() - startMs).toBeLessThan(2_000);
  expect(state()?.pid).not.toBe(children[0]?.pid);
  expect(state()?.lastExit).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(events.filter((event) => event.type === 'died')).toHaveLength(1);
});

test('a child that keeps dying is tried six times with growing pauses, then given up until it is asked for again', async () => {
  start('dies');
  await until(() => state()?.state === 'failed');
  expect(children).toHaveLength(6);
  expect(events.filter((event) => event.type === 'died')).toHaveLength(6);
  expect(state()).toMatchObject({ pid: null, lastExit: { code: 3 } });
  start('good');
  await until(() => state()?.state === 'running');
  expect(children).toHaveLength(7);
});

test('stopping is in order, and nothing is started again', async () => {
  start('good');
  await until(() => state()?.state === 'running');
  await supervisor.stop('p');
  expect(state()).toMatchObject({ state: 'stopped', lastExit: { code: 0, signal: null } });
  expect(events.some((event) => event.type === 'died')).toBe(false);
  expect(children).toHaveLength(1);
});

test('stopping what is being stopped waits for the same end and tells the child once', async () => {
  start('good');
  await until(() => state()?.state === 'running');
  const first = supervisor.stop('p');
  await Promise.all([first, supervisor.stop('p'), supervisor.stopAll()]);
  expect(posted.filter((message) => (message as { type: string }).type === 'shutdown')).toHaveLength(1);
  expect(state()).toMatchObject({ state: 'stopped', lastExit: { code: 0 } });
});

test('a child that does not end in time is killed', async () => {
  start('stubborn');
  await until(() => state()?.state === 'running');
  await supervisor.stop('p');
  expect(state()).toMatchObject({ state: 'stopped', lastExit: { signal: 'SIGKILL' } });
});

test('stopping ends also when the host never tells that the child has ended', async () => {
  const silent = createSupervisor(() => ({ ...launch(), onExit: () => {} }), systemClock, {
    stopGraceMs: 100,
    afterKillMs: 100,
  });
  silent.ensure({ id: 'silent', entry: 'child', start: {} });
  await silent.stop('silent');
  expect(silent.list()).toMatchObject([{ id: 'silent', state: 'stopped', pid: null }]);
});

test('stopping in the pause before a restart cancels the restart', async () => {
  supervisor = createSupervisor(launch, systemClock, { backoffMs: [60_000] });
  start('dies');
  await until(() => state()?.state === 'restarting');
  await supervisor.stop('p');
  expect(state()).toMatchObject({ state: 'stopped', pid: null });
  expect(children).toHaveLength(1);
});

test('one child’s death leaves the others alone', async () => {
  start('good', 'a');
  start('good', 'b');
  await until(() => state('a')?.state === 'running' && state('b')?.state === 'running');
  process.kill(state('a')?.pid ?? 0, 'SIGKILL');
  await until(() => state('a')?.restarts === 1 && state('a')?.state === 'running');
  expect(state('b')).toMatchObject({ restarts: 0, pid: children[1]?.pid });
});

test('messages reach a living child only', async () => {
  start('good');
  await until(() => state()?.state === 'running');
  expect(supervisor.send('p', { type: 'shutdown' })).toBe(true);
  expect(supervisor.send('nobody', {})).toBe(false);
});

test.each(['dies', 'stubborn'])(
  'one that is to run once and %s is not started again, and is forgotten',
  async (mode) => {
    supervisor.ensure({ id: 'once', entry: 'x', start: { mode }, once: true });
    await until(() => children.length === 1);
    expect(supervisor.list()).toMatchObject([{ id: 'once', once: true }]);
    if (mode === 'stubborn') await supervisor.stop('once');
    await until(() => supervisor.list().length === 0);
    expect(events.map(({ type }) => type)).not.toContain('died');
    expect(events.at(-1)).toMatchObject({ type: 'state', process: { state: 'stopped' } });
    expect(children).toHaveLength(1);
    // Its name is free again.
    supervisor.ensure({ id: 'once', entry: 'x', start: { mode: 'dies' }, once: true });
    await until(() => children.length === 2 && supervisor.list().length === 0);
  },
);
