/** An alert, its state, its history and the messages about it are one: killed anywhere, it is told once. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { days, openAlertsWorld, rule, series } from './testing-alerts.ts';

const child = fileURLToPath(new URL('./alerts-crash-child.ts', import.meta.url));

it.each([
  ['alert', 0],
  ['alert_history', 0],
  ['alert_message', 0],
  ['alert_state', 0],
  ['after the commit', 1],
])('killed at %s: there are %i alerts then, and one in the end', async (table, alerts) => {
  const world = await openAlertsWorld();
  try {
    const { db } = world.context;
    await world.alerts.createRule(rule());
    await world.alerts.saveChannel({
      ...{ kind: 'json', name: 'n', minSeverity: 'info', enabled: true, url: 'http://127.0.0.1:9/' },
    });
    const dying = fork(child, [world.context.paths.root, table], { stdio: 'ignore' });
    const [, signal] = await once(dying, 'exit');
    expect(signal).toBe('SIGKILL');
    const count = (from: string) => db.prepare(`SELECT count(*) FROM ${from}`).pluck().get();
    expect(count('alert')).toBe(alerts);
    expect(count('alert_message')).toBe(alerts);

    world.data.set('drift', series(days(0.1, 0.4)));
    expect(await world.judge()).toHaveLength(1);
    expect(count('alert')).toBe(1);
    expect(count('alert_message')).toBe(1);
    expect(count("alert_history WHERE what = 'fired'")).toBe(1);
    expect(count("alert_state WHERE phase = 'firing'")).toBe(1);
    expect(world.context.host.notified).toHaveLength(1 - alerts);
  } finally {
    await world.close();
  }
});
