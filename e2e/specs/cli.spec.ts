/** The command line as a program sees it: exit codes, one line of JSON, and the whole main job in one command. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { runLathe, startHeadless } from '../lib/headless.ts';

test.skip(({ host }) => host === 'electron', 'the command line is the same on both hosts; once is enough');

const lathe = (...args: string[]) => runLathe(APP_FOLDER, args, 60_000);

// It plays 40,000 requests as fast as they are answered: with a browser beside it, that takes four times as long.
test('the demo holds every step, and leaves nothing behind', { tag: '@alone' }, async () => {
  test.setTimeout(360_000);
  const { code, stdout } = await runLathe(APP_FOLDER, ['demo', '--once', '--json'], 330_000);
  const { ok, steps } = JSON.parse(stdout);
  expect(steps.filter((step: { ok: boolean }) => !step.ok)).toEqual([]);
  expect(steps.map(({ step }: { step: string }) => step)).toEqual([
    ...[
      'workspace',
      'register',
      'serve',
      'batch',
      'split',
      'sample',
      'replay',
      'drift',
      'prediction',
      'labels',
    ],
    ...['accuracy', 'estimate', 'slices', 'business', 'a/b', 'alerts', 'evidence', 'report'],
  ]);
  expect({ ok, code }).toEqual({ ok: true, code: 0 });
  expect(readdirSync(tmpdir()).filter((name) => steps[0].detail.includes(`${name}/`))).toEqual([]);
});

test('a model is imported into a running Lathe', async ({ start }) => {
  const app = await start({ sample: false });
  const file = join(import.meta.dirname, '../fixtures/models/custom-shape.onnx');
  const where = ['--workspace', app.workspace, '--json'];
  const done = await lathe('models', 'import', file, '--name', 'from-the-shell', ...where);
  expect(done.code).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    ok: true,
    version: { model: 'from-the-shell', version: '1' },
  });
  const refused = await lathe('models', 'import', join(APP_FOLDER, 'package.json'), '--name', 'x', ...where);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout).error.code).toBe('LATHE_MODELS_NOT_ONNX');
  expect((await app.call((rpc) => rpc.models.list())).map(({ name }) => name)).toEqual(['from-the-shell']);
});

test('the line that `lathe serve` prints has every address, and each answers', async () => {
  const workspace = mkdtempSync(join(tmpdir(), 'lathe-e2e-serve-'));
  const ports = ['--ui-port', '0', '--http-port', '0', '--grpc-port', '0', '--mlflow-port', '0'];
  const { child, announcement } = await startHeadless(APP_FOLDER, ['--workspace', workspace, ...ports]);
  try {
    const { inferenceHttp, inferenceGrpc, mlflow, ui } = announcement.urls;
    expect((await fetch(new URL('/v2/health/live', inferenceHttp ?? ''))).status).toBe(200);
    expect((await fetch(new URL('/health', mlflow ?? ''))).status).toBe(200);
    expect((await fetch(`${ui}?token=${announcement.token}`, { redirect: 'manual' })).status).toBe(303);
    expect(inferenceGrpc).toMatch(/^127\.0\.0\.1:\d+$/);
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
    rmSync(workspace, { recursive: true, force: true });
  }
});

test('`lathe serve` ends in order at SIGTERM, and lets the workspace go', async ({ start }) => {
  const app = await start({ sample: false });
  expect(existsSync(join(app.workspace, 'lock.json'))).toBe(true);
  process.kill(app.pid, 'SIGTERM');
  await expect.poll(() => existsSync(join(app.workspace, 'lock.json'))).toBe(false);
  const status = await lathe('status', '--workspace', app.workspace);
  expect(status.code).toBe(3);
});

const MISUSES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown command', ['serv'], /no command serv/],
  ['an unknown option', ['status', '--wrkspace', 'x'], /--wrkspace/],
  ['a port out of range', ['serve', '--ui-port', '70000'], /0 to 65535/],
  ['a missing file', ['models', 'import', '--name', 'x'], /FILE\.onnx is missing/],
  ['an argument too many', ['status', 'now'], /too many: now/],
];
for (const [name, args, said] of MISUSES) {
  test(`${name} is not understood, and nothing is started`, async () => {
    const { code, stdout, stderr } = await lathe(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(said);
    const asJson = await lathe(...args, '--json');
    expect(asJson.code).toBe(2);
    expect(JSON.parse(asJson.stdout).error.cause).toMatch(said);
  });
}

test('an address that others can reach is refused without a proxy’s name', async () => {
  const workspace = test.info().outputPath('workspace');
  const { code, stdout } = await lathe('serve', '--workspace', workspace, '--host', '0.0.0.0', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error.code).toBe('LATHE_HOST_BIND_REFUSED');
  expect(existsSync(workspace)).toBe(false);
});

test('help and version', async () => {
  const help = await lathe('--help');
  expect(help.code).toBe(0);
  for (const word of ['serve', 'demo', 'status', 'models import', '--json'])
    expect(help.stdout).toContain(word);
  expect((await lathe('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
});
