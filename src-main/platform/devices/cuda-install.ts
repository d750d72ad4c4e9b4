/**
 * Fetches ONNX Runtime's CUDA files: one npm package of a pinned hash, unpacked while it comes, so that nothing but
 * the files themselves is ever on the disk. They are gathered in a folder beside the real one and take its name only
 * when the package and each file were found to be the pinned ones; until then nothing has changed.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { LatheError } from '../../contract/errors.ts';
import { CUDA_FILES, CUDA_PACKAGE, cudaFolder, ORT_VERSION, RUNTIME_FILE } from './cuda-files.ts';
import { tarReader } from './tar-members.ts';

export type Pins = {
  package: { name: string; version: string; integrity: string; bytes: number; folder: string };
  files: readonly { name: string; bytes: number; sha256: string }[];
  runtime: { name: string; bytes: number; sha256: string };
};
const PINS: Pins = { package: CUDA_PACKAGE, files: CUDA_FILES, runtime: RUNTIME_FILE };

export type InstallOptions = {
  /** This user's folder for devices. */
  devices: string;
  /** The app's own libonnxruntime. */
  runtime: string;
  /** The npm registry, or the package as a file that somebody fetched in another way. */
  source: { registry: string } | { file: string };
  signal: AbortSignal;
  onProgress(doneBytes: number, totalBytes: number): void;
  /** Tests have smaller ones. */
  pins?: Pins;
  /** Nothing may have come for so long. */
  silenceMs?: number;
};

/** Left free besides what is installed. */
const SPARE_BYTES = 64 * 1024 ** 2;
const SILENCE_MS = 30_000;

/** Throws a LatheError of the catalogue, leaving everything as it was. Returns false where nothing was to be done. */
export async function installCuda(options: InstallOptions): Promise<boolean> {
  const { devices, signal, pins = PINS } = options;
  const folder = cudaFolder(devices);
  if (await isWhole(folder, pins, signal)) return false;
  const partial = `${folder}.partial-${process.pid}`;
  try {
    mkdirSync(devices, { recursive: true });
    sweep(devices);
    checkSpace(devices, pins);
    mkdirSync(partial);
    await takeRuntime(options.runtime, partial, pins);
    await unpack(options, partial, pins);
    signal.throwIfAborted();
    takePlace(partial, folder);
    return true;
  } catch (thrown) {
    if (signal.aborted) throw new LatheError('LATHE_CANCELLED', { kind: 'installation' });
    throw thrown instanceof LatheError ? thrown : unwritable(folder, thrown);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Removes the files of every version. False where there were none. */
export function removeCuda(devices: string): boolean {
  sweep(devices);
  const found = entries(devices).filter((name) => /^onnxruntime-.*-cuda\d+$/.test(name));
  for (const name of found) {
    // Gone under its name at once; a runner that has the files open keeps them until it ends.
    const going = join(devices, `${name}.old-${process.pid}`);
    renameSync(join(devices, name), going);
    rmSync(going, { recursive: true, force: true });
  }
  return found.length > 0;
}

async function isWhole(folder: string, { files, runtime }: Pins, signal: AbortSignal): Promise<boolean> {
  for (const { name, sha256 } of [...files, runtime]) {
    const found = await hashOf(join(folder, name)).catch(() => null);
    if (signal.aborted) throw new LatheError('LATHE_CANCELLED', { kind: 'installation' });
    if (found !== sha256) return false;
  }
  return true;
}

/** What an installation left that was killed. One that is under way keeps its own. */
function sweep(devices: string): void {
  for (const name of entries(devices)) {
    const pid = /\.(?:partial|old)-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(devices, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function checkSpace(devices: string, { files, runtime }: Pins): void {
  const needed = [...files, runtime].reduce((sum, { bytes }) => sum + bytes, SPARE_BYTES);
  const { bavail, bsize } = statfsSync(devices);
  if (bavail * bsize >= needed) return;
  const mib = (bytes: number) => Math.ceil(bytes / 1024 ** 2);
  throw new LatheError('LATHE_GPU_DISK', { folder: devices, needed: mib(needed), free: mib(bavail * bsize) });
}

async function takeRuntime(runtime: string, partial: string, { runtime: pin }: Pins): Promise<void> {
  const copy = join(partial, pin.name);
  const found = await hashOf(runtime).catch((thrown: unknown) => {
    throw new LatheError('LATHE_GPU_RUNTIME', {
      file: runtime,
      reason: codeOf(thrown),
      version: ORT_VERSION,
    });
  });
  if (found !== pin.sha256) {
    const reason = 'it is another build';
    throw new LatheError('LATHE_GPU_RUNTIME', { file: runtime, reason, version: ORT_VERSION });
  }
  await copyFile(runtime, copy);
}

async function unpack(options: InstallOptions, partial: string, pins: Pins): Promise<void> {
  const { signal, onProgress, source } = options;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), options.silenceMs ?? SILENCE_MS);
  const stop = AbortSignal.any([signal, silence.signal]);
  const hash = createHash('sha512');
  let doneBytes = 0;
  const members = membersInto(partial, pins);
  let from = 'file' in source ? source.file : source.registry;
  try {
    const opened = await open(source, pins, stop);
    from = opened.from;
    await pipeline(
      opened.stream,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          timer.refresh();
          doneBytes += chunk.length;
          if (doneBytes > pins.package.bytes) throw notGenuine(from, 'it is larger than it should be');
          hash.update(chunk);
          onProgress(doneBytes, pins.package.bytes);
          yield chunk;
        }
      },
      createGunzip(),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) members.take(chunk);
      },
      { signal: stop },
    );
    members.check();
  } catch (thrown) {
    if (silence.signal.aborted) throw unreachable(from, 'nothing came any more');
    if (signal.aborted || thrown instanceof LatheError || isOurDisk(thrown)) throw thrown;
    // Pieces that came short or garbled, and servers that say no.
    throw unreachable(from, reasonOf(thrown));
  } finally {
    clearTimeout(timer);
    members.close();
  }
  const integrity = `sha512-${hash.digest('base64')}`;
  if (integrity !== pins.package.integrity) throw notGenuine(from, `its hash is ${integrity}`);
  if (members.count() !== pins.files.length) throw notGenuine(from, 'files are missing in it');
}

/** Writes the pinned members, and checks each against its hash. */
function membersInto(partial: string, pins: Pins) {
  const members = new Map<string, { hash: ReturnType<typeof createHash>; fd: number; sha256: string }>();
  const take = tarReader((name, bytes) => {
    const pin = pins.files.find((file) => `${pins.package.folder}${file.name}` === name);
    if (!pin || members.has(pin.name)) return null;
    if (bytes !== pin.bytes) throw notGenuine(pin.name, 'its size is another');
    const fd = openSync(join(partial, pin.name), 'wx', 0o644);
    const hash = createHash('sha256');
    members.set(pin.name, { hash, fd, sha256: pin.sha256 });
    return (piece) => {
      hash.update(piece);
      for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
    };
  });
  return {
    take,
    /** Call once everything was taken. */
    check(): void {
      for (const [name, { hash, fd, sha256 }] of members) {
        fsyncSync(fd);
        if (hash.digest('hex') !== sha256) throw notGenuine(name, 'its hash is another');
      }
    },
    count: () => members.size,
    close(): void {
      for (const { fd } of members.values()) closeSync(fd);
    },
  };
}

async function open(
  source: InstallOptions['source'],
  { package: pin }: Pins,
  signal: AbortSignal,
): Promise<{ stream: Readable; from: string }> {
  if ('file' in source) return { stream: createReadStream(source.file), from: source.file };
  // As npm does: the registry says where the archive lies, and a mirror names itself there.
  const dispatcher = new EnvHttpProxyAgent();
  const facts = new URL(`${pin.name}/${pin.version}`, withSlash(source.registry));
  const answer = await fetch(facts, { signal, dispatcher });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  const { dist } = (await answer.json()) as { dist?: { tarball?: string } };
  const from = dist?.tarball ?? '';
  if (!/^https?:/.test(from)) throw new Error('it does not say where the package lies');
  const body = await fetch(from, { signal, dispatcher });
  if (!body.ok || !body.body) throw new Error(`it answered ${body.status}`);
  return { stream: Readable.fromWeb(body.body), from };
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

/** What was there, damaged, goes out of the way first; a folder cannot be replaced in one step. */
function takePlace(partial: string, folder: string): void {
  const old = `${folder}.old-${process.pid}`;
  try {
    renameSync(folder, old);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
  renameSync(partial, folder);
  const parent = openSync(dirname(folder), 'r');
  fsyncSync(parent);
  closeSync(parent);
  rmSync(old, { recursive: true, force: true });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 })) hash.update(chunk);
  return hash.digest('hex');
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const unreachable = (from: string, reason: string): LatheError =>
  new LatheError('LATHE_GPU_DOWNLOAD', {
    from,
    reason,
    package: `${CUDA_PACKAGE.name}@${CUDA_PACKAGE.version}`,
  });
const notGenuine = (file: string, reason: string): LatheError =>
  new LatheError('LATHE_GPU_NOT_GENUINE', { file, reason });
const unwritable = (folder: string, thrown: unknown): LatheError =>
  new LatheError('LATHE_GPU_WRITE', { folder, reason: codeOf(thrown) }, { cause: thrown });

const codeOf = (thrown: unknown): string =>
  (thrown as NodeJS.ErrnoException).code ?? (thrown instanceof Error ? thrown.message : String(thrown));

/** Fetch says only that it failed; its cause says why. */
const reasonOf = (thrown: unknown): string => {
  const cause = (thrown as { cause?: unknown } | null)?.cause;
  const said = cause instanceof Error ? cause : thrown;
  return said instanceof Error ? said.message || codeOf(said) : String(said);
};

const DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO']);
const isOurDisk = (thrown: unknown): boolean => {
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  return DISK.has(code ?? '') && syscall !== 'connect';
};
