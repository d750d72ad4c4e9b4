/**
 * ONNX Runtime's CUDA files: which they are, where they lie, where the CUDA libraries they need may be.
 *
 * The provider is looked for beside libonnxruntime.so.1, and an app's own folder may be read-only. So a folder of
 * this user holds a copy of that library with the provider beside it, and comes first for the dynamic linker.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { userDataFolder } from '../app-state.ts';

/** The version of onnxruntime-node in package.json: provider and runtime must be of one build. */
export const ORT_VERSION = '1.29.0';

type PinnedFile = { name: string; bytes: number; sha256: string };

/** What carries the provider of that version for CUDA 13. Published under MIT by the author of its Unity plugin. */
export const CUDA_PACKAGE = {
  name: 'com.github.asus4.onnxruntime.linux-x64-gpu',
  version: '0.4.9',
  integrity:
    'sha512-FopIhNE/Ng+v2X65wVc9clPCBCvhvA53Hxo2U0Kf5fGdVsC7iCA+mZ0KLWggcQAj7TIZ6pNidR4AC10g74Xo6w==',
  bytes: 179_145_956,
  folder: 'package/Plugins/Linux/x64/',
} as const;

export const PROVIDER = 'libonnxruntime_providers_cuda.so';
const RUNTIME = 'libonnxruntime.so.1';
export const CUDA_FILES: readonly PinnedFile[] = [
  {
    name: PROVIDER,
    bytes: 229_780_440,
    sha256: '56cf3254b118ad837ccc4ed8f6d1b23504bbf7ef91b34cbc0b289cb7f10b3037',
  },
  {
    name: 'libonnxruntime_providers_shared.so',
    bytes: 14_632,
    sha256: 'c6a12593396095f5670160e284c35d1700b7708cf3037b7042e2a5200ccae772',
  },
];
/** Copied from the app. */
export const RUNTIME_FILE: PinnedFile = {
  name: RUNTIME,
  bytes: 44_726_808,
  sha256: '89688f5cf51c7e31befbb7b9101bc027799009b18d1baa9a5b1146a72e69538d',
};

/** Everything of this user's that has to do with devices. */
export const devicesFolder = (userData = userDataFolder()): string => join(userData, 'gpu');
export const cudaFolder = (devices = devicesFolder()): string =>
  join(devices, `onnxruntime-${ORT_VERSION}-cuda13`);
/** For CUDA's own libraries, as `pip install --target` lays them out. */
export const cudaLibrariesFolder = (devices = devicesFolder()): string => join(devices, 'cuda');

export const cudaSupported = (platform: string = process.platform, arch: string = process.arch): boolean =>
  platform === 'linux' && arch === 'x64';

/** The app's own copy. */
export function runtimeLibrary(): string {
  const { resolve } = createRequire(import.meta.url);
  const app = dirname(resolve('onnxruntime-node/package.json'));
  return join(app, 'bin', 'napi-v6', process.platform, process.arch, RUNTIME);
}

export type CudaFilesState = 'installed' | 'absent' | 'damaged' | 'unsupported';

/** By size alone, which is quick; that a file of the right size is whole is the installer's and the trial's business. */
export function cudaFilesState(
  folder: string,
  platform?: string,
  arch?: string,
): { state: CudaFilesState; damaged: string | null } {
  if (!cudaSupported(platform, arch)) return { state: 'unsupported', damaged: null };
  if (!existsSync(folder)) return { state: 'absent', damaged: null };
  const damaged = [...CUDA_FILES, RUNTIME_FILE].find(
    ({ name, bytes }) => sizeOf(join(folder, name)) !== bytes,
  );
  return damaged ? { state: 'damaged', damaged: damaged.name } : { state: 'installed', damaged: null };
}

/** What the provider is linked with besides the C and C++ libraries, and the packages that carry it. */
export const CUDA_LIBRARIES = [
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcudart.so.13',
  'libcurand.so.10',
  'libcudnn.so.9',
  'libnvrtc.so.13',
] as const;
const PIP_PACKAGES = 'nvidia-cublas nvidia-cuda-runtime nvidia-curand nvidia-cudnn-cu13';

/** The one command that brings them, from NVIDIA's own packages under NVIDIA's licence. */
export const pipCommand = (devices = devicesFolder()): string =>
  `pip install --no-deps --target "${cudaLibrariesFolder(devices)}" ${PIP_PACKAGES} nvidia-cuda-nvrtc`;

/**
 * Folders for the dynamic linker, the copied runtime's first. CUDA's libraries are taken from where NVIDIA's
 * installer and its Python packages put them; a folder that also holds a libstdc++ of its own (conda's) is not
 * looked at, as it would replace the system's.
 */
export function libraryFolders(devices = devicesFolder(), env: NodeJS.ProcessEnv = process.env): string[] {
  const environments = [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter((path) => path !== undefined);
  const python = environments.flatMap((path) =>
    children(join(path, 'lib'), /^python3/).map((lib) => join(lib, 'site-packages')),
  );
  const nvidia = [cudaLibrariesFolder(devices), ...python].flatMap((site) =>
    children(join(site, 'nvidia')).map((part) => join(part, 'lib')),
  );
  const system = [
    '/usr/local/cuda/lib64',
    ...children('/usr/local', /^cuda-13/).map((path) => join(path, 'lib64')),
  ];
  const holdsCuda = (folder: string) => CUDA_LIBRARIES.some((name) => existsSync(join(folder, name)));
  return [cudaFolder(devices), ...new Set([...nvidia, ...system].filter(holdsCuda))];
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export function children(folder: string, name = /./): string[] {
  try {
    return readdirSync(folder)
      .filter((each) => name.test(each))
      .sort()
      .map((each) => join(folder, each));
  } catch {
    return [];
  }
}

export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
