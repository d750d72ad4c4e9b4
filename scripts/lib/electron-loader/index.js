// What `electron FOLDER` does, for a distribution that came without Electron's own default app: finds the folder
// on the command line, gives the app its name, version and path from the folder's package.json, and imports its
// main file. Copied into `resources/app/` of such a distribution; never part of a packaged app.

const { app } = require('electron');
const fs = require('node:fs');
const { Module } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { folder, preload } = parse(process.argv.slice(1));
Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
for (const file of preload) Module._load(path.resolve(file), module, false);
if (folder) load(path.resolve(folder));
else fail('no app folder on the command line');

/** The first argument that is not a switch is the app; `-r FILE` before it is loaded first. @param {string[]} argv */
function parse(argv) {
  const preload = [];
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at];
    if (argument === '--version' || argument === '-v') {
      process.stdout.write(`v${process.versions.electron}\n`);
      process.exit(0);
    }
    if (argument === '-r' || argument === '--require') preload.push(argv[++at]);
    else if (argument.startsWith('--app=')) return { folder: argument.slice('--app='.length), preload };
    else if (!argument.startsWith('-')) return { folder: argument, preload };
  }
  return { folder: undefined, preload };
}

/** @param {string} appFolder absolute */
function load(appFolder) {
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(appFolder, 'package.json'), 'utf8'));
    app.setVersion(manifest.version ?? '0.0.0');
    app.name = manifest.productName ?? manifest.name;
    app.setDesktopName?.(manifest.desktopName ?? `${app.name}.desktop`);
    app.setAppPath(appFolder);
    const entry = path.resolve(appFolder, manifest.main ?? 'index.js');
    import(pathToFileURL(entry).href).catch((error) => fail(error.stack ?? String(error)));
  } catch (error) {
    fail(error.stack ?? String(error));
  }
}

/** @param {string} why */
function fail(why) {
  process.stderr.write(`electron-loader: ${why}\n`);
  process.exit(1);
}
