/** Every gate of the house is attacked. What a page or a program must not do, is tried here. */
import { request } from 'node:http';
import { type App, expect, test } from '../lib/app.ts';
import { readyEndpoint } from '../lib/sample.ts';

type Answer = { status: number; text: string };

/** With node:http: fetch sends neither a Host of one's choice nor an unnormalised path. */
function send(
  url: string,
  options: { path?: string; headers?: Record<string, string>; method?: string; body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { path = '/', headers = {}, method = 'GET', body } = options;
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Opens a WebSocket's handshake by hand; the answer's status says whether it was let in. */
function upgrade(url: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      path: '/rpc',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'bGF0aGUtZTJlLXRlc3QtMQ==',
        ...headers,
      },
    });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function openPorts(app: App): Promise<string[]> {
  await readyEndpoint(app);
  const { inferenceHttp, mlflow, ui } = await app.urls();
  return [inferenceHttp, mlflow, ui].filter((url) => url !== null);
}

test.describe('ports on loopback', () => {
  test('a rebinding Host is refused on every port', async ({ shared }) => {
    for (const url of await openPorts(shared)) {
      for (const host of ['evil.example', `evil.example:${new URL(url).port}`, '127.0.0.1.evil.example']) {
        const { status } = await send(url, { headers: { ...authorized(shared), host } });
        expect([400, 403], `${url} as ${host}`).toContain(status);
      }
    }
  });

  test('a foreign origin is refused on every port, also for what needs no reading of the answer', async ({
    shared,
  }) => {
    for (const url of await openPorts(shared)) {
      for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
        const headers = { ...authorized(shared), origin, 'content-type': 'text/plain' };
        const answer = await send(url, { headers, method: 'POST', path: '/v2/repository/index', body: '{}' });
        expect(answer.status, `${url} from ${origin}`).toBe(403);
      }
    }
  });

  test('a page of another site cannot call a port, with or without CORS', async ({ shared }) => {
    for (const url of await openPorts(shared)) {
      const headers = { ...authorized(shared), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
      expect((await send(url, { headers })).status, url).toBe(403);
    }
  });
});

test.describe('the headless UI', () => {
  test.skip(({ host }) => host === 'electron', 'the desktop window has no UI port');

  test('nothing is served without the token', async ({ shared }) => {
    const { ui } = await shared.urls();
    for (const path of [
      '/',
      '/index.html',
      '/assets/x.js',
      '/?token=',
      '/?token=wrong',
      `/?token=${shared.token}x`,
    ]) {
      const answer = await send(ui ?? '', { path });
      expect(answer.status, path).toBe(401);
      expect(answer.text).toContain('LATHE_AUTH_TOKEN');
    }
  });

  test('the token is not in the address, and not for scripts', async ({ shared }) => {
    expect(shared.page.url()).not.toContain('token');
    expect(await shared.page.evaluate('document.cookie')).toBe('');
    const [cookie] = await shared.page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  });

  test('the socket opens for its own page alone', async ({ shared }) => {
    const { ui } = await shared.urls();
    const origin = new URL(ui ?? '').origin;
    expect(await upgrade(ui ?? '', { ...authorized(shared), origin })).toBe(101);
    expect(await upgrade(ui ?? '', { origin })).toBe(401);
    expect(await upgrade(ui ?? '', { ...authorized(shared), origin: 'https://evil.example' })).toBe(403);
    expect(await upgrade(ui ?? '', { ...authorized(shared), host: 'evil.example' })).toBe(403);
  });

  test('no path leaves the folder of the UI', async ({ shared }) => {
    const { ui } = await shared.urls();
    for (const path of [
      ...['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/assets/../../cli/lathe.js'],
      ...['/..%5cpackage.json', '/%252e%252e/package.json', '/index.html%00.js', '//etc/passwd', '/./x'],
    ]) {
      const answer = await send(ui ?? '', { path, headers: authorized(shared) });
      expect([400, 404], path).toContain(answer.status);
      expect(answer.text, path).toBe('');
    }
  });
});

test.describe('the page', () => {
  test('has no Node, and from its host exactly what is documented', async ({ shared }) => {
    const found = await shared.page.evaluate(
      `['require','process','module','exports','Buffer','global','__dirname','setImmediate','electron'].filter((name) => name in window)`,
    );
    expect(found).toEqual([]);
    const lathe = await shared.page.evaluate(
      'window.lathe === undefined ? null : Object.entries(window.lathe)',
    );
    if (shared.host === 'headless') return expect(lathe).toBeNull();
    expect(lathe).toEqual([
      ['host', 'desktop'],
      ['theme', expect.stringMatching(/^(system|light|dark)$/)],
    ]);
  });

  test('runs no injected script, inline or from elsewhere', async ({ shared }) => {
    const ran = await shared.page.evaluate(`(async () => {
      const blocked = [];
      document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
      const inline = document.createElement('script');
      inline.textContent = 'window.injected = 1';
      document.body.append(inline);
      const image = document.createElement('div');
      image.innerHTML = '<img src="data:," onerror="window.injected = 2">';
      document.body.append(image);
      const remote = document.createElement('script');
      remote.src = 'https://evil.example/x.js';
      document.body.append(remote);
      const frame = document.createElement('iframe');
      frame.src = 'https://evil.example/';
      document.body.append(frame);
      // Not new Function here: what the debugger evaluates may.
      setTimeout('window.injected = 3');
      const fetched = await fetch('https://evil.example/').then(() => 'fetched', () => 'refused');
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const node of [inline, image, remote, frame]) node.remove();
      return { injected: window.injected ?? null, fetched, blocked: [...new Set(blocked)].sort() };
    })()`);
    expect(ran).toMatchObject({ injected: null, fetched: 'refused' });
    const { blocked } = ran as { blocked: string[] };
    for (const directive of ['script-src', 'script-src-elem', 'script-src-attr', 'connect-src', 'frame-src'])
      expect(blocked).toContain(directive);
  });

  test('gets no permission but the clipboard and notifications', async ({ shared }) => {
    test.skip(shared.host === 'headless', 'in a browser, permissions are the browser’s to give');
    const states = await shared.page.evaluate(`(async () => {
      const states = {};
      for (const name of ['geolocation', 'camera', 'microphone', 'midi', 'clipboard-read', 'persistent-storage'])
        states[name] = await navigator.permissions.query({ name }).then((status) => status.state, () => 'refused');
      states.media = await navigator.mediaDevices?.getUserMedia({ audio: true, video: true }).then(() => 'granted', () => 'refused') ?? 'refused';
      states.position = await new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), () => resolve('refused')));
      return states;
    })()`);
    for (const [name, state] of Object.entries(states as Record<string, string>))
      expect(['denied', 'refused', 'prompt'], name).toContain(state);
    expect(states).toMatchObject({ media: 'refused', position: 'refused', geolocation: 'denied' });
  });

  test('navigates nowhere and opens no window', async ({ shared }) => {
    test.skip(shared.host === 'headless', 'in a browser, a tab may go anywhere; it has no power to lose');
    const { page, electron } = shared;
    const before = page.url();
    await electron?.evaluate(({ shell }) => {
      const opened: string[] = [];
      Object.assign(globalThis, { opened });
      shell.openExternal = async (url: string) => {
        opened.push(url);
      };
    });
    const targets = ['file:///etc/passwd', 'https://evil.example/', 'lathe://app.evil/', 'data:text/html,x'];
    for (const target of targets) {
      await page.evaluate(`void (location.href = ${JSON.stringify(target)})`).catch(() => {});
      await page.evaluate(`window.open(${JSON.stringify(target)})`);
    }
    await page.evaluate(`window.open('file:///etc/passwd', '_self')`);
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    expect(page.url()).toBe(before);
    expect(await electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(await electron?.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual(
      [],
    );
    // By evaluation: Playwright's locators wait for the navigations that were asked for and never come.
    const hasViews = () => page.evaluate(`document.querySelector('nav[aria-label="Views"]') !== null`);
    expect(await hasViews()).toBe(true);
    // The one place that a page enters without asking; it is brought back at once.
    await page.evaluate(`void (location.href = 'about:blank')`).catch(() => {});
    await expect.poll(() => hasViews().catch(() => false)).toBe(true);
    expect(await page.evaluate('location.origin')).toBe('lathe://app');
  });

  test('every page of the app is sandboxed and isolated', async ({ shared }) => {
    test.skip(shared.host === 'headless', 'a browser sandboxes its own tabs');
    const preferences = await shared.electron?.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map((contents) => {
        const given = (
          contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
        ).getLastWebPreferences();
        const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = given;
        return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
      }),
    );
    expect(preferences?.length).toBe(1);
    for (const each of preferences ?? [])
      expect(each).toEqual({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
      });
  });

  test('no path leaves lathe://app/', async ({ shared }) => {
    test.skip(shared.host === 'headless', 'the same attacks on HTTP are above');
    const statuses = await shared.page.evaluate(`Promise.all([
      'lathe://app/../package.json', 'lathe://app/%2e%2e/package.json', 'lathe://app/..%2fpackage.json',
      'lathe://app/assets/..%5c..%5cpackage.json', 'lathe://app/%252e%252e/package.json', 'lathe://app/index.html%00',
      'lathe://app//etc/passwd', 'lathe://app/nothing.js',
    ].map((url) => fetch(url).then((response) => response.status, () => 'refused')))`);
    for (const status of statuses as unknown[]) expect([400, 404, 'refused']).toContain(status);
    const foreign = await shared.page.evaluate(
      `Promise.all(['lathe://other/', 'file:///etc/passwd', 'http://127.0.0.1:1/'].map((url) => fetch(url).then(() => 'fetched', () => 'refused')))`,
    );
    expect(foreign).toEqual(['refused', 'refused', 'refused']);
  });

  test('words that the page may not say to its host do nothing', async ({ shared }) => {
    test.skip(shared.host === 'headless', 'there is no host behind a browser tab');
    await shared.page.evaluate(`for (const message of [
      { lathe: 'quit' }, { lathe: 'choose-workspace', mode: '../../etc' }, { lathe: '__proto__' },
      { lathe: 'retry-start' }, 'lathe', null, 7,
    ]) window.postMessage(message, '/')`);
    await expect(shared.page.getByRole('navigation', { name: 'Views' })).toBeVisible();
    expect((await shared.call((rpc) => rpc.workspace.hello())).workspace.path).toBe(shared.workspace);
  });
});

test.describe('a forged RPC', () => {
  /** Calls as a hostile client: any path, any input, untyped. */
  const forge = (app: App, path: string[], input: unknown) =>
    app.call(async (rpc) => {
      let at: unknown = rpc;
      for (const part of path) at = (at as Record<string, unknown>)[part];
      try {
        await (at as (input: unknown) => Promise<unknown>)(input);
        return 'answered';
      } catch (error) {
        return (error as { code?: string; data?: { code?: string } }).data?.code ?? (error as Error).message;
      }
    });

  const FORGED: readonly [string, string[], unknown][] = [
    ['an unknown route', ['workspace', 'shutdown'], undefined],
    ['an inherited name', ['workspace', 'constructor'], {}],
    ['a wrong type', ['models', 'get'], { name: 42 }],
    ['a missing field', ['models', 'get'], {}],
    ['a path as a name', ['models', 'get'], { name: '../../etc/passwd' }],
    ['a path as an upload', ['models', 'import'], { uploadId: '../../lathe.db', name: 'x' }],
    ['a number out of range', ['activity', 'list'], { limit: 1e9 }],
    ['a weight that is not finite', ['replay', 'setSpeed'], { speed: Number.POSITIVE_INFINITY }],
  ];

  for (const [title, path, input] of FORGED) {
    test(`with ${title} is refused with a code`, async ({ shared }) => {
      expect(await forge(shared, path, input)).toMatch(/^LATHE_(INPUT_INVALID|NOT_FOUND)$/);
    });
  }

  test('with prototype keys changes no prototype', async ({ shared }) => {
    const input = JSON.parse(
      '{"name":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    await forge(shared, ['models', 'get'], input);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((await shared.call((rpc) => rpc.workspace.hello())).app).toBe('lathe');
  });

  test('with 10 MB of input ends that connection at most', async ({ shared }) => {
    const instance = await shared.call(async (rpc) => (await rpc.workspace.hello()).instanceId);
    const huge = forge(shared, ['models', 'get'], { name: 'x'.repeat(10 * 1024 * 1024) });
    const outcome = await Promise.race([
      huge,
      new Promise((resolve) => setTimeout(resolve, 5_000, 'no answer')),
    ]);
    expect(outcome).not.toBe('answered');
    expect((await shared.call((rpc) => rpc.workspace.hello())).instanceId).toBe(instance);
  });
});

const authorized = (app: App): Record<string, string> =>
  app.token === null ? {} : { authorization: `Bearer ${app.token}` };
