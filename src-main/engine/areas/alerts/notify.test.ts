/** Messages: grouped, once, patient, and shown in the app. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GROUP_WAIT_MS, REPEAT_MS } from './notify.ts';
import { alertsOn, DAY, days, rule, series } from './testing-alerts.ts';
import { alertsIn, openReceiver, SECRET } from './testing-webhooks.ts';

let on: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  on = await openReceiver();
});
afterEach(() => on.close());

describe('a message', () => {
  it('waits for its company, is one for an endpoint, and goes once', async () => {
    await on.channel();
    const ids = [await on.breach('a'), await on.breach('b')];
    await on.wait(GROUP_WAIT_MS - 1);
    expect(on.posts).toEqual([]);
    await on.wait(1);
    expect(on.posts).toHaveLength(1);
    expect(on.posts[0]).toMatchObject({
      path: SECRET,
      body: { app: 'lathe', endpoint: 'flight-delay', text: '2 alerts on flight-delay', explained: 0 },
    });
    expect(alertsIn(on.posts[0])).toMatchObject(
      ids.map((id) => ({ id, events: ['opened'], state: 'firing' })),
    );
    expect(on.posts[0]?.headers.cookie ?? on.posts[0]?.headers.authorization).toBeUndefined();
    await on.wait(DAY);
    expect(on.posts).toHaveLength(1);
    expect(on.last()).toMatchObject({ ok: true, detail: 'Delivered.' });
    expect(await on.world.historyOf(ids[0] as string)).toEqual(['fired', 'sent']);
  });

  it('tells that it is over to whom it was told', async () => {
    await on.channel();
    await on.channel({ minSeverity: 'critical', url: on.address('/critical') });
    const id = await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    on.world.data.set('drift a', series(days(0.1, 0.4, 0.1)));
    await on.world.judge();
    await on.wait(GROUP_WAIT_MS);
    expect(on.posts.map(({ path, body }) => [path, body.text])).toEqual([
      [SECRET, '1 alert on flight-delay'],
      [SECRET, '1 over on flight-delay'],
    ]);
    expect(alertsIn(on.posts[1])).toMatchObject([{ id, events: ['resolved'], state: 'resolved' }]);
  });

  it('of an alert that was over before it was seen goes once, and says so', async () => {
    await on.channel();
    await on.world.alerts.createRule(rule());
    on.world.data.set('drift', series(days(0.1)));
    await on.world.judge();
    on.world.data.set('drift', series(days(0.1, 0.4, 0.1)));
    await on.world.judge();
    await on.wait(GROUP_WAIT_MS);
    await on.wait(REPEAT_MS);
    expect(on.posts).toHaveLength(1);
    expect(on.posts[0]?.body.text).toBe('1 that came and went on flight-delay');
    expect(alertsIn(on.posts[0])).toMatchObject([
      { events: ['opened'], state: 'resolved', was: true, overMs: expect.any(Number) },
    ]);
  });

  it('of an alert that is explained is not sent while that lasts', async () => {
    await on.channel();
    on.world.data.set('quality a', series(days(0.9), { unit: 'share' }));
    const quality = await on.world.alerts.createRule(
      rule({ series: { of: 'quality', feature: 'a', measure: 'missing' } }),
    );
    const id = await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.posts).toHaveLength(1);
    expect(on.posts[0]?.body).toMatchObject({ text: '1 alert on flight-delay', explained: 1 });
    expect(alertsIn(on.posts[0])[0]?.id).not.toBe(id);
    await on.world.alerts.removeRule(quality.id);
    await on.world.judge();
    await on.wait(GROUP_WAIT_MS);
    expect(alertsIn(on.posts[1]).map((alert) => alert.id)).toContain(id);
  });

  it('of a critical alert comes again every four hours until somebody acknowledges it', async () => {
    await on.channel();
    const id = await on.breach('a', 'critical');
    await on.breach('b');
    await on.wait(GROUP_WAIT_MS);
    await on.wait(REPEAT_MS - GROUP_WAIT_MS - 1);
    expect(on.posts).toHaveLength(1);
    await on.wait(GROUP_WAIT_MS + 1);
    expect(alertsIn(on.posts[1])).toMatchObject([{ id, events: ['still'] }]);
    await on.wait(REPEAT_MS);
    expect(on.posts).toHaveLength(3);
    await on.world.alerts.acknowledge(id, '');
    await on.wait(2 * REPEAT_MS);
    expect(on.posts).toHaveLength(3);
  });

  it('comes again also when the first ones are so old that they are not kept any more', async () => {
    await on.channel();
    await on.breach('a', 'critical');
    await on.wait(GROUP_WAIT_MS);
    const told = () => on.world.context.db.prepare('SELECT max(round) FROM alert_message').pluck().get();
    // Six a day, and messages are kept for thirty days.
    for (let at = 0; at < 40 * 6; at++) await on.wait(REPEAT_MS);
    expect(told()).toBeGreaterThan(40 * 6 - 3);
    const sent = on.posts.length;
    await on.wait(REPEAT_MS);
    await on.wait(GROUP_WAIT_MS);
    expect(on.posts).toHaveLength(sent + 1);
  });

  it('waits while the alert is snoozed', async () => {
    await on.channel();
    const id = await on.breach('a', 'critical');
    await on.world.alerts.snooze(id, on.world.context.clock.now() + DAY);
    await on.wait(DAY - 1);
    expect(on.posts).toEqual([]);
    await on.wait(1);
    expect(on.posts).toHaveLength(1);
  });

  it('for Slack is text and blocks, with its signs made harmless', async () => {
    await on.channel({ kind: 'slack' });
    await on.breach('<!channel> & co');
    await on.wait(GROUP_WAIT_MS);
    const { text, blocks } = on.posts[0]!.body as { text: string; blocks: { text: { text: string } }[] };
    expect(text).toBe('Lathe: 1 alert on flight-delay');
    expect(blocks[1]?.text.text).toContain(
      '*PSI of &lt;!channel&gt; &amp; co is 0.4 on flight-delay* (warning)',
    );
    expect(JSON.stringify(blocks)).not.toContain('<!channel>');
  });
});

describe('in the app', () => {
  it('an alert is shown once, on the desktop too unless it is of no weight', async () => {
    const notices: unknown[] = [];
    on.world.context.events.listen((event) => {
      if (event.type === 'notice') notices.push([event.level, event.title, event.href]);
    });
    const id = await on.breach('a');
    await on.world.judge();
    expect(notices).toEqual([['warning', 'PSI of a is 0.4 on flight-delay', `/alerts/${id}`]]);
    expect(on.world.context.host.notified).toHaveLength(1);
    await on.breach('b', 'info');
    expect(notices).toHaveLength(2);
    expect(on.world.context.host.notified).toHaveLength(1);
  });

  it('an alert that was written down and not shown, because the engine died, is shown by the next one', async () => {
    const id = await on.breach('a');
    on.world.context.db.exec('UPDATE alert SET noticed = 0');
    const next = alertsOn(on.world.context);
    await next.area.tell();
    expect(on.world.context.host.notified.at(-1)).toMatchObject({ href: `/alerts/${id}` });
    expect(on.world.context.host.notified).toHaveLength(2);
    await next.area.close();
  });
});
