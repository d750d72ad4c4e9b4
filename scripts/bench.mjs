// `npm run bench -- NAME`: runs bench/NAME.ts under the pinned Node; without a name it lists them, `all` runs all.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { repoRoot } from './lib/paths.mjs';
import { prepare } from './lib/prepare.mjs';
import { runMain, SetupError, say } from './lib/say.mjs';

await runMain(async () => {
  const folder = path.join(repoRoot, 'bench');
  const names = fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.basename(file, '.ts'));
  const [asked, ...options] = process.argv.slice(2);
  if (!asked) {
    console.log(`npm run bench -- NAME, with NAME one of: ${names.join(', ')}, all`);
    return 0;
  }
  if (asked !== 'all' && !names.includes(asked)) {
    throw new SetupError({
      what: `There is no benchmark named ${asked}.`,
      why: `bench/ has ${names.join(', ')}.`,
      remedy: 'npm run bench -- all',
    });
  }
  const { node, env } = await prepare();
  const display = await provideWindow(node, env);
  let failed = 0;
  for (const name of asked === 'all' ? names : [asked]) {
    const result = spawnSync(node, [path.join(folder, `${name}.ts`), ...options], {
      cwd: repoRoot,
      env,
      stdio: 'inherit',
    });
    if (result.status !== 0) failed += 1;
  }
  display.stop();
  return failed === 0 ? 0 : 1;
});

/** Electron and a display for the benches that open windows; each says so itself where it has none. */
async function provideWindow(/** @type {string} */ node, /** @type {NodeJS.ProcessEnv} */ env) {
  const electron = await ensureElectron({ node, env });
  if (electron) {
    env.LATHE_ELECTRON = electron.executable;
    env.ELECTRON_OVERRIDE_DIST_PATH = electron.folder;
  }
  const display = await ensureDisplay(env);
  if (display.display) env.DISPLAY = display.display;
  if (display.problem) say(display.problem);
  return display;
}
