#!/usr/bin/env node
// The `lathe` command from a checkout: sets up what is missing, then runs the built command line.

import path from 'node:path';
import { launch } from './lib/launch.mjs';
import { repoRoot } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { runMain } from './lib/say.mjs';

await runMain(async () => {
  const { node, env } = await prepare();
  return launch(node, [path.join(repoRoot, 'out', 'cli', 'lathe.js'), ...process.argv.slice(2)], { env });
});
