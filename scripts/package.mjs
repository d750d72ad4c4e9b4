// `npm run package`: a runnable app in dist/, from out/ and the Electron distribution of the set-up.
//
//   npm run package                   Linux: the folder and a .tar.gz; macOS, Windows: what electron-builder.yml lists
//   npm run package -- --dir          only the folder
//   npm run package -- deb AppImage   these formats; electron-builder downloads the tools for them

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureElectron } from './lib/electron.mjs';
import { MARKER } from './lib/electron-carrier.mjs';
import { packagedApp } from './lib/packaged.mjs';
import { repoRoot } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { run } from './lib/run.mjs';
import { runMain, SetupError, say } from './lib/say.mjs';

const PLATFORM_FLAG = { linux: '--linux', darwin: '--mac', win32: '--win' }[process.platform] ?? '--linux';
const DEVELOPMENT = 'development-build';
/** Left out of a packaged app: how an unpackaged Electron finds its app, and where the distribution is from. */
const NOT_PACKAGED = new Set(['resources/app', 'resources/default_app.asar', 'version', MARKER]);

await runMain(async () => {
  const given = process.argv.slice(2);
  const isFolderOnly = given.includes('--dir');
  const formats = given.filter((argument) => !argument.startsWith('-'));

  const { node, env } = await prepare();
  const distribution = await ensureElectron({ node, env });
  if (distribution === null) throw noElectron();
  const isDevelopment = distribution.source === 'npm-carrier';
  if (isDevelopment) checkCarrierIsAskedFor(env);

  const staged = stageDistribution(distribution.folder);
  try {
    await build(node, env, { formats, isFolderOnly, isDevelopment, staged });
  } finally {
    fs.rmSync(staged, { recursive: true, force: true });
  }
  const { folder } = packagedApp();
  if (isDevelopment) markDevelopment(folder);
  if (process.platform === 'linux' && formats.length === 0 && !isFolderOnly)
    await archive(folder, isDevelopment);
  say('packaged into dist/');
  if (isDevelopment) shoutDevelopment();
});

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {{formats: string[], isFolderOnly: boolean, isDevelopment: boolean, staged: string}} options
 */
async function build(node, env, { formats, isFolderOnly, isDevelopment, staged }) {
  const isPlainLinux = process.platform === 'linux' && formats.length === 0;
  const targets = isFolderOnly || isPlainLinux ? ['dir'] : formats;
  const name = isDevelopment
    ? [`-c.artifactName=\${name}-\${version}-\${os}-\${arch}-${DEVELOPMENT}.\${ext}`]
    : [];
  const args = [PLATFORM_FLAG, ...targets, `-c.electronDist=${staged}`, ...name, '--publish', 'never'];
  const builder = fileURLToPath(import.meta.resolve('electron-builder/cli.js'));
  const { code } = await run(node, [builder, ...args], { cwd: repoRoot, env });
  if (code === 0) return;
  throw new SetupError({
    what: 'electron-builder failed.',
    why: `It ended with ${code}; its messages are above. Formats other than the folder need tools that it downloads.`,
    remedy: 'npm run package, without a format, needs nothing from the network but Electron itself.',
  });
}

/**
 * A copy of the distribution without what must not be in a packaged app. electron-builder removes Electron's
 * default app only from what it downloaded itself.
 * @param {string} distribution
 */
function stageDistribution(distribution) {
  const staged = path.join(repoRoot, 'dist', `.electron-${process.pid}`);
  fs.cpSync(distribution, staged, {
    recursive: true,
    verbatimSymlinks: true,
    mode: fs.constants.COPYFILE_FICLONE,
    filter: (source) => !NOT_PACKAGED.has(path.relative(distribution, source).split(path.sep).join('/')),
  });
  const macDefaultApp = path.join(staged, 'Electron.app', 'Contents', 'Resources', 'default_app.asar');
  fs.rmSync(macDefaultApp, { force: true });
  return staged;
}

/** The system's tar: electron-builder's own tar.gz wants a downloaded 7-Zip. @param {string} folder @param {boolean} isDevelopment */
async function archive(folder, isDevelopment) {
  const { name, version } = JSON.parse(fs.readFileSync(path.join(repoRoot, 'package.json'), 'utf8'));
  const base = `${name}-${version}-linux-${process.arch}${isDevelopment ? `-${DEVELOPMENT}` : ''}`;
  const file = path.join(repoRoot, 'dist', `${base}.tar.gz`);
  const rename = `--transform=s,^${path.basename(folder)},${base},`;
  const args = [
    '-czf',
    file,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    rename,
    '-C',
    path.dirname(folder),
  ];
  const { code } = await run('tar', [...args, path.basename(folder)]);
  if (code !== 0) {
    throw new SetupError({
      what: `${file} could not be written.`,
      why: `tar ended with ${code}.`,
      remedy: 'Free disk space.',
    });
  }
  say(`wrote ${path.relative(repoRoot, file)} (${Math.round(fs.statSync(file).size / 1e6)} MB)`);
}

/** @param {NodeJS.ProcessEnv} env */
function checkCarrierIsAskedFor(env) {
  if (env.LATHE_ELECTRON_NPM) return;
  throw new SetupError({
    what: 'This Electron distribution came out of an npm carrier; no app is made from it unasked.',
    why: 'Carriers are for development and CI. An app for others is made from Electron’s own release.',
    remedy: 'Unset ELECTRON_OVERRIDE_DIST_PATH, or set LATHE_ELECTRON_NPM for a development build.',
  });
}

/** @param {string} folder */
function markDevelopment(folder) {
  const text =
    'A development build. Its Electron did not come from electronjs.org releases. Not for distribution.\n';
  fs.writeFileSync(path.join(folder, 'DEVELOPMENT-BUILD.txt'), text);
}

function shoutDevelopment() {
  const line = 'DEVELOPMENT BUILD, NOT FOR DISTRIBUTION: its Electron came from an npm carrier';
  say('='.repeat(line.length));
  say(line);
  say('='.repeat(line.length));
}

function noElectron() {
  return new SetupError({
    what: 'There is no Electron to package.',
    why: 'It could not be downloaded; the lines above say why.',
    remedy: 'One of the lines above, with `npm run package`.',
  });
}
