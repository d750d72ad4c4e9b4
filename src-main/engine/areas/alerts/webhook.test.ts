/** Webhooks as they are, against a real HTTP server: slow, broken, away; and the address, which is in no word. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GROUP_WAIT_MS, TRIES } from './notify.ts';
import { alertsOn, DAY } from './testing-alerts.ts';
import { alertsIn, openReceiver, SECRET } from './testing-webhooks.ts';

let on: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  on = await openReceiver();
});
afterEach(() => on.close());

describe('a webhook', () => {
  it('that never answers is given its time, keeps nobody else waiting, and is tried again', async () => {
    await on.close();
    on = await openReceiver({ webhookTimeoutMs: 1_000 });
    await on.channel();
    await on.channel({ url: on.address('/other') });
    on.answerWith((request, response) => {
      if (request.url === '/other') response.end();
    });
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.posts.map(({ path }) => path).sort()).toEqual(['/other', SECRET].sort());
    expect(on.world.alerts.channels()[1]?.last).toMatchObject({ ok: true });
    expect(on.last()).toMatchObject({ ok: false, detail: 'It did not answer within 1 s.' });
    on.answerWith((_request, response) => void response.end());
    await on.wait(29_000);
    expect(on.posts).toHaveLength(2);
    await on.wait(2_000);
    expect(on.posts).toHaveLength(3);
    expect(on.posts[2]?.body.id).toBe(on.posts.find(({ path }) => path === SECRET)?.body.id);
    expect(on.last()).toMatchObject({ ok: true });
  });

  it('whose answer never ends is done with', async () => {
    await on.channel();
    on.answerWith((_request, response) => {
      response.writeHead(200);
      response.write('a');
    });
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.last()).toMatchObject({ ok: true });
  });

  it('that fails is tried so often, then given up with a word', async () => {
    await on.channel();
    on.status(500);
    const id = await on.breach('a');
    for (let minute = 0; minute < 120; minute++) await on.wait(60_000);
    expect(on.posts).toHaveLength(TRIES);
    expect(on.last()).toMatchObject({ ok: false, detail: `It answered 500. Given up after ${TRIES} tries.` });
    expect((await on.world.alerts.get(id)).history.at(-1)).toMatchObject({
      what: 'not sent',
      note: expect.stringContaining('Given up'),
    });
    // What comes later is tried anew.
    on.status(200);
    await on.breach('b');
    await on.wait(GROUP_WAIT_MS);
    expect(on.posts).toHaveLength(TRIES + 1);
  });

  it('that says when to come again is left alone until then', async () => {
    await on.channel();
    on.status(429, { 'retry-after': '600' });
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    on.status(200);
    await on.breach('b');
    await on.wait(599_000);
    expect(on.posts).toHaveLength(1);
    await on.wait(1_000);
    expect(alertsIn(on.posts[1])).toHaveLength(2);
    on.status(429, { 'retry-after': '999999999' });
    await on.breach('c');
    await on.wait(GROUP_WAIT_MS);
    on.status(200);
    await on.wait(3_600_000);
    expect(on.posts).toHaveLength(4);
  });

  it('that hangs half-way, or speaks no HTTP, is given its time and no more, and tried again', async () => {
    await on.close();
    on = await openReceiver({ webhookTimeoutMs: 500 });
    const said = new Map([
      ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
      ['nothing', ''],
      ['another tongue', '220 mail.example ESMTP\r\n'],
    ]);
    for (const [what, words] of said) {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.write(words));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const { id } = await on.channel({ url: `http://127.0.0.1:${port}/` });
      const { ok, detail } = await on.world.alerts.testChannel(id);
      expect([what, ok], detail).toEqual([what, false]);
      expect(detail).toMatch(
        what === 'another tongue' ? /^It could not be reached/ : /^It did not answer within 0\.5 s\.$/,
      );
      await on.world.alerts.removeChannel(id);
      server.close();
    }
  });

  it.each([301, 302, 303, 307, 308])('that answers %i is not followed, wherever that leads', async (code) => {
    await on.channel();
    on.status(code, { location: on.address('/elsewhere') });
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    await on.wait(DAY);
    expect(on.posts.map(({ path }) => path)).toEqual([SECRET]);
    expect(on.last()).toMatchObject({ ok: false, detail: expect.stringContaining(`It redirects (${code})`) });
  });

  it('is told nothing of the user’s, and what it answers is in no word', async () => {
    on.answerWith((_request, response) => {
      response.writeHead(400, { 'set-cookie': 'a=b', 'x-word': 'said-by-it' }).end('said-by-it');
    });
    const { id } = await on.channel();
    await on.world.alerts.testChannel(id);
    await on.world.alerts.testChannel(id);
    expect(on.posts).toHaveLength(2);
    for (const { headers } of on.posts)
      for (const name of ['cookie', 'authorization', 'referer', 'origin'])
        expect(headers[name]).toBeUndefined();
    expect(JSON.stringify(on.world.alerts.channels())).not.toContain('said-by-it');
  });

  it('that redirects or refuses is not asked again, and nothing goes where it points', async () => {
    await on.channel();
    on.status(307, { location: on.address('/elsewhere') });
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.last()?.detail).toContain('It redirects (307), which is not followed');
    on.status(404);
    await on.breach('b');
    await on.wait(GROUP_WAIT_MS);
    await on.wait(DAY);
    expect(on.posts.map(({ path }) => path)).toEqual([SECRET, SECRET]);
    expect(on.last()?.detail).toContain('It answered 404');
  });

  it('that nobody listens at is said to be so', async () => {
    await on.channel({ url: 'http://127.0.0.1:9/x' });
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.last()?.detail).toMatch(/^It could not be reached/);
  });

  it('gets its message also when the engine ended in between, and only once', async () => {
    await on.channel();
    await on.breach('a');
    const next = alertsOn(on.world.context);
    await on.wait(GROUP_WAIT_MS);
    await next.area.tell();
    expect(on.posts).toHaveLength(1);
    await next.area.close();
  });

  it('gets its message after a clock that went back', async () => {
    await on.channel();
    await on.breach('a');
    on.world.context.clock.set(on.world.context.clock.now() - 300 * DAY);
    await on.world.area.tell();
    expect(on.posts).toEqual([]);
    await on.wait(3_600_000);
    expect(on.posts).toHaveLength(1);
  });

  it('is tested with a message that says so', async () => {
    const { id } = await on.channel({ kind: 'slack' });
    expect(await on.world.alerts.testChannel(id)).toEqual({ ok: true, detail: 'Delivered.' });
    expect(JSON.stringify(on.posts[0]?.body)).toContain('This is a test');
    on.status(403);
    expect(await on.world.alerts.testChannel(id)).toMatchObject({ ok: false });
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
      await expect(on.channel({ url }), url).rejects.toMatchObject({ code: 'LATHE_ALERTS_CHANNEL_ADDRESS' });
    await expect(
      on.world.alerts.saveChannel({ kind: 'json', name: 'n', minSeverity: 'info', enabled: true }),
    ).rejects.toMatchObject({ code: 'LATHE_ALERTS_CHANNEL_ADDRESS' });
    expect(on.world.alerts.channels()).toEqual([]);
  });

  it.each([
    ...['http://127.0.0.1/x', 'http://localhost:9000/x', 'http://[::1]:9000/x', 'http://10.0.0.7/x'],
    ...['http://192.168.1.5:8080/x', 'http://nas.local/x', 'https://hooks.example/x'],
  ])('may be of this machine, at home or elsewhere: %s', async (url) => {
    expect(await on.channel({ url })).toMatchObject({ host: new URL(url).host });
  });

  it.each([
    ...[
      'http://',
      'https://:80/',
      '//a.example/x',
      'http//a',
      'ws://a.example/',
      'data:text/plain,a',
      'http://a b/',
    ],
    ...['https://me@a.example/', 'unix:/var/run/docker.sock', 'http://a.example:99999/', ' '],
  ])('is refused where nothing can be sent to it: %s', async (url) => {
    await expect(on.channel({ url })).rejects.toMatchObject({ code: 'LATHE_ALERTS_CHANNEL_ADDRESS' });
    expect(on.world.context.host.secretsKept.size).toBe(0);
  });

  it('is a secret: kept by the host, and in no answer, no row and no word', async () => {
    const made = await on.channel();
    on.status(500);
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(made.host).toBe(new URL(on.address()).host);
    expect([...on.world.context.host.secretsKept.values()]).toEqual([on.address()]);
    expect(JSON.stringify(on.world.alerts.channels())).not.toContain('verysecret');
    const tables = on.world.context.db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'alert%'")
      .pluck()
      .all() as string[];
    expect(tables).toContain('alert_channel');
    for (const table of tables)
      expect(JSON.stringify(on.world.context.db.prepare(`SELECT * FROM ${table}`).all())).not.toContain(
        'verysecret',
      );
  });

  it('stays when the channel is renamed, goes when it is removed, and is asked for where it is not known', async () => {
    const { id } = await on.channel();
    await on.world.alerts.saveChannel({
      id,
      kind: 'json',
      name: 'renamed',
      minSeverity: 'info',
      enabled: true,
    });
    expect(await on.world.alerts.testChannel(id)).toMatchObject({ ok: true });
    on.world.context.host.secretsKept.clear();
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.last()?.detail).toContain('Its address is not known on this machine: enter it again.');
    await on.channel({ url: on.address('/other') });
    await on.world.alerts.removeChannel(id);
    expect(await on.world.alerts.removeChannel(id)).toBe(false);
    expect(on.world.context.host.secretsKept.size).toBe(1);
    await expect(on.world.alerts.testChannel(id)).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
  });

  it('that cannot be read for a moment keeps its message waiting', async () => {
    await on.channel();
    const { get } = on.world.context.host.secrets;
    on.world.context.host.secrets.get = () => Promise.reject(new Error('too many open files'));
    await on.breach('a');
    await on.wait(GROUP_WAIT_MS);
    expect(on.last()).toMatchObject({ ok: false, detail: 'Its address could not be read.' });
    on.world.context.host.secrets.get = get;
    await on.wait(30_000);
    expect(on.posts).toHaveLength(1);
    expect(on.last()).toMatchObject({ ok: true });
  });

  it('is not taken where there is no place to keep it', async () => {
    on.world.context.host.capabilities.secrets = 'none';
    await expect(on.channel()).rejects.toMatchObject({ code: 'LATHE_ALERTS_NO_SECRETS' });
    expect(on.world.alerts.channels()).toEqual([]);
  });
});
