import { describe, expect, it } from 'vitest';
import type { Provider, ProviderFinding } from '../../contract/devices.ts';
import { choose, finding, obstacles, orderFor } from './findings.ts';
import type { MachineFacts } from './machine.ts';
import { briefReason } from './ort-message.ts';
import type { TrialOutcome } from './trial.ts';

/** A machine with a GPU on which everything is as it should be. */
const facts = (part: Partial<MachineFacts> = {}): MachineFacts => ({
  platform: 'linux',
  arch: 'x64',
  cpu: 'A CPU',
  nvidiaNodes: ['/dev/nvidia0', '/dev/nvidiactl'],
  nvidiaCards: 1,
  driver: '580.65.06',
  gpus: [{ name: 'A GPU', memoryBytes: 80 }],
  renderNodes: [],
  hasVulkan: true,
  cudaFiles: { state: 'installed', damaged: null },
  missing: [],
  hasCudnn: true,
  ...part,
});
const codes = (provider: Provider, part: Partial<MachineFacts>) =>
  obstacles(provider, facts(part), 'pip install these').map(({ code }) => code.replace('LATHE_DEVICES_', ''));
const NO_GPU = { nvidiaNodes: [], nvidiaCards: 0, driver: null, gpus: [] };

describe('what forbids a trial of CUDA', () => {
  it('is nothing where everything is there', () => {
    expect(codes('cuda', {})).toEqual([]);
  });
  it.each<[string, Partial<MachineFacts>, string[]]>([
    [
      'no GPU: nobody is sent to fetch files',
      { ...NO_GPU, cudaFiles: { state: 'absent', damaged: null } },
      ['NO_DEVICE'],
    ],
    ['a GPU without a driver', { nvidiaNodes: [], driver: null }, ['NO_DRIVER']],
    ['a driver that is too old', { driver: '535.183.01' }, ['NO_DRIVER']],
    ['a container without the driver’s library', { missing: ['libcuda.so.1'] }, ['NO_DRIVER']],
    ['files that are not installed', { cudaFiles: { state: 'absent', damaged: null } }, ['NOT_INSTALLED']],
    [
      'a file that is damaged',
      { cudaFiles: { state: 'damaged', damaged: { library: 'x.so', reason: 'file too short' } } },
      ['LIBRARY_DAMAGED'],
    ],
    ['libraries that are missing', { missing: ['libcublas.so.13'] }, ['LIBRARY_MISSING']],
    ['another platform', { cudaFiles: { state: 'unsupported', damaged: null } }, ['UNSUPPORTED']],
    [
      'all at once, the first to mend in front',
      { nvidiaNodes: [], driver: null, missing: ['libcuda.so.1', 'libcurand.so.10'] },
      ['NO_DRIVER', 'LIBRARY_MISSING'],
    ],
  ])('%s', (_, part, expected) => {
    expect(codes('cuda', part)).toEqual(expected);
  });
  it('is told with the libraries by name and the command that brings them', () => {
    const [problem] = obstacles('cuda', facts({ missing: ['libcublas.so.13', 'libcudart.so.13'] }), 'pip x');
    expect(problem?.cause).toContain('libcublas.so.13, libcudart.so.13');
    expect(problem?.remedy).toContain('`pip x`');
  });
});

describe('what forbids a trial of WebGPU', () => {
  it.each<[string, Partial<MachineFacts>, string[]]>([
    ['nothing that renders: an adapter could only be software', NO_GPU, ['NO_DEVICE']],
    ['no Vulkan', { renderNodes: ['/dev/dri/renderD128'], hasVulkan: false }, ['LIBRARY_MISSING']],
    ['nothing, where the platform brings its own', { ...NO_GPU, platform: 'darwin', hasVulkan: false }, []],
  ])('%s', (_, part, expected) => {
    expect(codes('webgpu', part)).toEqual(expected);
  });
});

const ran = (ms: number, difference = 0): TrialOutcome => ({
  kind: 'ran',
  backends: [],
  difference,
  ms,
  cpuMs: 10,
});

describe('a finding', () => {
  it.each<[string, TrialOutcome, ProviderFinding['state'], string | undefined]>([
    ['is faster', ran(2), 'usable', undefined],
    ['is as fast', ran(10), 'slower', undefined],
    ['rounds as tensor cores do', ran(2, 0.001), 'usable', undefined],
    ['computes something else', ran(2, 0.5), 'unusable', 'LATHE_DEVICES_WRONG'],
    ['computes no number', ran(2, Number.MAX_VALUE), 'unusable', 'LATHE_DEVICES_WRONG'],
    ['fails', { kind: 'failed', reason: 'out of memory' }, 'unusable', 'LATHE_DEVICES_FAILED'],
    ['crashes', { kind: 'crashed', how: 'SIGABRT', step: 'running it' }, 'unusable', 'LATHE_DEVICES_CRASHED'],
    ['hangs', { kind: 'hung', seconds: 45, step: 'running it' }, 'unusable', 'LATHE_DEVICES_HUNG'],
    ['is not built in', { kind: 'absent', backends: ['cpu'] }, 'unusable', 'LATHE_DEVICES_UNSUPPORTED'],
  ])('of one that %s', (_, outcome, state, code) => {
    const found = finding('cuda', facts(), [], outcome);
    expect(found).toMatchObject({ state, device: 'A GPU', memoryBytes: 80, driver: '580.65.06' });
    expect(found.problems[0]?.code).toBe(code);
    expect(found.reason).not.toBe('');
  });
});

describe('CUDA without cuDNN', () => {
  it('is used, and said to lack it', () => {
    const { state, reason } = finding('cuda', facts({ hasCudnn: false }), [], ran(2));
    expect({ state, reason }).toEqual({
      state: 'usable',
      reason:
        'It is 5.0 times as fast as the CPU in a trial. cuDNN 9 is not found; models with convolutions need it.',
    });
  });
});

const found = (provider: Provider, state: ProviderFinding['state']): ProviderFinding => ({
  provider,
  state,
  reason: `${provider} is ${state}.`,
  problems: [],
  device: null,
  memoryBytes: null,
  driver: null,
  trial: null,
});

describe('the choice', () => {
  it.each<[ProviderFinding['state'], ProviderFinding['state'], Provider]>([
    ['usable', 'usable', 'cuda'],
    ['unusable', 'usable', 'webgpu'],
    ['slower', 'usable', 'webgpu'],
    ['unusable', 'slower', 'cpu'],
    ['unusable', 'unusable', 'cpu'],
  ])('with CUDA %s and WebGPU %s is %s, with the reason', (cuda, webgpu, expected) => {
    const all = [found('cpu', 'usable'), found('webgpu', webgpu), found('cuda', cuda)];
    const { provider, reason } = choose(all, 'auto');
    expect(provider).toBe(expected);
    expect(reason).toContain(expected === 'cpu' ? `cuda is ${cuda}.` : `${expected} is usable.`);
    expect(orderFor(all, 'auto')).toEqual({ provider, fallback: provider !== 'cpu', refused: null });
  });

  it('that a person made holds, and says what speaks against it', () => {
    const all = [found('cuda', 'unusable'), found('webgpu', 'slower'), found('cpu', 'usable')];
    expect(choose(all, 'cuda').reason).toContain('cuda is unusable.');
    expect(orderFor(all, 'cuda')).toEqual({ provider: 'cuda', fallback: false, refused: 'cuda is unusable' });
    expect(orderFor(all, 'webgpu')).toEqual({ provider: 'webgpu', fallback: false, refused: null });
    expect(orderFor(all, 'cpu')).toEqual({ provider: 'cpu', fallback: false, refused: null });
  });

  it('before anything was tried is the CPU, whatever is wished', () => {
    for (const wish of ['auto', 'cuda', 'webgpu', 'cpu'] as const)
      expect(orderFor([], wish)).toEqual({ provider: 'cpu', fallback: false, refused: null });
  });
});

describe('a message of ONNX Runtime', () => {
  it.each([
    [
      '/onnxruntime_src/a/cuda_call.cc:154 std::x [with T = y] CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=vm',
      'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
    ],
    [
      '/onnxruntime_src/a/webgpu_context.cc:100 void f(const C&)::<lambda()> s == T::Success was false. Failed to get a WebGPU adapter: No supported adapters\n',
      'Failed to get a WebGPU adapter: No supported adapters',
    ],
    ['Load model from /blobs/ab failed:Protobuf parsing failed.', 'Protobuf parsing failed'],
    ['', 'no reason given'],
  ])('%s', (text, expected) => {
    expect(briefReason(text)).toBe(expected);
  });
});
