/** What the machine says about its devices without any of them being touched. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { hermeticEnvironment, withLibraries } from '../environment.ts';
import {
  type CudaFilesState,
  children,
  cudaFilesState,
  cudaFolder,
  libraryFolders,
  ORT_VERSION,
  PROVIDER,
  textOf,
} from './cuda-files.ts';

/** Where to look. Tests give folders of their own. */
export type Places = {
  platform: NodeJS.Platform;
  arch: string;
  /** This user's folder for devices. */
  devices: string;
  dev: string;
  proc: string;
  sys: string;
  env: NodeJS.ProcessEnv;
};

export type MachineFacts = {
  platform: NodeJS.Platform;
  arch: string;
  cpu: string;
  /** Device files of NVIDIA's driver, or WSL's stand-in for them. */
  nvidiaNodes: string[];
  /** NVIDIA's display controllers on the bus, driver or not. */
  nvidiaCards: number;
  driver: string | null;
  gpus: { name: string; memoryBytes: number }[];
  /** Device files of anything that renders. */
  renderNodes: string[];
  hasVulkan: boolean;
  cudaFiles: { state: CudaFilesState; damaged: { library: string; reason: string } | null };
  /** Libraries that the provider is linked with and the dynamic linker does not find. */
  missing: string[];
  /** The provider asks for it only when a model has a convolution or the like, so nothing misses it before. */
  hasCudnn: boolean;
};

export const placesHere = (devices: string): Places => ({
  platform: process.platform,
  arch: process.arch,
  devices,
  dev: '/dev',
  proc: '/proc',
  sys: '/sys',
  env: process.env,
});

const COMMAND_LIMIT_MS = 5_000;
const LINKER = '/lib64/ld-linux-x86-64.so.2';
const SYSTEM_FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

export async function lookAtMachine(places: Places): Promise<MachineFacts> {
  const nvidiaNodes = nvidiaNodesOf(places);
  const [gpus, linked] = await Promise.all([
    nvidiaNodes.length > 0 ? askNvidia(places.env) : { driver: null, gpus: [] },
    linkedCuda(places),
  ]);
  return {
    platform: places.platform,
    arch: places.arch,
    cpu: cpus()[0]?.model.trim() ?? 'CPU',
    nvidiaNodes,
    nvidiaCards: nvidiaCardsOf(places),
    driver: gpus.driver ?? driverOf(places),
    gpus: gpus.gpus,
    renderNodes: renderNodesOf(places),
    hasVulkan: vulkanPath(places) !== null,
    hasCudnn:
      foundIn([...libraryFolders(places.devices, places.env), ...foldersOf(places.env)], 'libcudnn.so.9') !==
      null,
    ...linked,
  };
}

/** Changes when any of what a trial depends on does. Looks at names, sizes and times only. */
export function fingerprint(places: Places): string {
  const watched = [
    ...libraryFolders(places.devices, places.env).flatMap((folder) => children(folder, /\.so/)),
    ...[vulkanPath(places)].filter((path) => path !== null),
  ];
  const parts = [
    ORT_VERSION,
    places.platform,
    places.arch,
    cpus()[0]?.model,
    availableParallelism(),
    driverOf(places),
    places.env.LD_LIBRARY_PATH,
    ...nvidiaNodesOf(places),
    nvidiaCardsOf(places),
    ...renderNodesOf(places),
    ...watched.map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return `${path} ${stat?.size} ${stat?.mtimeMs}`;
    }),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const nvidiaNodesOf = ({ dev }: Places): string[] => children(dev, /^(nvidia\d+|nvidiactl|dxg)$/);
const renderNodesOf = ({ dev }: Places): string[] => children(join(dev, 'dri'), /^renderD/);

/** PCI's class 03 is display, and 10de is NVIDIA. */
const nvidiaCardsOf = ({ sys }: Places): number =>
  children(join(sys, 'bus', 'pci', 'devices')).filter(
    (card) =>
      textOf(join(card, 'vendor'))?.startsWith('0x10de') && textOf(join(card, 'class'))?.startsWith('0x03'),
  ).length;

/** The kernel module says its version whether or not any tool is installed. */
const driverOf = ({ proc }: Places): string | null =>
  /\s(\d+\.\d+(?:\.\d+)?)\s/.exec(textOf(join(proc, 'driver', 'nvidia', 'version')) ?? '')?.[1] ?? null;

const vulkanPath = ({ platform, env }: Places): string | null =>
  platform === 'linux' ? foundIn(foldersOf(env), 'libvulkan.so.1') : null;

/** Roughly where the dynamic linker looks by itself. */
const foldersOf = (env: NodeJS.ProcessEnv): string[] =>
  [...(env.LD_LIBRARY_PATH?.split(':') ?? []), ...SYSTEM_FOLDERS].filter((folder) => folder !== '');

const foundIn = (folders: readonly string[], name: string): string | null =>
  folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;

async function askNvidia(env: NodeJS.ProcessEnv): Promise<Pick<MachineFacts, 'driver' | 'gpus'>> {
  const fields = '--query-gpu=name,memory.total,driver_version';
  const { out } = await run('nvidia-smi', [fields, '--format=csv,noheader,nounits'], env);
  return parseNvidia(out);
}

/** Lines of "name, MiB, driver". */
export function parseNvidia(out: string): Pick<MachineFacts, 'driver' | 'gpus'> {
  const lines = out
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter(([name, mib]) => name !== '' && Number(mib) > 0);
  const gpus = lines.map(([name, mib]) => ({ name: name as string, memoryBytes: Number(mib) * 1024 ** 2 }));
  return { driver: lines[0]?.[2] ?? null, gpus };
}

/** Asks the dynamic linker itself, with the folders that the runner would be given. */
async function linkedCuda(places: Places): Promise<Pick<MachineFacts, 'cudaFiles' | 'missing'>> {
  const folder = cudaFolder(places.devices);
  const { state, damaged } = cudaFilesState(folder, places.platform, places.arch);
  if (state !== 'installed') {
    const reason = 'its size is not what it should be, or it is not there';
    return { cudaFiles: { state, damaged: damaged ? { library: damaged, reason } : null }, missing: [] };
  }
  if (!existsSync(LINKER)) return { cudaFiles: { state, damaged: null }, missing: [] };
  const env = withLibraries(hermeticEnvironment(places.env), libraryFolders(places.devices, places.env));
  // What `ldd` does; --list gives up at the first library that is missing.
  const traced = { ...env, LD_TRACE_LOADED_OBJECTS: '1' };
  const found = parseLinker(await run(LINKER, [join(folder, PROVIDER)], traced));
  return found.damaged
    ? {
        cudaFiles: { state: 'damaged', damaged: { library: PROVIDER, reason: found.damaged } },
        missing: [],
      }
    : { cudaFiles: { state, damaged: null }, missing: found.missing };
}

/** "libx.so => not found" for each that is missing, or why the file itself cannot be read. */
export function parseLinker({ out, error, signal }: Said): { missing: string[]; damaged: string | null } {
  const missing = [...out.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name as string);
  const broken =
    /(?:file too short|invalid ELF header|ELF load command[^\n]*|cannot read file data[^\n]*)/.exec(
      error,
    )?.[0];
  // It maps the file, and reading past the end of one that is cut short is a bus error.
  const ended =
    signal === 'SIGBUS' || signal === 'SIGSEGV' ? `the dynamic linker ends with ${signal} on it` : null;
  return { missing: [...new Set(missing)], damaged: broken ?? ended };
}

type Said = { out: string; error: string; signal: string | null };

/** Never fails: what cannot be run said nothing. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve) => {
    const options = { env, timeout: COMMAND_LIMIT_MS, killSignal: 'SIGKILL', windowsHide: true } as const;
    execFile(command, [...args], options, (failed, out, error) =>
      resolve({ out, error, signal: failed?.signal ?? null }),
    );
  });
}
