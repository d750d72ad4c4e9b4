/** Against a real HTTP registry on this machine, with a package of the real layout and small files in it. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CUDA_FILES, cudaFolder } from './cuda-files.ts';
import { type InstallOptions, installCuda, type Pins, removeCuda } from './cuda-install.ts';
import { tarOf } from './testing.ts';

const FOLDER = 'package/Plugins/Linux/x64/';
const PROVIDER = Buffer.from('provider '.repeat(5_000));
const SHARED = Buffer.from('shared');
const RUNTIME = Buffer.from('runtime');

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const pin = (name: string, bytes: Buffer) => ({ name, bytes: bytes.length, sha256: sha256(bytes) });

const archive = gzipSync(
  tarOf([
    ['package/README.md', Buffer.from('read me')],
    [`${FOLDER}${CUDA_FILES[0]?.name}`, PROVIDER],
    [`${FOLDER}${CUDA_FILES[1]?.name}`, SHARED],
    [`${FOLDER}libonnxruntime_providers_tensorrt.so`, Buffer.from('not wanted')],
  ]),
);
const pinsOf = (file: Buffer): Pins => ({
  package: {
    name: 'some.package',
    version: '1.2.3',
    integrity: `sha512-${createHash('sha512').update(file).digest('base64')}`,
    bytes: file.length,
    folder: FOLDER,
  },
  files: [pin(CUDA_FILES[0]?.name ?? '', PROVIDER), pin(CUDA_FILES[1]?.name ?? '', SHARED)],
  runtime: pin('libonnxruntime.so.1', RUNTIME),
});

let root: string;
let devices: string;
let server: Server;
/** How the registry answers for the archive. */
let answer: RequestListener;
let asked: string[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lathe-cuda-'));
  devices = join(root, 'gpu');
  writeFileSync(join(root, 'libonnxruntime.so.1'), RUNTIME);
  asked = [];
  answer = (_, response) => void response.end(archive);
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/npm/some.package/1.2.3')
      response.end(JSON.stringify({ dist: { tarball: `http://${request.headers.host}/files/it.tgz` } }));
    else if (request.url === '/files/it.tgz') answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const registry = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm`;
const install = (part: Partial<InstallOptions> = {}) =>
  installCuda({
    devices,
    runtime: join(root, 'libonnxruntime.so.1'),
    source: { registry: registry() },
    signal: new AbortController().signal,
    onProgress: () => {},
    pins: pinsOf(archive),
    ...part,
  });
const installed = () => readdirSync(cudaFolder(devices)).sort();
const nothingLeft = () => expect(existsSync(devices) ? readdirSync(devices) : []).toEqual([]);
const ALL = ['libonnxruntime.so.1', 'libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];

describe('an installation', () => {
  it('brings what is wanted out of the package and the app, with progress, and does nothing a second time', async () => {
    const progress: number[] = [];
    expect(await install({ onProgress: (done, total) => void progress.push(done / total) })).toBe(true);
    expect(installed()).toEqual(ALL);
    expect(readFileSync(join(cudaFolder(devices), ALL[1] as string))).toEqual(PROVIDER);
    expect(progress.at(-1)).toBe(1);
    const requests = asked.length;
    expect(await install()).toBe(false);
    expect(asked).toHaveLength(requests);
  });

  it('takes the package from a file', async () => {
    writeFileSync(join(root, 'it.tgz'), archive);
    await install({ source: { file: join(root, 'it.tgz') } });
    expect(installed()).toEqual(ALL);
    expect(asked).toEqual([]);
  });

  it('replaces what is damaged, and sweeps up after one that was killed', async () => {
    await install();
    writeFileSync(join(cudaFolder(devices), ALL[1] as string), Buffer.alloc(PROVIDER.length));
    // No process has this number: the kernel's largest is smaller.
    const left = `${cudaFolder(devices)}.partial-99999999`;
    mkdirSync(left);
    expect(await install()).toBe(true);
    expect(readFileSync(join(cudaFolder(devices), ALL[1] as string))).toEqual(PROVIDER);
    expect(readdirSync(devices)).toHaveLength(1);
  });

  it('leaves nothing when it is cancelled', async () => {
    const cancel = new AbortController();
    answer = (_, response) => {
      response.write(archive.subarray(0, 100));
      setTimeout(() => cancel.abort(), 50);
    };
    await expect(install({ signal: cancel.signal })).rejects.toMatchObject({ code: 'LATHE_CANCELLED' });
    nothingLeft();
  });

  it.each<[string, string, RequestListener]>([
    ['is cut off', 'LATHE_GPU_DOWNLOAD', (_, response) => response.end(archive.subarray(0, 300))],
    [
      'breaks',
      'LATHE_GPU_DOWNLOAD',
      (_, response) => void response.write(archive.subarray(0, 300), () => response.destroy()),
    ],
    ['is refused', 'LATHE_GPU_DOWNLOAD', (_, response) => response.writeHead(503).end()],
    ['is no archive', 'LATHE_GPU_DOWNLOAD', (_, response) => response.end('<html>log in first</html>')],
    ['never ends', 'LATHE_GPU_DOWNLOAD', (_, response) => void response.write(archive.subarray(0, 300))],
    [
      'is larger',
      'LATHE_GPU_NOT_GENUINE',
      (_, response) => response.end(Buffer.concat([archive, Buffer.alloc(50)])),
    ],
  ])('leaves nothing when the download %s', async (_, code, how) => {
    answer = how;
    await expect(install({ silenceMs: 400 })).rejects.toMatchObject({ code });
    nothingLeft();
  });

  it('refuses a package of another hash, though its files are the right ones', async () => {
    const other = gzipSync(
      tarOf([
        [`${FOLDER}${ALL[1]}`, PROVIDER],
        [`${FOLDER}${ALL[2]}`, SHARED],
      ]),
    );
    answer = (_, response) => void response.end(other);
    const { package: own, ...rest } = pinsOf(archive);
    const pins = { ...rest, package: { ...own, bytes: Math.max(own.bytes, other.length) } };
    await expect(install({ pins })).rejects.toMatchObject({ code: 'LATHE_GPU_NOT_GENUINE' });
    nothingLeft();
  });

  it.each([
    ['another size', Buffer.from('short')],
    ['another content', Buffer.alloc(PROVIDER.length)],
  ])('refuses a file of %s in a package of the right hash', async (_, bytes) => {
    const other = gzipSync(tarOf([[`${FOLDER}${ALL[1]}`, bytes]]));
    answer = (__, response) => void response.end(other);
    await expect(install({ pins: pinsOf(other) })).rejects.toMatchObject({ code: 'LATHE_GPU_NOT_GENUINE' });
    nothingLeft();
  });

  it('says when there is no such registry, too little room, or another runtime', async () => {
    const gone = install({ source: { registry: 'http://127.0.0.1:1/' } });
    await expect(gone).rejects.toMatchObject({ code: 'LATHE_GPU_DOWNLOAD' });
    const pins = pinsOf(archive);
    const huge = { ...pins, runtime: { ...pins.runtime, bytes: 2 ** 60 } };
    await expect(install({ pins: huge })).rejects.toMatchObject({ code: 'LATHE_GPU_DISK' });
    writeFileSync(join(root, 'libonnxruntime.so.1'), 'another');
    await expect(install()).rejects.toMatchObject({ code: 'LATHE_GPU_RUNTIME' });
    nothingLeft();
  });

  it('keeps what works when a new one fails', async () => {
    await install();
    rmSync(join(cudaFolder(devices), ALL[2] as string));
    answer = (_, response) => response.writeHead(500).end();
    await expect(install()).rejects.toMatchObject({ code: 'LATHE_GPU_DOWNLOAD' });
    expect(installed()).toEqual(ALL.slice(0, 2));
  });
});

describe('removing', () => {
  it('takes every version, and nothing that is not ours', async () => {
    expect(removeCuda(devices)).toBe(false);
    await install();
    const older = join(dirname(cudaFolder(devices)), 'onnxruntime-1.2.3-cuda13');
    mkdirSync(older);
    mkdirSync(join(devices, 'cuda'));
    expect(removeCuda(devices)).toBe(true);
    expect(readdirSync(devices)).toEqual(['cuda']);
  });
});
