/** Messages to webhooks, against a real HTTP server: grouped, once, patient, and never with the address in a word. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Severity } from '../../../contract/alerts.ts';
import { GROUP_WAIT_MS, REPEAT_MS, TRIES } from './notify.ts';
import { type AlertsWorld, alertsOn, DAY, days, openAlertsWorld, rule, series } from './testing-alerts.ts';

type Post = { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> };

let world: AlertsWorld;
let server: Server;
let posts: Post[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  world = await openAlertsWorld();
  posts = [];
  answer = (_request, response) => void response.end('ok');
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      posts.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

const SECRET = '/services/T000/B000/verysecret';
const address = (path = SECRET) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const channel = (
  part: { kind?: 'slack' | 'json'; minSeverity?: Severity; url?: string; enabled?: boolean } = {},
) =>
  world.alerts.saveChannel({
    ...{ kind: 'json', name: 'the team', minSeverity: 'info', enabled: true, url: address() },
    ...part,
  });
const status = (code: number, headers: Record<string, string> = {}) => {
  answer = (_request, response) => void response.writeHead(code, headers).end();
};
/** Opens an alert on a feature. */
async function breach(feature: string, severity: Severity = 'warning'): Promise<string> {
  await world.alerts.createRule(rule({ severity, series: { of: 'drift', feature } }));
  world.data.set(`drift ${feature}`, series(days(0.1, 0.4)));
  const open = await world.judge();
  return open.find(({ series: ref }) => 'feature' in ref && ref.feature === feature)?.id as string;
}
const wait = (ms: number) => {
  world.context.clock.advance(ms);
  return world.area.tell();
};
const alertsIn = (post: Post | undefined) =>
  post?.body.alerts as { id: string; events: string[]; state: string }[];
const last = () => world.alerts.channels()[0]?.last;

describe('a message', () => {
  it('waits for its company, is one for an endpoint, and goes once', async () => {
    await channel();
    const ids = [await breach('a'), await breach('b')];
    await wait(GROUP_WAIT_MS - 1);
    expect(posts).toEqual([]);
    await wait(1);
    expect(posts).toHaveLength(1);
    expect(posts[0]).toMatchObject({
      path: SECRET,
      body: { app: 'lathe', endpoint: 'flight-delay', text: '2 alerts on flight-delay', explained: 0 },
    });
    expect(alertsIn(posts[0])).toMatchObject(ids.map((id) => ({ id, events: ['opened'], state: 'firing' })));
    expect(posts[0]?.headers.cookie ?? posts[0]?.headers.authorization).toBeUndefined();
    await wait(DAY);
    expect(posts).toHaveLength(1);
    expect(last()).toMatchObject({ ok: true, detail: 'Delivered.' });
    expect(await world.historyOf(ids[0] as string)).toEqual(['fired', 'sent']);
  });

  it('tells that it is over to whom it was told', async () => {
    await channel();
    await channel({ minSeverity: 'critical', url: address('/critical') });
    const id = await breach('a');
    await wait(GROUP_WAIT_MS);
    world.data.set('drift a', series(days(0.1, 0.4, 0.1)));
    await world.judge();
    await wait(GROUP_WAIT_MS);
    expect(posts.map(({ path, body }) => [path, body.text])).toEqual([
      [SECRET, '1 alert on flight-delay'],
      [SECRET, '1 over on flight-delay'],
    ]);
    expect(alertsIn(posts[1])).toMatchObject([{ id, events: ['resolved'], state: 'resolved' }]);
  });

  it('of an alert that was over before it was seen goes once, and says so', async () => {
    await channel();
    await world.alerts.createRule(rule());
    world.data.set('drift', series(days(0.1)));
    await world.judge();
    world.data.set('drift', series(days(0.1, 0.4, 0.1)));
    await world.judge();
    await wait(GROUP_WAIT_MS);
    await wait(REPEAT_MS);
    expect(posts).toHaveLength(1);
    expect(posts[0]?.body.text).toBe('1 that came and went on flight-delay');
    expect(alertsIn(posts[0])).toMatchObject([
      { events: ['opened'], state: 'resolved', was: true, overMs: expect.any(Number) },
    ]);
  });

  it('of an alert that is explained is not sent while that lasts', async () => {
    await channel();
    world.data.set('quality a', series(days(0.9), { unit: 'share' }));
    const quality = await world.alerts.createRule(
      rule({ series: { of: 'quality', feature: 'a', measure: 'missing' } }),
    );
    const id = await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(posts).toHaveLength(1);
    expect(posts[0]?.body).toMatchObject({ text: '1 alert on flight-delay', explained: 1 });
    expect(alertsIn(posts[0])[0]?.id).not.toBe(id);
    await world.alerts.removeRule(quality.id);
    await world.judge();
    await wait(GROUP_WAIT_MS);
    expect(alertsIn(posts[1]).map((alert) => alert.id)).toContain(id);
  });

  it('of a critical alert comes again every four hours until somebody acknowledges it', async () => {
    await channel();
    const id = await breach('a', 'critical');
    await breach('b');
    await wait(GROUP_WAIT_MS);
    await wait(REPEAT_MS - GROUP_WAIT_MS - 1);
    expect(posts).toHaveLength(1);
    await wait(GROUP_WAIT_MS + 1);
    expect(alertsIn(posts[1])).toMatchObject([{ id, events: ['still'] }]);
    await wait(REPEAT_MS);
    expect(posts).toHaveLength(3);
    await world.alerts.acknowledge(id, '');
    await wait(2 * REPEAT_MS);
    expect(posts).toHaveLength(3);
  });

  it('comes again also when the first ones are so old that they are not kept any more', async () => {
    await channel();
    await breach('a', 'critical');
    await wait(GROUP_WAIT_MS);
    const told = () => world.context.db.prepare('SELECT max(round) FROM alert_message').pluck().get();
    // Six a day, and messages are kept for thirty days.
    for (let at = 0; at < 40 * 6; at++) await wait(REPEAT_MS);
    expect(told()).toBeGreaterThan(40 * 6 - 3);
    const sent = posts.length;
    await wait(REPEAT_MS);
    await wait(GROUP_WAIT_MS);
    expect(posts).toHaveLength(sent + 1);
  });

  it('waits while the alert is snoozed', async () => {
    await channel();
    const id = await breach('a', 'critical');
    await world.alerts.snooze(id, world.context.clock.now() + DAY);
    await wait(DAY - 1);
    expect(posts).toEqual([]);
    await wait(1);
    expect(posts).toHaveLength(1);
  });

  it('for Slack is text and blocks, with its signs made harmless', async () => {
    await channel({ kind: 'slack' });
    await breach('<!channel> & co');
    await wait(GROUP_WAIT_MS);
    const { text, blocks } = posts[0]!.body as { text: string; blocks: { text: { text: string } }[] };
    expect(text).toBe('Lathe: 1 alert on flight-delay');
    expect(blocks[1]?.text.text).toContain(
      '*PSI of &lt;!channel&gt; &amp; co is 0.4 on flight-delay* (warning)',
    );
    expect(JSON.stringify(blocks)).not.toContain('<!channel>');
  });
});

describe('a webhook', () => {
  it('that never answers is given its time, keeps nobody else waiting, and is tried again', async () => {
    await world.close();
    world = await openAlertsWorld({ webhookTimeoutMs: 1_000 });
    await channel();
    await channel({ url: address('/other') });
    answer = (request, response) => {
      if (request.url === '/other') response.end();
    };
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(posts.map(({ path }) => path).sort()).toEqual(['/other', SECRET].sort());
    expect(world.alerts.channels()[1]?.last).toMatchObject({ ok: true });
    expect(last()).toMatchObject({ ok: false, detail: 'It did not answer within 1 s.' });
    answer = (_request, response) => void response.end();
    await wait(29_000);
    expect(posts).toHaveLength(2);
    await wait(2_000);
    expect(posts).toHaveLength(3);
    expect(posts[2]?.body.id).toBe(posts.find(({ path }) => path === SECRET)?.body.id);
    expect(last()).toMatchObject({ ok: true });
  });

  it('whose answer never ends is done with', async () => {
    await channel();
    answer = (_request, response) => {
      response.writeHead(200);
      response.write('a');
    };
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(last()).toMatchObject({ ok: true });
  });

  it('that fails is tried so often, then given up with a word', async () => {
    await channel();
    status(500);
    const id = await breach('a');
    for (let minute = 0; minute < 120; minute++) await wait(60_000);
    expect(posts).toHaveLength(TRIES);
    expect(last()).toMatchObject({ ok: false, detail: `It answered 500. Given up after ${TRIES} tries.` });
    expect((await world.alerts.get(id)).history.at(-1)).toMatchObject({
      what: 'not sent',
      note: expect.stringContaining('Given up'),
    });
    // What comes later is tried anew.
    status(200);
    await breach('b');
    await wait(GROUP_WAIT_MS);
    expect(posts).toHaveLength(TRIES + 1);
  });

  it('that says when to come again is left alone until then', async () => {
    await channel();
    status(429, { 'retry-after': '600' });
    await breach('a');
    await wait(GROUP_WAIT_MS);
    status(200);
    await breach('b');
    await wait(599_000);
    expect(posts).toHaveLength(1);
    await wait(1_000);
    expect(alertsIn(posts[1])).toHaveLength(2);
    status(429, { 'retry-after': '999999999' });
    await breach('c');
    await wait(GROUP_WAIT_MS);
    status(200);
    await wait(3_600_000);
    expect(posts).toHaveLength(4);
  });

  it('that redirects or refuses is not asked again, and nothing goes where it points', async () => {
    await channel();
    status(307, { location: address('/elsewhere') });
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(last()?.detail).toContain('It redirects (307), which is not followed');
    status(404);
    await breach('b');
    await wait(GROUP_WAIT_MS);
    await wait(DAY);
    expect(posts.map(({ path }) => path)).toEqual([SECRET, SECRET]);
    expect(last()?.detail).toContain('It answered 404');
  });

  it('that nobody listens at is said to be so', async () => {
    await channel({ url: 'http://127.0.0.1:9/x' });
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(last()?.detail).toMatch(/^It could not be reached/);
  });

  it('gets its message also when the engine ended in between, and only once', async () => {
    await channel();
    await breach('a');
    const next = alertsOn(world.context);
    await wait(GROUP_WAIT_MS);
    await next.area.tell();
    expect(posts).toHaveLength(1);
    await next.area.close();
  });

  it('gets its message after a clock that went back', async () => {
    await channel();
    await breach('a');
    world.context.clock.set(world.context.clock.now() - 300 * DAY);
    await world.area.tell();
    expect(posts).toEqual([]);
    await wait(3_600_000);
    expect(posts).toHaveLength(1);
  });

  it('is tested with a message that says so', async () => {
    const { id } = await channel({ kind: 'slack' });
    expect(await world.alerts.testChannel(id)).toEqual({ ok: true, detail: 'Delivered.' });
    expect(JSON.stringify(posts[0]?.body)).toContain('This is a test');
    status(403);
    expect(await world.alerts.testChannel(id)).toMatchObject({ ok: false });
  });
});

describe('an address', () => {
  it('is http or https, whole, and without credentials', async () => {
    for (const url of [
      '',
      'hooks',
      'ftp://a/b',
      'file:///etc/passwd',
      'javascript:1',
      'https://me:pw@a.example/',
    ])
      await expect(channel({ url }), url).rejects.toMatchObject({ code: 'LATHE_ALERTS_CHANNEL_ADDRESS' });
    await expect(
      world.alerts.saveChannel({ kind: 'json', name: 'n', minSeverity: 'info', enabled: true }),
    ).rejects.toMatchObject({ code: 'LATHE_ALERTS_CHANNEL_ADDRESS' });
    expect(world.alerts.channels()).toEqual([]);
  });

  it('is a secret: kept by the host, and in no answer, no row and no word', async () => {
    const made = await channel();
    status(500);
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(made.host).toBe(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect([...world.context.host.secretsKept.values()]).toEqual([address()]);
    expect(JSON.stringify(world.alerts.channels())).not.toContain('verysecret');
    const tables = world.context.db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'alert%'")
      .pluck()
      .all() as string[];
    expect(tables).toContain('alert_channel');
    for (const table of tables)
      expect(JSON.stringify(world.context.db.prepare(`SELECT * FROM ${table}`).all())).not.toContain(
        'verysecret',
      );
  });

  it('stays when the channel is renamed, goes when it is removed, and is asked for where it is not known', async () => {
    const { id } = await channel();
    await world.alerts.saveChannel({ id, kind: 'json', name: 'renamed', minSeverity: 'info', enabled: true });
    expect(await world.alerts.testChannel(id)).toMatchObject({ ok: true });
    world.context.host.secretsKept.clear();
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(last()?.detail).toContain('Its address is not known on this machine: enter it again.');
    await channel({ url: address('/other') });
    await world.alerts.removeChannel(id);
    expect(await world.alerts.removeChannel(id)).toBe(false);
    expect(world.context.host.secretsKept.size).toBe(1);
    await expect(world.alerts.testChannel(id)).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
  });

  it('that cannot be read for a moment keeps its message waiting', async () => {
    await channel();
    const { get } = world.context.host.secrets;
    world.context.host.secrets.get = () => Promise.reject(new Error('too many open files'));
    await breach('a');
    await wait(GROUP_WAIT_MS);
    expect(last()).toMatchObject({ ok: false, detail: 'Its address could not be read.' });
    world.context.host.secrets.get = get;
    await wait(30_000);
    expect(posts).toHaveLength(1);
    expect(last()).toMatchObject({ ok: true });
  });

  it('is not taken where there is no place to keep it', async () => {
    world.context.host.capabilities.secrets = 'none';
    await expect(channel()).rejects.toMatchObject({ code: 'LATHE_ALERTS_NO_SECRETS' });
    expect(world.alerts.channels()).toEqual([]);
  });
});

describe('in the app', () => {
  it('an alert is shown once, on the desktop too unless it is of no weight', async () => {
    const notices: unknown[] = [];
    world.context.events.listen((event) => {
      if (event.type === 'notice') notices.push([event.level, event.title, event.href]);
    });
    const id = await breach('a');
    await world.judge();
    expect(notices).toEqual([['warning', 'PSI of a is 0.4 on flight-delay', `/alerts/${id}`]]);
    expect(world.context.host.notified).toHaveLength(1);
    await breach('b', 'info');
    expect(notices).toHaveLength(2);
    expect(world.context.host.notified).toHaveLength(1);
  });

  it('an alert that was written down and not shown, because the engine died, is shown by the next one', async () => {
    const id = await breach('a');
    world.context.db.exec('UPDATE alert SET noticed = 0');
    const next = alertsOn(world.context);
    await next.area.tell();
    expect(world.context.host.notified.at(-1)).toMatchObject({ href: `/alerts/${id}` });
    expect(world.context.host.notified).toHaveLength(2);
    await next.area.close();
  });
});
