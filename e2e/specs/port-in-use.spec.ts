/** A port that another program has: said in the UI with what to do, everything else runs. */
import { createServer, type Server } from 'node:net';
import { APP_FOLDER, expect, test } from '../lib/app.ts';
import { runLathe } from '../lib/headless.ts';
import { until } from '../lib/processes.ts';

let other: Server;
let port: number;

test.beforeEach(async () => {
  other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  port = (other.address() as { port: number }).port;
});
test.afterEach(() => new Promise<void>((resolve) => other.close(() => resolve())));

for (const [name, ports] of [
  ['inference', () => ({ http: port })],
  ['tracking', () => ({ mlflow: port })],
] as const) {
  test(`the ${name} port is taken`, async ({ start }) => {
    const app = await start({ sample: false, ports: ports() });
    await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
    await expect(
      app.page
        .getByRole('main')
        .getByText(new RegExp(`Port ${port}`))
        .first(),
    ).toBeVisible();
    const errors = await until('the service to say so', async () => {
      const services = await app.call((rpc) => rpc.workspace.services());
      const codes = services.map(({ error }) => error?.code);
      return codes.includes('LATHE_SERVING_PORT_IN_USE') ? services : null;
    });
    expect(errors.find(({ error }) => error)?.error?.remedy).toMatch(/choose another port/i);
    // The rest of the app works.
    await app.goto('/models');
    await expect(app.page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
  });
}

test('the UI port is taken', async ({ host }) => {
  test.skip(host === 'electron', 'the desktop window needs no UI port');
  const workspace = test.info().outputPath('workspace');
  const { code, stdout } = await runLathe(APP_FOLDER, [
    ...['serve', '--workspace', workspace, '--ui-port', String(port)],
    ...['--http-port', '0', '--grpc-port', '0', '--mlflow-port', '0', '--json'],
  ]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'LATHE_SERVING_PORT_IN_USE', details: { port } });
});
