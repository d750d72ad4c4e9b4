/** Every process is killed without warning; Lathe is back within two seconds, says so, and has lost nothing. */
import { type App, expect, test } from '../lib/app.ts';
import { isRunning, until } from '../lib/processes.ts';
import { infer, readyEndpoint } from '../lib/sample.ts';

const LIMIT_MS = 2_000;

test('the engine: back within 2 s, everything acknowledged is there', { tag: '@alone' }, async ({
  start,
  host,
}) => {
  const app = await start();
  const endpoint = await readyEndpoint(app);
  await pauseReplay(app);
  // A label and a setting that were acknowledged before the kill must survive it.
  await app.call(async (rpc) => {
    const { revision } = await rpc.settings.get();
    await rpc.settings.update({ revision, patch: { density: 'compact' } });
  });
  const labelled = await labelOne(app, endpoint);
  const before = await app.call((rpc) => rpc.overview.summary());
  const instance = await app.call(async (rpc) => (await rpc.workspace.hello()).instanceId);

  const pid = await app.kill('engine');
  const killedMs = performance.now();
  if (host === 'headless') {
    // Headless the engine is the server itself, and keeping servers up is the service manager's work: be one.
    await until('the server to be gone', () => (isRunning(pid) ? null : true));
    await app.startAgain();
  }
  await until('a new engine', async () => {
    const hello = await app.call((rpc) => rpc.workspace.hello());
    return hello.instanceId !== instance ? hello : null;
  });
  const tookMs = performance.now() - killedMs;
  if (host === 'electron') expect(tookMs).toBeLessThan(LIMIT_MS);

  await expect(app.page.getByText(/engine was restarted|not closed in order/i).first()).toBeVisible();
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  const after = await app.call((rpc) => rpc.overview.summary());
  expect(after.counts).toEqual(before.counts);
  expect((await app.call((rpc) => rpc.settings.get())).density).toBe('compact');
  const again = await app.call((rpc) => rpc.labels.push({ labels: [labelled] }));
  expect(again).toMatchObject({ joined: 0, unchanged: 1 });
});

test('the gateway and the runner go on when the engine dies', async ({ start, host }) => {
  test.skip(host === 'headless', 'headless, the engine and the supervisor are one process');
  const app = await start();
  const { url } = await readyEndpoint(app);
  const [gateway, runner] = [await app.service('gateway'), await app.service('runner')];
  await app.kill('engine');
  const answer = await infer(url ?? '', 'while-away');
  expect(answer?.status).toBe(200);
  await readyEndpoint(app);
  expect((await app.service('gateway')).pid).toBe(gateway.pid);
  expect((await app.service('runner')).pid).toBe(runner.pid);
});

test('the gateway: inference answers again within 2 s on the same port', { tag: '@alone' }, async ({
  start,
}) => {
  const app = await start();
  const { url } = await readyEndpoint(app);
  await expectRecovery(app, 'gateway', url ?? '');
  await expect(app.page.getByText(/gateway was restarted/i).first()).toBeVisible();
});

test('the runner: inference answers again within 2 s, meanwhile with 503', { tag: '@alone' }, async ({
  start,
}) => {
  const app = await start();
  const { url } = await readyEndpoint(app);
  await expectRecovery(app, 'runner', url ?? '');
  await expect(app.page.getByText(/runner.* was restarted/i).first()).toBeVisible();
});

test('a killed gateway leaves no prediction twice', async ({ start }) => {
  const app = await start();
  const endpoint = await readyEndpoint(app);
  await pauseReplay(app);
  for (let n = 0; n < 20; n++) await infer(endpoint.url ?? '', `once-${n}`, n);
  await until('the predictions to be logged', async () => {
    const rows = await newest(app, endpoint.name);
    return rows.filter((id) => id.startsWith('once-')).length === 20 ? true : null;
  });
  await app.kill('gateway');
  await until('the gateway', async () => {
    const answer = await infer(endpoint.url ?? '', 'once-again');
    return answer?.status === 200 ? answer : null;
  });
  const ids = await until('the last prediction', async () => {
    const rows = await newest(app, endpoint.name);
    return rows.includes('once-again') ? rows : null;
  });
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id.startsWith('once-')).length).toBe(21);
});

async function expectRecovery(app: App, role: 'gateway' | 'runner', url: string): Promise<void> {
  expect((await infer(url, 'before'))?.status).toBe(200);
  const pid = await app.kill(role);
  const killedMs = performance.now();
  let n = 0;
  await until(`inference without ${role} ${pid}`, async () => {
    const answer = await infer(url, `during-${n++}`);
    // Refused connections and 503 are honest; anything else would be a wrong answer.
    if (answer && answer.status !== 200) expect(answer.status).toBe(503);
    return answer?.status === 200 && !isRunning(pid) ? answer : null;
  });
  expect(performance.now() - killedMs).toBeLessThan(LIMIT_MS);
  await until(`another ${role}`, async () => {
    const service = await app.service(role);
    return service.pid !== pid ? service : null;
  });
}

/** Counts stand still then, so that before and after can be compared. */
async function pauseReplay(app: App): Promise<void> {
  // The seeding starts the replay last; a pause before that would be undone by it.
  await until('the replay to play', async () =>
    (await app.call((rpc) => rpc.replay.status())).state === 'running' ? true : null,
  );
  await app.call((rpc) => rpc.replay.pause());
  let last = -1;
  await until('the replay to stand still', async () => {
    const { counts } = await app.call((rpc) => rpc.overview.summary());
    const total = counts.predictions + counts.labelled;
    const isStill = total === last;
    last = total;
    if (!isStill) await new Promise((done) => setTimeout(done, 400));
    return isStill ? total : null;
  });
}

async function labelOne(
  app: App,
  { name, url }: { name: string; url: string | null },
): Promise<{ predictionId: string; label: string }> {
  const id = 'labelled-before-the-kill';
  await infer(url ?? '', id);
  await until('the prediction to be logged', async () =>
    (await newest(app, name)).includes(id) ? id : null,
  );
  const labelled = { predictionId: id, label: '1' };
  await app.call((rpc) => rpc.labels.push({ labels: [labelled] }));
  return labelled;
}

const newest = (app: App, endpoint: string): Promise<string[]> =>
  app.call(async (rpc) => (await rpc.monitoring.predictions({ endpoint, limit: 200 })).map(({ id }) => id));
