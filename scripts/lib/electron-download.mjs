// Downloads an Electron release and unpacks it: `node electron-download.mjs VERSION FOLDER`. A process of its own
// because @electron/get needs a newer Node than the scripts around it. Gives up when nothing arrives for 20 s.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { repoRoot } from './paths.mjs';

const SILENCE_MS = 20_000;

const [version, folder] = process.argv.slice(2);
const require = createRequire(path.join(repoRoot, 'node_modules', 'electron', 'package.json'));
const { downloadArtifact } = await importFrom('@electron/get');
const { extract } = await importFrom('@electron-internal/extract-zip');

const controller = new AbortController();
let silence = startTimer();
try {
  const archive = await downloadArtifact({
    version,
    artifactName: 'electron',
    platform: process.platform,
    arch: process.arch,
    checksums: require('./checksums.json'),
    downloadOptions: {
      signal: controller.signal,
      getProgressCallback: async () => restartTimer(),
      quiet: true,
    },
  });
  clearTimeout(silence);
  fs.mkdirSync(folder, { recursive: true });
  await extract(archive, { dir: folder });
} catch (error) {
  const cause = error?.cause?.code ?? error?.cause?.message;
  process.stderr.write(`${error.message}${cause ? ` (${cause})` : ''}\n`);
  process.exit(1);
}

/** @param {string} name */
function importFrom(name) {
  return import(pathToFileURL(require.resolve(name)).href);
}

function startTimer() {
  return setTimeout(
    () => controller.abort(new Error(`nothing arrived for ${SILENCE_MS / 1000} s`)),
    SILENCE_MS,
  );
}

function restartTimer() {
  clearTimeout(silence);
  silence = startTimer();
}
