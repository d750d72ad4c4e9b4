// `node scripts/complete-lock.mjs`: after `npm install` against a registry that serves only some platforms, adds the
// optional packages of the others to package-lock.json, without which `npm ci` refuses it (scripts/lib/lock.mjs).

import fs from 'node:fs';
import path from 'node:path';
import { completed, missingOptionals } from './lib/lock.mjs';
import { repoRoot } from './lib/paths.mjs';
import { runMain, say } from './lib/say.mjs';

await runMain(async () => {
  const file = path.join(repoRoot, 'package-lock.json');
  const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
  const count = Object.keys(missingOptionals(lock.packages)).length;
  lock.packages = completed(lock.packages);
  if (count > 0) fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  say(count > 0 ? `added ${count} optional packages to package-lock.json` : 'package-lock.json is complete');
});
