/** From what the machine says and what the trials did, to what can be used, what is chosen, and why. */
import type { Devices, Provider, ProviderFinding, ProviderWish } from '../../contract/devices.ts';
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { DeviceOrder } from '../link.ts';
import { CUDA_PACKAGE, cudaFilesState, cudaFolder, ORT_VERSION } from './cuda-files.ts';
import type { MachineFacts } from './machine.ts';
import { briefReason } from './ort-message.ts';
import type { TrialOutcome } from './trial.ts';

/** The first that is usable is taken. */
export const PREFERENCE: readonly Provider[] = ['cuda', 'webgpu', 'cpu'];
export const TITLES: Readonly<Record<Provider, string>> = { cpu: 'CPU', cuda: 'CUDA', webgpu: 'WebGPU' };

/** What is not this many times as fast as the CPU is not worth a device's start-up time and memory. */
const MIN_SPEEDUP = 1.2;
/** Tensor cores round to ten bits (TF32), and sums are taken in another order. */
const MAX_DIFFERENCE = 0.01;
/** CUDA 13's oldest driver. */
const MIN_DRIVER = 580;

/** What forbids a trial: it could only fail, and these say more than its error would. */
export function obstacles(provider: Provider, facts: MachineFacts, pip: string): ErrorReport[] {
  if (provider === 'cuda') return cudaObstacles(facts, pip);
  if (provider === 'webgpu') return webgpuObstacles(facts);
  return [];
}

function cudaObstacles(facts: MachineFacts, pip: string): ErrorReport[] {
  if (facts.cudaFiles.state === 'unsupported') return [unsupported('cuda', facts)];
  const problems: LatheError[] = [];
  const isThere = facts.nvidiaNodes.length > 0 || facts.nvidiaCards > 0;
  if (!isThere) problems.push(noDevice('cuda', 'this machine shows no NVIDIA GPU'));
  const driver = driverProblem(facts);
  if (driver) problems.push(new LatheError('LATHE_DEVICES_NO_DRIVER', { reason: driver }));
  // Without a GPU nobody should be sent to fetch them.
  if (facts.cudaFiles.state === 'absent' && isThere) problems.push(notInstalled());
  if (facts.cudaFiles.damaged)
    problems.push(new LatheError('LATHE_DEVICES_LIBRARY_DAMAGED', facts.cudaFiles.damaged));
  const libraries = facts.missing.filter((name) => name !== DRIVER_LIBRARY);
  if (libraries.length > 0) {
    const install = `Install CUDA 13’s libraries from NVIDIA, or run \`${pip}\``;
    const details = { provider: 'CUDA', libraries: libraries.join(', '), install };
    problems.push(new LatheError('LATHE_DEVICES_LIBRARY_MISSING', details));
  }
  return problems.map((problem) => problem.report());
}

const notInstalled = (): LatheError =>
  new LatheError('LATHE_DEVICES_NOT_INSTALLED', {
    version: ORT_VERSION,
    megabytes: Math.round(CUDA_PACKAGE.bytes / 1e6),
  });

const DRIVER_LIBRARY = 'libcuda.so.1';

function driverProblem({ driver, missing, nvidiaNodes, nvidiaCards }: MachineFacts): string | null {
  if (driver !== null && Number.parseInt(driver, 10) < MIN_DRIVER)
    return `${driver} is older than ${MIN_DRIVER}`;
  if (missing.includes(DRIVER_LIBRARY)) return `its library ${DRIVER_LIBRARY} is not found`;
  if (nvidiaCards === 0 || nvidiaNodes.length > 0) return null;
  return 'the GPU is there, but nothing in /dev or /proc is of its driver';
}

function webgpuObstacles(facts: MachineFacts): ErrorReport[] {
  if (facts.platform !== 'linux') return [];
  const problems: LatheError[] = [];
  if (facts.renderNodes.length === 0 && facts.nvidiaNodes.length === 0)
    problems.push(
      noDevice('webgpu', 'nothing that renders is in /dev, so an adapter could only be software'),
    );
  if (!facts.hasVulkan) {
    const install = 'On Debian or Ubuntu: apt install libvulkan1 mesa-vulkan-drivers';
    const details = { provider: 'WebGPU', libraries: 'libvulkan.so.1', install };
    problems.push(new LatheError('LATHE_DEVICES_LIBRARY_MISSING', details));
  }
  return problems.map((problem) => problem.report());
}

const noDevice = (provider: Provider, reason: string): LatheError =>
  new LatheError('LATHE_DEVICES_NO_DEVICE', { provider: TITLES[provider], reason });

const unsupported = (provider: Provider, { platform, arch }: MachineFacts): ErrorReport =>
  new LatheError('LATHE_DEVICES_UNSUPPORTED', {
    provider: TITLES[provider],
    version: ORT_VERSION,
    platform: `${platform} ${arch}`,
  }).report();

/** What one provider comes to; `outcome` is null where obstacles forbade the trial. */
export function finding(
  provider: Provider,
  facts: MachineFacts,
  problems: readonly ErrorReport[],
  outcome: TrialOutcome | null,
): ProviderFinding {
  const title = TITLES[provider];
  const failure = outcome ? trialProblem(provider, facts, outcome) : null;
  const all = failure ? [...problems, failure] : problems;
  const [first] = all;
  const base = { provider, problems: [...all], ...deviceOf(provider, facts) };
  if (first || outcome?.kind !== 'ran')
    return { ...base, state: 'unusable', reason: first?.cause ?? `${title} was not tried.`, trial: null };
  const trial = { ms: outcome.ms, speedup: outcome.cpuMs / outcome.ms };
  if (provider === 'cpu') return { ...base, state: 'usable', reason: 'It is always there.', trial };
  const lack =
    provider === 'cuda' && !facts.hasCudnn ? ' cuDNN 9 is not found; models with convolutions need it.' : '';
  const times = `${timesText(trial.speedup)} as fast as the CPU in a trial`;
  return trial.speedup < MIN_SPEEDUP
    ? { ...base, state: 'slower', reason: `It works, but is only ${times}.`, trial }
    : { ...base, state: 'usable', reason: `It is ${times}.${lack}`, trial };
}

function trialProblem(provider: Provider, facts: MachineFacts, outcome: TrialOutcome): ErrorReport | null {
  const title = TITLES[provider];
  switch (outcome.kind) {
    case 'ran':
      return outcome.difference <= MAX_DIFFERENCE
        ? null
        : new LatheError('LATHE_DEVICES_WRONG', {
            provider: title,
            difference: `${(outcome.difference * 100).toPrecision(3)} %`,
            allowed: `${MAX_DIFFERENCE * 100} %`,
          }).report();
    case 'absent':
      return unsupported(provider, facts);
    case 'failed':
      return new LatheError('LATHE_DEVICES_FAILED', {
        provider: title,
        reason: briefReason(outcome.reason),
      }).report();
    case 'crashed':
      return new LatheError('LATHE_DEVICES_CRASHED', {
        provider: title,
        how: outcome.how,
        step: outcome.step,
      }).report();
    case 'hung':
      return new LatheError('LATHE_DEVICES_HUNG', {
        provider: title,
        seconds: outcome.seconds,
        step: outcome.step,
      }).report();
  }
}

function deviceOf(
  provider: Provider,
  { cpu, gpus, driver, platform }: MachineFacts,
): Pick<ProviderFinding, 'device' | 'memoryBytes' | 'driver'> {
  if (provider === 'cpu') return { device: cpu, memoryBytes: null, driver: null };
  const [gpu] = gpus;
  if (gpu) return { device: gpu.name, memoryBytes: gpu.memoryBytes, driver };
  const device = provider === 'webgpu' && platform === 'darwin' ? `${cpu} (Metal)` : null;
  return { device, memoryBytes: null, driver: provider === 'cuda' ? driver : null };
}

const timesText = (times: number): string => `${times < 10 ? times.toFixed(1) : Math.round(times)} times`;

/** What the setting for all models comes to. Before anything was tried it is the CPU. */
export function choose(
  findings: readonly ProviderFinding[],
  wish: ProviderWish,
): { provider: Provider; reason: string } {
  if (wish !== 'auto') {
    const found = findings.find(({ provider }) => provider === wish);
    const but = found?.state === 'unusable' ? ` But it cannot be used. ${found.reason}` : '';
    return { provider: wish, reason: `Settings say so.${but}` };
  }
  if (findings.length === 0) return { provider: 'cpu', reason: 'The devices have not been tried yet.' };
  const best = ranked(findings).find(({ state }) => state === 'usable');
  if (!best || best.provider === 'cpu') {
    const others = ranked(findings).filter(({ provider }) => provider !== 'cpu');
    // What is unusable is named by its reason.
    const why = others
      .map(({ provider, state, reason }) =>
        state === 'unusable' ? reason : `${TITLES[provider]}: ${reason}`,
      )
      .join(' ');
    return { provider: 'cpu', reason: why === '' ? 'Nothing else is there.' : why };
  }
  return { provider: best.provider, reason: best.reason };
}

/** What is to run a model. Before anything was tried the CPU does, and changes hands when more is known. */
export function orderFor(findings: readonly ProviderFinding[], wish: ProviderWish): DeviceOrder {
  if (findings.length === 0 || wish === 'cpu') return { provider: 'cpu', fallback: false, refused: null };
  const { provider } = choose(findings, wish);
  if (wish === 'auto') return { provider, fallback: provider !== 'cpu', refused: null };
  const found = findings.find((each) => each.provider === provider);
  const refused = found?.state === 'unusable' ? found.reason.replace(/\.$/, '') : null;
  return { provider, fallback: false, refused };
}

const ranked = (findings: readonly ProviderFinding[]): ProviderFinding[] =>
  findings.toSorted((left, right) => PREFERENCE.indexOf(left.provider) - PREFERENCE.indexOf(right.provider));

/** As it is shown. `found` is null before the first trial has ended. */
export function devicesView(
  found: { triedMs: number; findings: ProviderFinding[] } | null,
  trying: boolean,
  wish: ProviderWish,
  devices: string,
): Devices {
  const findings = found?.findings ?? [];
  const folder = cudaFolder(devices);
  return {
    tried: found !== null,
    trying,
    triedMs: found?.triedMs ?? null,
    onnxruntime: ORT_VERSION,
    findings: ranked(findings),
    wish,
    chosen: choose(findings, wish),
    cudaFiles: { folder, state: cudaFilesState(folder).state },
  };
}
