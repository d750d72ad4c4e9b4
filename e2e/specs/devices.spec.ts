/** What can run models, on both hosts: each starts the trial's process in its own way. */
import { expect, test } from '../lib/app.ts';

test('the CPU is tried and chosen where nothing else can be used, with every reason', async ({ start }) => {
  const app = await start({ sample: true });
  const devices = await app.call((rpc) => rpc.serving.reprobe());
  expect(devices).toMatchObject({ tried: true, trying: false, wish: 'auto' });
  const cpu = devices.findings.find(({ provider }) => provider === 'cpu');
  expect(cpu).toMatchObject({ state: 'usable', problems: [], trial: { speedup: 1 } });
  expect(cpu?.trial?.ms).toBeGreaterThan(0);
  const usable = devices.findings.find(({ state }) => state === 'usable');
  expect(devices.chosen.provider).toBe(usable?.provider);
  expect(devices.chosen.reason).not.toBe('');
  // The trial's process is no service, and no incident.
  const services = await app.call((rpc) => rpc.workspace.services());
  expect(services.map(({ id }) => id).filter((id) => id.startsWith('probe'))).toEqual([]);
  await expect
    .poll(async () => (await app.call((rpc) => rpc.serving.held())).models.map(({ provider }) => provider))
    .toContain(devices.chosen.provider);
});
