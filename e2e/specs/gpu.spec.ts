/** `lathe gpu` as a program sees it, on whatever this machine has: it always answers, and never with a crash. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { runLathe } from '../lib/headless.ts';

test.skip(({ host }) => host === 'electron', 'the command line is the same on both hosts; once is enough');
test.skip(process.platform !== 'linux' || process.arch !== 'x64', 'there is no CUDA build for this platform');

let home: string;
test.beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lathe-e2e-gpu-'));
});
test.afterEach(() => rmSync(home, { recursive: true, force: true }));

const where = (more: Record<string, string> = {}) => ({
  env: { ...process.env, XDG_CONFIG_HOME: home, ...more },
});
const gpuFolder = () => join(home, 'Lathe', 'gpu');
const nowhere = ['--workspace', '/nobody/has/this/open'];

test('says what can run models, with or without a running Lathe', async ({ start }) => {
  const alone = await runLathe(APP_FOLDER, ['gpu', '--json', ...nowhere], 60_000, where());
  expect(alone.code).toBe(0);
  const { devices } = JSON.parse(alone.stdout);
  expect(devices.findings.map(({ provider }: { provider: string }) => provider)).toEqual([
    'cuda',
    'webgpu',
    'cpu',
  ]);
  expect(devices.findings[2]).toMatchObject({ state: 'usable', problems: [] });
  // Every one that cannot be used says why, and what to do about it.
  for (const { state, problems } of devices.findings)
    if (state === 'unusable')
      for (const { code, cause, remedy } of problems)
        expect([code, cause, remedy].every((part) => part.length > 0)).toBe(true);
  expect(readdirSync(gpuFolder())).toEqual(['findings.json']);

  const text = await runLathe(APP_FOLDER, ['gpu', ...nowhere], 60_000, where());
  expect(text.stdout).toContain('Chosen (auto): ');

  const app = await start({ sample: false });
  const asked = await runLathe(
    APP_FOLDER,
    ['gpu', '--reprobe', '--json', '--workspace', app.workspace],
    120_000,
    where(),
  );
  expect(JSON.parse(asked.stdout)).toMatchObject({ ok: true, devices: { tried: true, trying: false } });
});

test('says what is to run the models, all or one', async ({ start }) => {
  const app = await start({ sample: true });
  const use = (...args: string[]) =>
    runLathe(APP_FOLDER, ['gpu', '--json', '--workspace', app.workspace, ...args], 60_000, where());
  const all = await use('--use', 'cpu');
  expect(JSON.parse(all.stdout).devices).toMatchObject({ wish: 'cpu', chosen: { provider: 'cpu' } });
  const [model] = await app.call((rpc) => rpc.models.list());
  const name = model?.name ?? '';
  expect((await use('--use', 'webgpu', '--model', name)).code).toBe(0);
  const tuned = () => app.call((rpc) => rpc.serving.tuning({ model: name }));
  expect((await tuned()).tuning.provider).toBe('webgpu');
  expect((await use('--use', 'default', '--model', name)).code).toBe(0);
  expect((await tuned()).tuning.provider).toBeNull();
  expect((await use('--use', 'tpu')).code).toBe(2);
  expect((await use('--use', 'cpu', '--model', 'nobody')).code).toBe(1);
});

test('installs nothing that is not what was reviewed, whoever offers it', async () => {
  const wrong = gzipSync(Buffer.from('not the package'));
  const file = join(home, 'it.tgz');
  writeFileSync(file, wrong);
  const given = await runLathe(
    APP_FOLDER,
    ['gpu', 'install', '--file', file, '--json', ...nowhere],
    60_000,
    where(),
  );
  expect(given.code).toBe(1);
  expect(JSON.parse(given.stdout).error.code).toBe('LATHE_GPU_NOT_GENUINE');

  const integrity = `sha512-${createHash('sha512').update(wrong).digest('base64')}`;
  const tar = gzipSync(Buffer.alloc(1024));
  const registry = createServer((request, response) => {
    const tarball = `http://${request.headers.host}/it.tgz`;
    response.end(request.url === '/it.tgz' ? tar : JSON.stringify({ dist: { tarball, integrity } }));
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = registry.address() as AddressInfo;
    const npm = { npm_config_registry: `http://127.0.0.1:${port}/` };
    const offered = await runLathe(APP_FOLDER, ['gpu', 'install', '--json', ...nowhere], 60_000, where(npm));
    expect(offered.code).toBe(1);
    expect(JSON.parse(offered.stdout).error.code).toBe('LATHE_GPU_NOT_GENUINE');
  } finally {
    registry.closeAllConnections();
    registry.close();
  }
  expect(readdirSync(gpuFolder())).toEqual([]);
});

test('Ctrl-C leaves nothing half-written', async () => {
  const silent = createServer((request, response) => {
    if (request.url === '/it.tgz') response.write(gzipSync(Buffer.alloc(1024)).subarray(0, 10));
    else response.end(JSON.stringify({ dist: { tarball: `http://${request.headers.host}/it.tgz` } }));
  });
  const asked = new Promise<void>((resolve) =>
    silent.on('request', ({ url }) => url === '/it.tgz' && resolve()),
  );
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = silent.address() as AddressInfo;
    const npm = { npm_config_registry: `http://127.0.0.1:${port}/` };
    const running = runLathe(APP_FOLDER, ['gpu', 'install', '--json', ...nowhere], 60_000, {
      ...where(npm),
      onStart: (child) => void asked.then(() => child.kill('SIGINT')),
    });
    const { code, stdout } = await running;
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error.code).toBe('LATHE_CANCELLED');
    expect(readdirSync(gpuFolder())).toEqual([]);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test('removing what is not there is no failure', async () => {
  const done = await runLathe(
    APP_FOLDER,
    ['gpu', 'install', '--remove', '--json', ...nowhere],
    60_000,
    where(),
  );
  expect(done.code).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({ ok: true, done: 'absent' });
  expect(existsSync(join(gpuFolder(), 'findings.json'))).toBe(true);
});
