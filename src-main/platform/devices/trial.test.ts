/** Real processes: ONNX Runtime's own for the CPU, and small scripts in the place of providers that misbehave. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { type ChildHandle, createSupervisor, type Supervisor } from '../supervisor.ts';
import { createTrial } from './trial.ts';

const REAL = fileURLToPath(new URL('../../inference/probe/main.ts', import.meta.url));
const SAYS_STEP = `process.on('message', (m) => { if (m.type !== 'start') return;
  process.send({ type: 'step', step: 'making a session' }, () => { HOW }); });`;

let folder: string;
let supervisor: Supervisor;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-trial-'));
});
afterEach(() => supervisor.stopAll());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function forkFile(file: string): ChildHandle {
  const child = fork(file, { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return {
    pid: child.pid,
    postMessage: (message) => void (child.connected && child.send(message as object, () => {})),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', listener),
    kill: (signal) => void child.kill(signal),
  };
}

/** A trial whose process is the script, with `how` in its middle. */
function trialOf(name: string, how: string, limitMs?: number) {
  const file = join(folder, `fake-provider-that-${name}.mjs`);
  writeFileSync(file, SAYS_STEP.replace('HOW', how));
  supervisor = createSupervisor(() => forkFile(file), systemClock, { stopGraceMs: 100 });
  return createTrial(supervisor, limitMs);
}

describe('a trial', () => {
  it('of the CPU computes, measures and ends its process', async () => {
    supervisor = createSupervisor(() => forkFile(REAL), systemClock);
    const outcome = await createTrial(supervisor)('cpu', []);
    expect(outcome).toMatchObject({ kind: 'ran', difference: 0, backends: expect.arrayContaining(['cpu']) });
    await expect.poll(() => supervisor.list()).toEqual([]);
  });

  it('of a provider whose files are not there fails with a reason, in its own process', async () => {
    supervisor = createSupervisor(() => forkFile(REAL), systemClock);
    const outcome = await createTrial(supervisor)('cuda', []);
    // Where there is no CUDA build of ONNX Runtime at all, it is absent.
    expect(['failed', 'absent']).toContain(outcome.kind);
  });

  it.each([
    ['aborts', 'process.abort()', 'SIGABRT'],
    ['crashes', "process.kill(process.pid, 'SIGSEGV')", 'SIGSEGV'],
    ['leaves', 'process.exit(3)', 'exit code 3'],
  ])(
    'knows of a provider that %s at which step it was, and does not try it again',
    async (name, how, words) => {
      const trial = trialOf(name, how);
      const starts: string[] = [];
      supervisor.on((event) => {
        if (event.type === 'state' && event.process.state === 'starting') starts.push(event.process.id);
        if (event.type === 'died') starts.push('died');
      });
      expect(await trial('cuda', [])).toEqual({ kind: 'crashed', how: words, step: 'making a session' });
      expect(starts).toEqual(['probe:cuda-1']);
      expect(supervisor.list()).toEqual([]);
    },
  );

  it('gives up one that hangs, and ends its process', async () => {
    const trial = trialOf('hangs', 'for (;;) {}', 1_500);
    expect(await trial('webgpu', [])).toEqual({ kind: 'hung', seconds: 2, step: 'making a session' });
    await expect.poll(() => supervisor.list(), { timeout: 5_000 }).toEqual([]);
  });
});
