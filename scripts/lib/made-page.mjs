// Pages of docs/ that are made from the contract.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { repoRoot } from './paths.mjs';

/**
 * Writes `docs/NAME`; with `--check` among the arguments, fails when it is not what would be written.
 * @param {string} script `import.meta.url` of the script that makes it
 * @param {string} name
 * @param {string} page
 */
export function writeOrCheck(script, name, page) {
  const file = path.join(repoRoot, 'docs', name);
  if (!process.argv.includes('--check')) return fs.writeFileSync(file, page);
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === page) return;
  console.error(
    `docs/${name} is not up to date: run \`node scripts/${path.basename(fileURLToPath(script))}\``,
  );
  process.exitCode = 1;
}
