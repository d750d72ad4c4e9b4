/** What is tried, when, and for how long it is believed. The machine is folders of the test, the trials are played. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Places } from './machine.ts';
import { createProber } from './prober.ts';
import type { TrialOutcome } from './trial.ts';

let root: string;
let places: Places;
let tried: string[];
/** What the trial of WebGPU comes to. */
let webgpu: TrialOutcome;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lathe-prober-'));
  const folder = (name: string) => join(root, name);
  places = {
    platform: 'darwin',
    arch: 'arm64',
    devices: folder('gpu'),
    dev: folder('dev'),
    proc: folder('proc'),
    sys: folder('sys'),
    env: {},
  };
  tried = [];
  webgpu = { kind: 'ran', backends: ['cpu', 'webgpu'], difference: 0, ms: 1, cpuMs: 10 };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const prober = () =>
  createProber({
    places,
    clock: systemClock,
    trial: async (provider) => {
      tried.push(provider);
      return provider === 'cpu'
        ? { kind: 'ran', backends: ['cpu'], difference: 0, ms: 10, cpuMs: 10 }
        : webgpu;
    },
  });
const states = (findings: readonly { provider: string; state: string }[]) =>
  findings.map(({ provider, state }) => `${provider} ${state}`);

describe('a probe', () => {
  it('tries what could work, and only that', async () => {
    const { findings } = await prober().probe();
    expect(tried).toEqual(['webgpu', 'cpu']);
    expect(states(findings)).toEqual(['cuda unusable', 'webgpu usable', 'cpu usable']);
    expect(findings[0]?.problems.map(({ code }) => code)).toEqual(['LATHE_DEVICES_UNSUPPORTED']);
  });

  it.each<[TrialOutcome, string]>([
    [{ kind: 'crashed', how: 'SIGABRT', step: 'making a session' }, 'LATHE_DEVICES_CRASHED'],
    [{ kind: 'hung', seconds: 45, step: 'running it' }, 'LATHE_DEVICES_HUNG'],
  ])('goes on after %j', async (outcome, code) => {
    webgpu = outcome;
    const { findings } = await prober().probe();
    expect(states(findings)).toEqual(['cuda unusable', 'webgpu unusable', 'cpu usable']);
    expect(findings[1]?.problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('stops when it is told to, and leaves no finding', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(prober().probe(stop.signal)).rejects.toThrow();
    expect(tried).toEqual([]);
    expect(prober().remembered()).toBeNull();
  });
});

describe('the findings', () => {
  it('are remembered until the machine changes', async () => {
    expect(prober().remembered()).toBeNull();
    const found = await prober().probe();
    expect(prober().remembered()).toEqual(found);
    mkdirSync(join(root, 'dev', 'dri'), { recursive: true });
    writeFileSync(join(root, 'dev', 'dri', 'renderD128'), '');
    expect(prober().remembered()).toBeNull();
  });

  it('are made again when their file is damaged, or cannot be written at all', async () => {
    await prober().probe();
    const file = join(places.devices, 'findings.json');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 40));
    expect(prober().remembered()).toBeNull();
    rmSync(places.devices, { recursive: true });
    writeFileSync(places.devices, 'a file where the folder should be');
    expect(states((await prober().probe()).findings)).toHaveLength(3);
    expect(existsSync(file)).toBe(false);
  });
});
