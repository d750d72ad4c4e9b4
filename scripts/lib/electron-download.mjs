// Downloads an Electron release and unpacks it: `node electron-download.mjs VERSION FOLDER`. A process of its own
// because @electron/get needs a newer Node than the scripts around it. Gives up when nothing arrives for 20 s.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { downloadArtifact } from '@electron/get';

const SILENCE_MS = 20_000;
const UNZIPPER = '@electron-internal/extract-zip';

const [version, folder] = process.argv.slice(2);
// The `electron` package lists the hashes of its releases and brings the unzipper, a dependency of its own.
const require = createRequire(import.meta.resolve('electron/package.json'));
const { extract } = await import(pathToFileURL(require.resolve(UNZIPPER)).href);

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
