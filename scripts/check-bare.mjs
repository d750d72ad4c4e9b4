// `npm run check:bare`: proves that `npm test` and `npm start` do everything by themselves. As root on Linux it
// makes a bare Debian in a folder (debootstrap), with only git, Node and npm added, clones HEAD into it and runs
// both commands to the end: the tests in full, the browser UI without a display, the window with one.
//
//   --only test | --only start   one half        --keep   leaves the folder for a look

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRoot } from './lib/apt.mjs';
import { cloneInto, makeBareRoot, removeRoot, startInside } from './lib/bare/root.mjs';
import { ensureDisplay } from './lib/display.mjs';
import { repoRoot } from './lib/paths.mjs';
import { endTree } from './lib/processes.mjs';
import { outputOf, tail } from './lib/run.mjs';
import { runMain, SetupError, say } from './lib/say.mjs';

const TEST_LIMIT_MS = 40 * 60_000;
const START_LIMIT_MS = 10 * 60_000;
const LOGS = path.join(repoRoot, 'out', 'check-bare');
const INSIDE = '/root/lathe';
const CLOSING_LINE = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m;
const ADDRESS = /https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+\S*/;

/** Set when this script is being ended: nothing is started any more. */
let isEnding = false;
/** Children to end when this script is ended. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

await runMain(async () => {
  const { only, isKept } = parse(process.argv.slice(2));
  if (process.platform !== 'linux' || !isRoot()) throw notRoot();
  if (outputOf('git', ['-C', repoRoot, 'status', '--porcelain'])?.trim()) {
    say('note: there are uncommitted changes; what is checked is HEAD');
  }
  fs.mkdirSync(LOGS, { recursive: true });

  let root = '';
  /** @type {Promise<void> | undefined} */
  let cleaned;
  const cleanUp = () => {
    cleaned ??= endAndRemove();
    return cleaned;
  };
  const endAndRemove = async () => {
    isEnding = true;
    await Promise.all([...running].map((child) => endTree(child.pid ?? 0)));
    if (root && !isKept) removeRoot(root);
    if (root && isKept) say(`kept ${root}`);
  };
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(name, () => cleanUp().then(() => process.exit(130)));
  }
  try {
    root = await makeBareRoot();
    await cloneInto(root, repoRoot);
    const results = [];
    if (only !== 'start') results.push(await checkTest(root));
    if (only !== 'test') results.push(await checkBrowser(root), await checkWindow(root));
    return conclude(results);
  } finally {
    await cleanUp();
  }
});

/** @typedef {{name: string, ok: boolean, detail: string, seconds: number}} Result */

/** `npm test` in full. @param {string} root @returns {Promise<Result>} */
async function checkTest(root) {
  return timed('npm test', async () => {
    const { ended, output } = start(root, ['npm', 'test'], 'npm-test.log', { CI: 'true' });
    const code = await within(TEST_LIMIT_MS, ended);
    const closing = CLOSING_LINE.exec(output());
    return {
      ok: code === 0 && closing?.[2] === '0',
      detail: closing?.[0] ?? `no closing line, code ${code}`,
    };
  });
}

/** `npm start` without a display serves the UI. @param {string} root @returns {Promise<Result>} */
async function checkBrowser(root) {
  return timed('npm start, no display', async () => {
    const { child, ended, output } = start(root, ['npm', 'start'], 'npm-start-browser.log', {});
    const page = await within(
      START_LIMIT_MS,
      Promise.race([firstPage(output), ended.then((code) => `code ${code}`)]),
    );
    await endTree(child.pid ?? 0);
    const isApp = typeof page === 'string' && /<div id="root"|<title>Lathe/i.test(page);
    return { ok: isApp, detail: isApp ? 'the UI answers' : `no UI: ${tail(output(), 6)}` };
  });
}

/** `npm start` with a display opens the window; its smoke test writes a result and quits. @param {string} root @returns {Promise<Result>} */
async function checkWindow(root) {
  return timed('npm start, window', async () => {
    const display = await ensureDisplay();
    if (!display.display) return { ok: false, detail: display.problem ?? 'no display' };
    try {
      const command = ['npm', 'start', '--', '--smoke-test=/tmp/smoke.json'];
      const { ended, output } = start(root, command, 'npm-start-window.log', { DISPLAY: display.display });
      const code = await within(START_LIMIT_MS, ended);
      const file = path.join(root, 'tmp', 'smoke.json');
      const report = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
      const ok = code === 0 && report?.ok === true;
      return {
        ok,
        detail: ok ? `${report.checks.length} checks in the app hold` : `code ${code}: ${tail(output(), 6)}`,
      };
    } finally {
      display.stop();
    }
  });
}

/** The page at the address that the output names, once it answers. @param {() => string} output */
async function firstPage(output) {
  for (;;) {
    const address = ADDRESS.exec(output())?.[0];
    const answer = address ? await visit(address).catch(() => null) : null;
    if (answer?.ok) return answer.text();
    await sleep(250);
  }
}

/** Opens an address as a browser does: its token becomes a cookie, which the redirect wants back. @param {string} address */
async function visit(address) {
  const first = await fetch(address, { redirect: 'manual' });
  const next = first.headers.get('location');
  if (next === null) return first;
  const cookie = first.headers.getSetCookie().map((each) => each.split(';')[0]);
  return fetch(new URL(next, address), { headers: { cookie: cookie.join('; ') } });
}

/**
 * Starts a command in the clone; its output goes to this terminal and to a log.
 * @param {string} root
 * @param {string[]} command
 * @param {string} logName
 * @param {Record<string, string>} env
 */
function start(root, command, logName, env) {
  if (isEnding)
    throw new SetupError({ what: 'Ended.', why: 'A signal asked for it.', remedy: 'Run it again.' });
  const log = fs.createWriteStream(path.join(LOGS, logName));
  const child = startInside(root, command, { env, directory: INSIDE });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
      log.write(chunk);
      process.stdout.write(chunk);
    });
  }
  const ended = new Promise((/** @type {(code: number | null) => void} */ resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      log.end();
      resolve(code);
    });
  });
  return { child, ended, output: () => text };
}

/** What a promise gives, or null after a limit. @template T @param {number} limitMs @param {Promise<T>} promise */
async function within(limitMs, promise) {
  const limit = new AbortController();
  const tooLate = sleep(limitMs, null, { signal: limit.signal }).catch(() => null);
  const first = await Promise.race([promise, tooLate]);
  limit.abort();
  return first;
}

/** @param {string} name @param {() => Promise<{ok: boolean, detail: string}>} action @returns {Promise<Result>} */
async function timed(name, action) {
  say(`── ${name} on the bare machine ──`);
  const started = performance.now();
  const { ok, detail } = await action();
  return { name, ok, detail, seconds: (performance.now() - started) / 1000 };
}

/** @param {Result[]} results */
function conclude(results) {
  console.log('\nOn a bare Debian with only git, Node and npm:');
  for (const { name, ok, detail, seconds } of results) {
    console.log(
      `  ${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(24)} ${seconds.toFixed(0).padStart(5)} s  ${detail}`,
    );
  }
  return results.every((result) => result.ok) ? 0 : 1;
}

/** @param {string[]} argv */
function parse(argv) {
  const at = argv.indexOf('--only');
  return { only: at < 0 ? null : argv[at + 1], isKept: argv.includes('--keep') };
}

function notRoot() {
  return new SetupError({
    what: 'check:bare needs root on Linux.',
    why: 'It makes a Debian in a folder and enters it with chroot.',
    remedy: 'sudo npm run check:bare',
  });
}
