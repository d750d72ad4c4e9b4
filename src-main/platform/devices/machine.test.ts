import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CUDA_FILES,
  cudaFolder,
  cudaSupported,
  libraryFolders,
  ORT_VERSION,
  RUNTIME_FILE,
  runtimeLibrary,
} from './cuda-files.ts';
import { fingerprint, lookAtMachine, type Places, parseLinker, parseNvidia } from './machine.ts';

let root: string;
let places: Places;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lathe-machine-'));
  const folder = (name: string) => join(root, name);
  places = {
    platform: 'linux',
    arch: 'x64',
    devices: folder('gpu'),
    dev: folder('dev'),
    proc: folder('proc'),
    sys: folder('sys'),
    env: { PATH: process.env.PATH },
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text = ''): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Files of the right names and sizes with nothing in them; they take no room. */
function putHollowCuda(): string {
  const folder = cudaFolder(places.devices);
  mkdirSync(folder, { recursive: true });
  for (const { name, bytes } of [...CUDA_FILES, RUNTIME_FILE]) {
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), bytes);
  }
  return folder;
}

describe('the machine', () => {
  it('is described without a device, a driver or a file', async () => {
    expect(await lookAtMachine(places)).toMatchObject({
      nvidiaNodes: [],
      nvidiaCards: 0,
      driver: null,
      gpus: [],
      renderNodes: [],
      missing: [],
    });
  });

  it('has a card on its bus, a driver and devices', async () => {
    put('sys/bus/pci/devices/a/vendor', '0x10de\n');
    put('sys/bus/pci/devices/a/class', '0x030200\n');
    put('sys/bus/pci/devices/its-sound/vendor', '0x10de\n');
    put('sys/bus/pci/devices/its-sound/class', '0x040300\n');
    put(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27\n',
    );
    put('dev/nvidia0');
    put('dev/nvidiactl');
    put('dev/dri/renderD128');
    // None of this machine's own tools.
    const facts = await lookAtMachine({ ...places, env: { PATH: root } });
    expect(facts).toMatchObject({ nvidiaCards: 1, driver: '580.65.06', gpus: [] });
    expect(facts.nvidiaNodes).toHaveLength(2);
    expect(facts.renderNodes).toHaveLength(1);
  });

  it.runIf(cudaSupported())(
    'has CUDA files that are damaged: cut short, or not what they are named',
    async () => {
      const folder = putHollowCuda();
      const library = 'libonnxruntime_providers_cuda.so';
      expect((await lookAtMachine(places)).cudaFiles).toMatchObject({
        state: 'damaged',
        damaged: { library, reason: expect.stringContaining('invalid ELF header') },
      });
      truncateSync(join(folder, library), 1_000);
      expect((await lookAtMachine(places)).cudaFiles).toMatchObject({
        state: 'damaged',
        damaged: { library },
      });
    },
  );

  it('is tried again when anything of it changes, and only then', () => {
    const folder = putHollowCuda();
    const seen = new Set([fingerprint(places)]);
    const look = () => {
      expect(fingerprint(places)).toBe(fingerprint(places));
      const before = seen.size;
      seen.add(fingerprint(places));
      expect(seen.size).toBe(before + 1);
    };
    utimesSync(join(folder, 'libonnxruntime.so.1'), 1, 1);
    look();
    put('proc/driver/nvidia/version', 'Kernel Module  580.65.06  Sun');
    look();
    put('proc/driver/nvidia/version', 'Kernel Module  590.10  Mon');
    look();
    put('dev/nvidia0');
    look();
    put('dev/dri/renderD128');
    look();
    put('gpu/cuda/nvidia/cu13/lib/libcublas.so.13');
    look();
  });

  it('finds CUDA’s libraries where pip puts them, and no folder without any', () => {
    put('gpu/cuda/nvidia/cu13/lib/libcublas.so.13');
    put('gpu/cuda/nvidia/cudnn/lib/libcudnn.so.9');
    put('venv/lib/python3.13/site-packages/nvidia/curand/lib/libcurand.so.10');
    put('venv/lib/python3.13/site-packages/nvidia/nccl/lib/libnccl.so.2');
    const folders = libraryFolders(places.devices, { VIRTUAL_ENV: join(root, 'venv') });
    const own = folders
      .filter((folder) => folder.startsWith(root))
      .map((folder) => folder.slice(root.length));
    expect(own).toEqual([
      cudaFolder(places.devices).slice(root.length),
      '/gpu/cuda/nvidia/cu13/lib',
      '/gpu/cuda/nvidia/cudnn/lib',
      '/venv/lib/python3.13/site-packages/nvidia/curand/lib',
    ]);
  });
});

describe('what tools say', () => {
  it('nvidia-smi names GPUs, their memory and the driver', () => {
    expect(parseNvidia('NVIDIA H100 80GB HBM3, 81559, 580.65.06\nNVIDIA T4, 15360, 580.65.06\n')).toEqual({
      driver: '580.65.06',
      gpus: [
        { name: 'NVIDIA H100 80GB HBM3', memoryBytes: 81_559 * 1024 ** 2 },
        { name: 'NVIDIA T4', memoryBytes: 15_360 * 1024 ** 2 },
      ],
    });
    expect(parseNvidia('No devices were found\n')).toEqual({ driver: null, gpus: [] });
  });

  it('the dynamic linker names what is missing, once, or what is wrong with the file', () => {
    const out =
      '\tlibcublas.so.13 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x7f)\n\tlibcublas.so.13 => not found\n';
    expect(parseLinker({ out, error: '', signal: null })).toEqual({
      missing: ['libcublas.so.13'],
      damaged: null,
    });
    const short = 'x.so: error while loading shared libraries: x.so: file too short';
    expect(parseLinker({ out: '', error: short, signal: null }).damaged).toBe('file too short');
    expect(parseLinker({ out: '', error: '', signal: 'SIGBUS' }).damaged).toContain('SIGBUS');
    // It was our own patience that ended it.
    expect(parseLinker({ out: '', error: '', signal: 'SIGKILL' }).damaged).toBeNull();
  });
});

describe('the pins', () => {
  it('are of the ONNX Runtime that is installed', () => {
    const root = new URL('../../../node_modules/onnxruntime-node/package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(root, 'utf8')) as { version: string };
    expect(version).toBe(ORT_VERSION);
  });
  it.runIf(cudaSupported())('know its library, which a CUDA provider must fit', () => {
    const sha256 = createHash('sha256').update(readFileSync(runtimeLibrary())).digest('hex');
    expect(sha256).toBe(RUNTIME_FILE.sha256);
  });
});
